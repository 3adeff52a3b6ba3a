package ops_test

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"kinglet/models/graph"
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

// change makes one change to a subgraph and names it.
func change(r *rand.Rand, g *graph.Subgraph) string {
	t := &g.Tensors[r.IntN(len(g.Tensors))]
	op := &g.Operators[r.IntN(len(g.Operators))]
	resize := func() {
		if n, err := graph.Elements(t.Shape); t.Data != nil {
			if err != nil || n > 1<<22 {
				t.Data = nil
			} else {
				t.Data = make([]byte, t.Type.Bytes(n))
			}
		}
	}
	numbers := []int{0, 1, 2, 3, 7, 64, 1 << 15, 1 << 27, -1}
	switch r.IntN(8) {
	case 0:
		if len(t.Shape) > 0 {
			t.Shape[r.IntN(len(t.Shape))] = numbers[r.IntN(len(numbers)-1)]
		}
		resize()
		return "dimension"
	case 1:
		t.Shape = t.Shape[:r.IntN(len(t.Shape)+1)]
		resize()
		return "rank"
	case 2:
		t.Type = []graph.Type{graph.Float32, graph.Int8, graph.UInt8, graph.Int16, graph.Int32, graph.Int64, graph.Int4}[r.IntN(7)]
		resize()
		return "type"
	case 3:
		if len(t.Quant.Scale) > 0 {
			t.Quant.Scale[0] = []float32{0, -1, float32(math.NaN()), float32(math.Inf(1)), 1e-38, 1e38, 1e-3}[r.IntN(7)]
		}
		return "scale"
	case 4:
		if len(t.Quant.ZeroPoint) > 0 {
			t.Quant.ZeroPoint[0] = []int64{1, -128, 255, 1 << 40, math.MinInt64}[r.IntN(5)]
		}
		t.Quant.Dim = r.IntN(5)
		return "zero point"
	case 5:
		t.Data, t.Variable = nil, r.IntN(2) == 0
		return "constant"
	case 6:
		i := r.IntN(len(op.Inputs))
		op.Inputs[i] = r.IntN(len(g.Tensors)+1) - 1
		return "input"
	}
	v := reflect.ValueOf(op.Options)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().NumField() == 0 {
		op.Options = nil
		return "options"
	}
	switch f := v.Elem().Field(r.IntN(v.Elem().NumField())); f.Kind() {
	case reflect.Int32, reflect.Int8:
		n := int64([]int32{0, 1, 2, 5, 100, 1 << 20, math.MaxInt32, -1, math.MinInt32}[r.IntN(9)])
		if f.CanSet() && !f.OverflowInt(n) {
			f.SetInt(n)
		}
	case reflect.Bool:
		f.SetBool(!f.Bool())
	case reflect.Float32:
		f.SetFloat([]float64{-1, math.NaN(), math.Inf(1), 1e-30}[r.IntN(4)])
	}
	return "option"
}
