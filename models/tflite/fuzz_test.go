package tflite

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzParse reads any bytes: no panic, an *Error of a kind or a consistent model, and no
// more memory than the file's size allows.
func FuzzParse(f *testing.F) {
	last := ""
	for _, p := range models(f, testdata) {
		data, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		// Of an operator's models the first serves; of the broken ones all.
		if dir := filepath.Dir(p); dir == last && filepath.Base(dir) != "malformed" {
			continue
		}
		last = filepath.Dir(p)
		f.Add(data)
	}
	for _, name := range []string{"set", "unset"} {
		data, err := os.ReadFile(filepath.Join("testdata", name+".tflite"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	broken, _ := filepath.Glob(conformance + "/malformed/*.tflite")
	for _, p := range broken {
		if data, err := os.ReadFile(p); err == nil && len(data) < 1<<14 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		took := allocated(func() { try(t, data) })
		// consistent takes memory too, within the reader's own.
		if most := uint64(2*bound(len(data))) + 1<<16; took > most {
			t.Errorf("%d bytes took %d, want at most %d", len(data), took, most)
		}
	})
}
