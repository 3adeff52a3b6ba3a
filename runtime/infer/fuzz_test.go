package infer_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kinglet/models/tflite"
	"kinglet/runtime/infer"
)

// FuzzOpenRun lets any bytes that parse be bound and, when they bind, run: it may refuse,
// it may not panic.
func FuzzOpenRun(f *testing.F) {
	for _, dir := range []string{testdata + "/ops", testdata + "/malformed", conformance + "/malformed"} {
		_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".tflite" {
				return nil // a corpus that is not there seeds nothing
			}
			if b, err := os.ReadFile(path); err == nil && len(b) < 16<<10 {
				f.Add(b)
			}
			return nil
		})
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := tflite.Parse(b)
		if err != nil {
			return
		}
		s, err := infer.Open(m, infer.Options{MaxMemory: 4 << 20})
		if err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_ = s.Run(ctx)
		s.Reset()
		_ = s.Run(ctx)
	})
}
