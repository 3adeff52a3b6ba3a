package signal_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"kinglet/models/graph"
	"kinglet/runtime/infer"
	"kinglet/runtime/signal"
)

// vector is one case of testdata/*.txt.
type vector struct {
	line    int
	op      string
	options []option
	runs    []run
}

// run is one run of a session.
type run struct{ in, out []tensor }

type tensor struct {
	constant bool
	typ      graph.Type
	shape    []int
	data     []byte
}

// readVectors reads a file of testdata.
func readVectors(t testing.TB, path string) []vector {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var vs []vector
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for line := 1; s.Scan(); line++ {
		text, _, _ := strings.Cut(s.Text(), "#")
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		if words[0] == "op" {
			v := vector{line: line, op: words[1], runs: make([]run, 1)}
			for _, o := range words[2:] {
				key, value, _ := strings.Cut(o, "=")
				n, err := strconv.ParseInt(value, 10, 64)
				if err != nil {
					t.Fatalf("%s:%d: %v", path, line, err)
				}
				v.options = append(v.options, option{key, n})
			}
			vs = append(vs, v)
			continue
		}
		v := &vs[len(vs)-1]
		r := &v.runs[len(v.runs)-1]
		switch words[0] {
		case "again":
			v.runs = append(v.runs, run{})
		case "in":
			r.in = append(r.in, parseTensor(t, words[1:]))
		case "out":
			r.out = append(r.out, parseTensor(t, words[1:]))
		default:
			t.Fatalf("%s:%d: %q", path, line, words[0])
		}
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return vs
}

func parseTensor(t testing.TB, words []string) tensor {
	t.Helper()
	var x tensor
	if words[0] == "const" {
		x.constant, words = true, words[1:]
	}
	types := map[string]graph.Type{"int16": graph.Int16, "int32": graph.Int32, "uint32": graph.UInt32, "uint64": graph.UInt64}
	typ, ok := types[words[0]]
	if !ok {
		t.Fatalf("type %q", words[0])
	}
	x.typ = typ
	if words[1] != "scalar" {
		for d := range strings.SplitSeq(words[1], "x") {
			n, err := strconv.Atoi(d)
			if err != nil {
				t.Fatal(err)
			}
			x.shape = append(x.shape, n)
		}
	}
	for _, w := range words[3:] {
		n, err := strconv.ParseInt(w, 10, 64)
		if err != nil {
			u, err := strconv.ParseUint(w, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			n = int64(u)
		}
		x.data = append(x.data, binary.LittleEndian.AppendUint64(nil, uint64(n))[:typ.Bits()/8]...)
	}
	return x
}

// model is a model of the one operator.
func (v *vector) model() *graph.Model {
	g := graph.Subgraph{}
	op := graph.Operator{Code: graph.Custom, Custom: v.op, CustomOptions: flexbuffer(v.options, 0)}
	for i, x := range v.runs[0].in {
		gt := graph.Tensor{Name: fmt.Sprint("in", i), Type: x.typ, Shape: x.shape}
		if x.constant {
			gt.Data = x.data
		} else {
			g.Inputs = append(g.Inputs, i)
		}
		op.Inputs = append(op.Inputs, i)
		g.Tensors = append(g.Tensors, gt)
	}
	for i, x := range v.runs[0].out {
		op.Outputs = append(op.Outputs, len(g.Tensors))
		g.Tensors = append(g.Tensors, graph.Tensor{Name: fmt.Sprint("out", i), Type: x.typ, Shape: x.shape})
	}
	g.Outputs, g.Operators = op.Outputs, []graph.Operator{op}
	return &graph.Model{Subgraphs: []graph.Subgraph{g}}
}

// play runs a case and says where an answer differs.
func (v *vector) play(s *infer.Session) error {
	for i, r := range v.runs {
		k := 0
		for _, x := range r.in {
			if !x.constant {
				copy(s.Inputs()[k].Bytes(), x.data)
				k++
			}
		}
		if err := s.Run(context.Background()); err != nil {
			return err
		}
		for j, x := range r.out {
			if got := s.Outputs()[j].Bytes(); string(got) != string(x.data) {
				return fmt.Errorf("run %d, output %d: got %x, want %x", i, j, got, x.data)
			}
		}
	}
	return nil
}

func TestOperatorsEqualReferenceVectors(t *testing.T) {
	seen := map[string]int{}
	for _, path := range []string{"testdata/published.txt", "testdata/compiled.txt"} {
		for _, v := range readVectors(t, path) {
			seen[v.op]++
			t.Run(fmt.Sprintf("%s:%d/%s", path, v.line, v.op), func(t *testing.T) {
				s, err := infer.Open(v.model(), infer.Options{Custom: signal.Operators()})
				if err != nil {
					t.Fatal(err)
				}
				if err := v.play(s); err != nil {
					t.Fatal(err)
				}
				s.Reset()
				if err := v.play(s); err != nil {
					t.Errorf("after Reset: %v", err)
				}
			})
		}
	}
	for name := range signal.Operators() {
		if seen[name] < 2 {
			t.Errorf("%s: %d vectors", name, seen[name])
		}
	}
}

func TestRunsAllocateNothing(t *testing.T) {
	done := map[string]bool{}
	for _, v := range readVectors(t, "testdata/compiled.txt") {
		if done[v.op] {
			continue
		}
		done[v.op] = true
		s, err := infer.Open(v.model(), infer.Options{Custom: signal.Operators()})
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(10, func() { _ = s.Run(context.Background()) }); n != 0 {
			t.Errorf("%s: %v allocations a run", v.op, n)
		}
	}
}
