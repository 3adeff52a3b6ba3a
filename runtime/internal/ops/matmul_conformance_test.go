package ops_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kinglet/models/graph"
	"kinglet/models/npz"
	"kinglet/models/tflite"
	"kinglet/runtime/infer"
)

// TestMatmulConformance runs the models of LiteRT's corpus that hold convolutions and
// their kin, and models of our own making where KINGLET_MODELS names a folder of them.
func TestMatmulConformance(t *testing.T) {
	root := "../../../../shared/conformance"
	if _, err := os.Stat(root); err != nil {
		t.Skip("no conformance corpus beside the repository")
	}
	var files []string
	for _, op := range []string{"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV", "UNIDIRECTIONAL_SEQUENCE_LSTM"} {
		m, _ := filepath.Glob(filepath.Join(root, "ops", op, "*.tflite"))
		files = append(files, m...)
	}
	m, _ := filepath.Glob(filepath.Join(root, "real", "*", "model.tflite"))
	files = append(files, m...)
	if dir := os.Getenv("KINGLET_MODELS"); dir != "" {
		m, _ := filepath.Glob(filepath.Join(dir, "*.tflite"))
		files = append(files, m...)
	}
	for _, f := range files {
		t.Run(strings.TrimPrefix(f, root+"/"), func(t *testing.T) { runModel(t, f) })
	}
}

func runModel(t *testing.T, path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := npz.Open(strings.TrimSuffix(path, ".tflite") + ".npz")
	if err != nil {
		t.Skip(err)
	}
	m, err := tflite.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Subgraphs[0].Operators {
		if op := &m.Subgraphs[0].Operators[i]; !infer.Supports(op.Name()) {
			t.Skipf("%s is not built", op.Name())
		}
	}
	s, err := infer.Open(m, infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for c := 0; ; c++ {
		if _, ok := cases.Get(fmt.Sprintf("case%d_in0", c)); !ok {
			break
		}
		shapes := make([][]int, len(s.Inputs()))
		in := make([]npz.Array, len(shapes))
		for i := range shapes {
			in[i], _ = cases.Get(fmt.Sprintf("case%d_in%d", c, i))
			shapes[i] = in[i].Shape
		}
		if !slices.EqualFunc(s.Inputs(), shapes, func(t infer.Tensor, s []int) bool { return slices.Equal(t.Shape, s) }) {
			if err := s.Resize(shapes...); err != nil {
				t.Fatal(err)
			}
		}
		s.Reset()
		for i := range in {
			if err := s.Inputs()[i].Set(in[i].Type, in[i].Shape, in[i].Data); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		for i, out := range s.Outputs() {
			want, ok := cases.Get(fmt.Sprintf("case%d_out%d", c, i))
			if !ok {
				t.Fatalf("case %d has no output %d", c, i)
			}
			compare(t, fmt.Sprintf("case %d output %d", c, i), out, want)
		}
	}
	if n := testing.AllocsPerRun(1, func() { s.Run(context.Background()) }); n != 0 {
		t.Errorf("%v allocations a run", n)
	}
}

// compare wants integers equal in every bit and floats within 1e-5 of the largest.
func compare(t *testing.T, what string, got infer.Tensor, want npz.Array) {
	t.Helper()
	if !slices.Equal(got.Shape, want.Shape) || got.Type != want.Type {
		t.Errorf("%s: got %v %v, want %v %v", what, got.Type, got.Shape, want.Type, want.Shape)
		return
	}
	b := got.Bytes()
	if got.Type != graph.Float32 {
		bad := 0
		for i := range b {
			if b[i] != want.Data[i] {
				bad++
			}
		}
		if bad > 0 {
			t.Errorf("%s: %d of %d bytes differ", what, bad, len(b))
		}
		return
	}
	largest, worst := 1.0, 0.0
	for i := 0; i < len(b); i += 4 {
		g := float64(math.Float32frombits(binary.LittleEndian.Uint32(b[i:])))
		w := float64(math.Float32frombits(binary.LittleEndian.Uint32(want.Data[i:])))
		largest = max(largest, math.Abs(w))
		worst = max(worst, math.Abs(g-w))
		if math.IsNaN(g) != math.IsNaN(w) {
			worst = math.NaN()
		}
	}
	if !(worst <= 1e-5*largest) {
		t.Errorf("%s: differs by %g, largest is %g", what, worst, largest)
	} else if testing.Verbose() {
		t.Logf("%s: differs by %g, largest is %g", what, worst, largest)
	}
}
