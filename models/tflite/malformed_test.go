package tflite

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestParseMalformed reads models that are wrong in one way each, and finds the kind of
// refusal that testdata/malformed/cases.json wants.
func TestParseMalformed(t *testing.T) {
	dir := testdata + "/malformed"
	text, err := os.ReadFile(filepath.Join(dir, "cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ File, Want string }
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(strings.TrimSuffix(c.File, ".tflite"), func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(dir, c.File))
			if err != nil {
				t.Fatal(err)
			}
			m, err := Parse(data)
			t.Log(err)
			switch c.Want {
			case "malformed":
				if !errors.Is(err, ErrMalformed) {
					t.Errorf("%v, want %v", err, ErrMalformed)
				}
			case "unsupported":
				if !errors.Is(err, ErrUnsupported) {
					t.Errorf("%v, want %v", err, ErrUnsupported)
				}
			case "any":
				if err != nil {
					t.Errorf("%v, and only binding can tell", err)
				}
			}
			var e *Error
			if (err == nil) != (m != nil) || err != nil && !errors.As(err, &e) {
				t.Errorf("model %v, error %v", m, err)
			}
		})
	}
}

// TestParseConformanceMalformed reads the broken copies beside the project: each is
// refused with a kind and a place, or has something wrong that only binding can see.
func TestParseConformanceMalformed(t *testing.T) {
	files := models(t, conformance+"/malformed")
	refused := 0
	for _, p := range files {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Parse(data)
		if err == nil {
			if err := consistent(m); err != nil {
				t.Errorf("%s: %v", p, err)
			}
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

// TestParseEveryByte changes each byte of one model of each operator, and cuts it there:
// what still parses is consistent, and nothing panics.
func TestParseEveryByte(t *testing.T) {
	last := ""
	for _, p := range models(t, testdata+"/ops") {
		if filepath.Dir(p) == last {
			continue
		}
		last = filepath.Dir(p)
		good, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		bad := make([]byte, len(good))
		for i := range good {
			for _, x := range []byte{0x01, 0x80, 0xff} {
				copy(bad, good)
				bad[i] ^= x
				try(t, bad)
			}
			try(t, good[:i])
		}
	}
}

// try parses bytes that may be anything.
func try(t *testing.T, data []byte) {
	t.Helper()
	m, err := Parse(data)
	if err != nil {
		var e *Error
		if !errors.As(err, &e) || e.Off < 0 || e.Off > len(data) ||
			!errors.Is(err, ErrMalformed) && !errors.Is(err, ErrUnsupported) {
			t.Fatalf("%v is no *Error of a kind", err)
		}
		return
	}
	if err := consistent(m); err != nil {
		t.Fatal(err)
	}
}
