package tflite

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestParseMalformed reads broken copies of models: each is refused with a place and a
// kind, or has something wrong that only binding can see.
func TestParseMalformed(t *testing.T) {
	refused := 0
	files := models(t, filepath.Join(conformance, "malformed"))
	for _, p := range files {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Parse(data)
		t.Logf("%s: %v", filepath.Base(p), err)
		if err == nil {
			continue
		}
		refused++
		var e *Error
		if !errors.As(err, &e) || !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: %v is no *Error of a kind", p, err)
		}
	}
	t.Logf("%d of %d refused", refused, len(files))
}
