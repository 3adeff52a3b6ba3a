package tflite

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// conformance is the folder of models beside the project's; a clone may lack it.
const conformance = "../../../shared/conformance"

// models lists the .tflite files of a folder.
func models(t testing.TB, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(p string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(p, ".tflite") {
			files = append(files, p)
		}
		return err
	})
	if err != nil {
		t.Skipf("no models to read: %v", err)
	}
	return files
}

// TestParseConformance reads every real and generated model.
func TestParseConformance(t *testing.T) {
	for _, dir := range []string{"real", "ops", "workshop"} {
		t.Run(dir, func(t *testing.T) {
			files := models(t, filepath.Join(conformance, dir))
			for _, p := range files {
				data, err := os.ReadFile(p)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := Parse(data); err != nil {
					t.Errorf("%s: %v", p, err)
				}
			}
			t.Logf("%d models", len(files))
		})
	}
}
