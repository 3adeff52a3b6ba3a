package infer_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kinglet/models/eval"
	"kinglet/models/graph"
	"kinglet/models/npz"
	"kinglet/models/tflite"
	"kinglet/runtime/infer"
)

const (
	testdata    = "../../testdata"
	conformance = "../../../shared/conformance"
)

// large is the size in bytes of a model that takes minutes on an emulated processor.
const large = 256 << 10

// answered returns the models below dir that have answers beside them.
func answered(t testing.TB, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".tflite") {
			if _, err := os.Stat(strings.TrimSuffix(path, ".tflite") + ".npz"); err == nil {
				files = append(files, path)
			}
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not there", dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("%s: no model with answers", dir)
	}
	return files
}

func read(t testing.TB, path string) (*graph.Model, []eval.Case) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := tflite.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	f, err := npz.Open(strings.TrimSuffix(path, ".tflite") + ".npz")
	if err != nil {
		t.Fatal(err)
	}
	list, err := eval.ReadCases(f)
	if err != nil || len(list) == 0 {
		t.Fatalf("%d cases, %v", len(list), err)
	}
	return m, list
}

// judge runs every case on s and compares: integers in every bit, floats within 1e-5 of
// the tensor's largest answer or of 1.
func judge(t *testing.T, s *infer.Session, list []eval.Case) {
	t.Helper()
	for n := range list {
		run(t, s, &list[n])
		got := s.Results()
		if len(got) != len(list[n].Out) {
			t.Fatalf("case %d: %d outputs, want %d", n, len(got), len(list[n].Out))
		}
		for i := range got {
			d, err := eval.Diff(got[i], list[n].Out[i])
			if err != nil {
				t.Fatalf("case %d, output %d: %v", n, i, err)
			}
			switch got[i].Type {
			case graph.Float32, graph.Float64, graph.Complex64:
				if d.Max > 1e-5*max(1, d.Scale) {
					t.Errorf("case %d, output %d: differs by %g of %g", n, i, d.Max, d.Scale)
				}
			default:
				if !d.Exact {
					t.Errorf("case %d, output %d: differs by %g", n, i, d.Max)
				}
			}
		}
	}
}

func run(t testing.TB, s *infer.Session, c *eval.Case) {
	t.Helper()
	if err := s.Feed(c.In); err != nil {
		t.Fatal(err)
	}
	s.Reset()
	if err := s.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestTestdata runs the models that this repository carries. All of them are built.
func TestTestdata(t *testing.T) {
	for _, path := range answered(t, filepath.Join(testdata, "ops")) {
		t.Run(strings.TrimPrefix(path, testdata+"/ops/"), func(t *testing.T) {
			m, list := read(t, path)
			s, err := infer.Open(m, infer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			judge(t, s, list)
			n := testing.AllocsPerRun(3, func() {
				if err := s.Run(context.Background()); err != nil {
					t.Fatal(err)
				}
			})
			if n != 0 {
				t.Errorf("%v allocations a run, want none", n)
			}
		})
	}
}

// TestConformance runs the shared corpus where it is present. An operator that is not
// built is passed over, by name.
func TestConformance(t *testing.T) {
	for _, dir := range []string{"real", "ops"} {
		t.Run(dir, func(t *testing.T) {
			missing := map[string]int{}
			for _, path := range answered(t, filepath.Join(conformance, dir)) {
				t.Run(strings.TrimPrefix(path, conformance+"/"), func(t *testing.T) {
					if info, err := os.Stat(path); err == nil && info.Size() > large && testing.Short() {
						t.Skip("a large network, and -short")
					}
					m, list := read(t, path)
					s, err := infer.Open(m, infer.Options{})
					if errors.Is(err, infer.ErrUnsupported) && dir == "ops" {
						missing[filepath.Base(filepath.Dir(path))]++
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					judge(t, s, list)
				})
			}
			if len(missing) > 0 {
				t.Logf("operators and modes that are not built, and their models: %v", missing)
			}
		})
	}
}

// TestObserveChangesNothing compares a session that shows every tensor, unfused, with a plain one.
func TestObserveChangesNothing(t *testing.T) {
	files := answered(t, testdata)
	if _, err := os.Stat(conformance); err == nil && !testing.Short() {
		files = append(files, answered(t, filepath.Join(conformance, "real"))...)
	}
	for _, path := range files {
		t.Run(strings.TrimPrefix(path, testdata+"/"), func(t *testing.T) {
			m, list := read(t, path)
			plain, err := infer.Open(m, infer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			seen := map[int]bool{}
			shown, err := infer.Open(m, infer.Options{Observe: func(i int, x infer.Tensor) { seen[i] = len(x.Bytes()) >= 0 }})
			if err != nil {
				t.Fatal(err)
			}
			run(t, plain, &list[0])
			run(t, shown, &list[0])
			if err := eval.Equal(shown.Results(), plain.Results()); err != nil {
				t.Error(err)
			}
			for _, op := range m.Subgraphs[0].Operators {
				for _, o := range op.Outputs {
					if !seen[o] {
						t.Errorf("tensor %d was not shown", o)
					}
				}
			}
		})
	}
}

// TestRunsRepeat runs a case twice with another between: nothing may stay behind.
func TestRunsRepeat(t *testing.T) {
	for _, path := range answered(t, testdata) {
		m, list := read(t, path)
		if len(list) < 2 || !slices.EqualFunc(list[0].In, list[1].In, func(a, b npz.Array) bool { return slices.Equal(a.Shape, b.Shape) }) {
			continue
		}
		s, err := infer.Open(m, infer.Options{})
		if err != nil {
			t.Fatal(path, err)
		}
		run(t, s, &list[0])
		first := s.Results()
		run(t, s, &list[1])
		run(t, s, &list[0])
		if err := eval.Equal(s.Results(), first); err != nil {
			t.Errorf("%s: the first case again: %v", path, err)
		}
	}
}

// TestConstantsAreComputedOnce holds half-precision weights to be widened at Open alone.
func TestConstantsAreComputedOnce(t *testing.T) {
	seen := 0
	for _, path := range answered(t, filepath.Join(testdata, "ops")) {
		if !strings.HasSuffix(path, ".fp16.tflite") {
			continue
		}
		seen++
		m, _ := read(t, path)
		s, err := infer.Open(m, infer.Options{})
		if err != nil {
			t.Fatal(path, err)
		}
		for _, p := range s.Plan() {
			if p.Op == "DEQUANTIZE" {
				t.Errorf("%s: operator %d runs each time", path, p.Index)
			}
		}
		if _, err := infer.Open(m, infer.Options{MaxMemory: 16}); !errors.Is(err, infer.ErrMemory) {
			t.Errorf("%s: error %v in 16 bytes, want ErrMemory", path, err)
		}
	}
	if seen == 0 {
		t.Fatal("no model with half-precision weights")
	}
}
