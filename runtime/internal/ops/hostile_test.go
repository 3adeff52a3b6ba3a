package ops_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"kinglet/models/tflite"
	"kinglet/runtime/infer"
)

// TestOperatorsSurviveChangedModels changes every model of testdata at random: each is
// refused or runs, and none panics.
func TestOperatorsSurviveChangedModels(t *testing.T) {
	files, _ := filepath.Glob("../../../testdata/ops/*/*.tflite")
	if len(files) == 0 {
		t.Fatal("no models")
	}
	r := rand.New(rand.NewPCG(7, 8))
	rounds := 40
	if testing.Short() {
		rounds = 4
	}
	ran, refused := 0, 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for range rounds {
			m, err := tflite.Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			var done []string
			for range 1 + r.IntN(3) {
				done = append(done, change(r, &m.Subgraphs[0]))
			}
			func() {
				defer func() {
					if p := recover(); p != nil {
						t.Errorf("%s with %q: panic: %v", f, done, p)
					}
				}()
				s, err := infer.Open(m, infer.Options{MaxMemory: 1 << 20})
				if err != nil {
					refused++
					return
				}
				if err := s.Run(context.Background()); err == nil {
					ran++
				}
			}()
		}
	}
	t.Logf("%d ran, %d were refused", ran, refused)
}
