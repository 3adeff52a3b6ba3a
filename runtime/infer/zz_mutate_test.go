package infer_test

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"testing"

	"kinglet/models/graph"
	"kinglet/models/tflite"
	"kinglet/runtime/infer"
)

func TestZZMutate(t *testing.T) {
	if os.Getenv("ZZM") == "" {
		t.Skip()
	}
	var models [][]byte
	for _, d := range []string{testdata + "/ops", "/tmp/fuzz/a", "/tmp/fuzz/b"} {
		for _, p := range answered(t, d) {
			b, _ := os.ReadFile(p)
			models = append(models, b)
		}
	}
	r := rand.New(rand.NewPCG(uint64(os.Getpid()), 2))
	ok, bad := 0, 0
	weird := []int{-1, 0, 1, 2, 3, 7, 1 << 20, 1<<27 - 1, 1 << 27, 1 << 31, -1 << 31, math.MaxInt64, 128, 255, 256}
	for n := 0; n < 12000000; n++ {
		m, err := tflite.Parse(models[r.IntN(len(models))])
		if err != nil {
			t.Fatal(err)
		}
		g := &m.Subgraphs[0]
		for k := 0; k <= r.IntN(3); k++ {
			ti := &g.Tensors[r.IntN(len(g.Tensors))]
			op := &g.Operators[r.IntN(len(g.Operators))]
			switch r.IntN(12) {
			case 0:
				if len(ti.Shape) > 0 {
					ti.Shape = append([]int{}, ti.Shape...)
					ti.Shape[r.IntN(len(ti.Shape))] = weird[r.IntN(8)]
				}
			case 1:
				ti.Shape = append(append([]int{}, ti.Shape...), 1+r.IntN(3))
			case 2:
				ti.Type = graph.Type(r.IntN(20))
			case 3:
				ti.Quant.Scale = []float32{[]float32{0, -1, float32(math.NaN()), float32(math.Inf(1)), 1e-45, 3e38, 1e-30, 1, 1e-6, 1e6, 1e10}[r.IntN(11)]}
				ti.Quant.ZeroPoint = []int64{0}
			case 4:
				ti.Quant.ZeroPoint = []int64{int64(weird[r.IntN(len(weird))])}
			case 5:
				ti.Quant = graph.Quantization{}
			case 6:
				if ti.Data != nil {
					d := append([]byte{}, ti.Data...)
					for range 1 + r.IntN(4) {
						if len(d) > 0 {
							d[r.IntN(len(d))] = byte(r.IntN(256))
						}
					}
					ti.Data = d
				}
			case 7:
				if op.Options != nil {
					v := reflect.ValueOf(op.Options).Elem()
					if v.NumField() > 0 {
						f := v.Field(r.IntN(v.NumField()))
						if f.CanSet() {
							switch f.Kind() {
							case reflect.Int32, reflect.Int8:
								f.SetInt(int64(weird[r.IntN(len(weird))]))
							case reflect.Bool:
								f.SetBool(!f.Bool())
							case reflect.Float32:
								f.SetFloat([]float64{0, -1, math.NaN(), math.Inf(1), 1e-40, 1e30}[r.IntN(6)])
							case reflect.Slice:
								if f.Len() > 0 {
									f.Index(r.IntN(f.Len())).SetInt(int64(weird[r.IntN(len(weird))]))
								}
							}
						}
					}
				}
			case 8:
				if len(op.Inputs) > 0 {
					op.Inputs = append([]int{}, op.Inputs...)
					op.Inputs[r.IntN(len(op.Inputs))] = r.IntN(len(g.Tensors)+1) - 1
				}
			case 9:
				if r.IntN(2) == 0 && len(op.Inputs) > 0 {
					op.Inputs = op.Inputs[:len(op.Inputs)-1]
				} else {
					op.Inputs = append(append([]int{}, op.Inputs...), r.IntN(len(g.Tensors)))
				}
			case 10:
				op.Outputs = append(append([]int{}, op.Outputs...), r.IntN(len(g.Tensors)))
			case 11:
				op.Options = nil
			}
		}
		for i := range g.Tensors {
			ti := &g.Tensors[i]
			if n, err := graph.Elements(ti.Shape); err == nil && ti.Data != nil {
				want := ti.Type.Bytes(n)
				if want > 1<<20 {
					ti.Data = nil
					continue
				}
				d := make([]byte, want)
				copy(d, ti.Data)
				ti.Data = d
			} else {
				ti.Data = nil
			}
		}
		s, err := infer.Open(m, infer.Options{MaxMemory: 1 << 20})
		if err != nil {
			bad++
			continue
		}
		ok++
		for _, in := range s.Inputs() {
			if in.Type == graph.Float32 {
				d := infer.Data[float32](in)
				for i := range d {
					d[i] = float32(r.NormFloat64() * 100)
				}
			} else if in.Type == graph.Int8 {
				d := infer.Data[int8](in)
				for i := range d {
					d[i] = int8(r.IntN(256))
				}
			} else if in.Type == graph.Int16 {
				d := infer.Data[int16](in)
				for i := range d {
					d[i] = int16(r.IntN(65536))
				}
			} else if in.Type == graph.Int32 {
				d := infer.Data[int32](in)
				for i := range d {
					d[i] = int32(r.Uint32())
				}
			}
		}
		_ = s.Run(context.Background())
	}
	t.Log(ok, bad)
}
