package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// said is what a person sees of a file's problems.
func said(problems []Problem) string {
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(p.String() + "\n")
	}
	return b.String()
}

// TestBadFiles compares what is said of each file in testdata/bad, warnings too, with the
// text beside it. KINGLET_WRITE=1 writes the texts anew, for a person to read.
func TestBadFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 80 {
		t.Fatalf("%d files, %v; want at least 80", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			f := Parse("agent.yaml", data)
			got, beside := said(f.Problems), strings.TrimSuffix(file, ".yaml")+".txt"
			if os.Getenv("KINGLET_WRITE") != "" {
				if err := os.WriteFile(beside, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(beside)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if len(f.Problems) == 0 {
				t.Error("nothing is said")
			}
			for _, p := range f.Problems {
				if c := p.Message[0]; p.Level == Wrong && f.Config != nil || 'A' <= c && c <= 'Z' {
					t.Errorf("%+v: want lower case, and no configuration beside an error", p)
				}
			}
		})
	}
}
