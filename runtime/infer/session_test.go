package infer_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"kinglet/models/graph"
	"kinglet/models/npz"
	"kinglet/runtime/infer"
)

// custom is a model of one custom operator on four floats, and a variable.
func custom(name string) *graph.Model {
	return &graph.Model{Subgraphs: []graph.Subgraph{{
		Tensors: []graph.Tensor{
			{Name: "in", Type: graph.Float32, Shape: []int{4}},
			{Name: "state", Type: graph.Float32, Shape: []int{1}, Variable: true},
			{Name: "out", Type: graph.Float32, Shape: []int{4}},
		},
		Operators: []graph.Operator{{Code: graph.Custom, Custom: name, Inputs: []int{0, 1, graph.Absent}, Outputs: []int{2}, CustomOptions: []byte{2}}},
		Inputs:    []int{0},
		Outputs:   []int{2},
	}}}
}

// scale multiplies by its option and adds how often it has run: the variable counts, and
// so does a counter of its own.
func scale() infer.Custom {
	return infer.Custom{
		Shapes: func(n *infer.CustomNode) ([][]int, error) { return [][]int{n.In[0].Shape}, nil },
		Bind: func(n *infer.CustomNode) (infer.CustomStep, error) {
			x, state, y := infer.Data[float32](n.In[0]), infer.Data[float32](n.In[1]), infer.Data[float32](n.Out[0])
			if n.In[2].Bytes() != nil {
				return infer.CustomStep{}, errors.New("the absent input is there")
			}
			factor, own := float32(n.Options[0]), float32(0)
			run := func() error {
				for i := range x {
					y[i] = factor*x[i] + (state[0]+own)/2
				}
				state[0]++
				own++
				return nil
			}
			return infer.CustomStep{Run: run, Reset: func() { own = 0 }, Bytes: 4}, nil
		},
	}
}

func TestCustomOperatorKeepsStateUntilReset(t *testing.T) {
	s, err := infer.Open(custom("Scale"), infer.Options{Custom: map[string]infer.Custom{"Scale": scale()}})
	if err != nil {
		t.Fatal(err)
	}
	copy(infer.Data[float32](s.Inputs()[0]), []float32{1, 2, 3, 4})
	want := func(first float32) {
		t.Helper()
		if err := s.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		if y := infer.Data[float32](s.Outputs()[0]); y[0] != first {
			t.Errorf("first output %v, want %v", y[0], first)
		}
	}
	want(2)
	want(3)
	s.Reset()
	want(2)
}

func TestOpenNamesWhatIsMissing(t *testing.T) {
	m := custom("Scale")
	m.Subgraphs[0].Operators = append(m.Subgraphs[0].Operators, graph.Operator{Code: graph.HashtableFind})
	_, err := infer.Open(m, infer.Options{})
	if !errors.Is(err, infer.ErrUnsupported) || !strings.Contains(err.Error(), "operators[0] Scale") || !strings.Contains(err.Error(), "operators[1] HASHTABLE_FIND") {
		t.Errorf("error %v, want both operators and ErrUnsupported", err)
	}
}

func TestOpenRefusesGraphsThatCannotRun(t *testing.T) {
	opt := infer.Options{Custom: map[string]infer.Custom{"Scale": scale()}}
	for _, c := range []struct {
		name  string
		spoil func(g *graph.Subgraph)
		opt   infer.Options
		is    error
		says  string
	}{
		{"reads what nothing writes", func(g *graph.Subgraph) { g.Inputs = nil }, opt, nil, `"in" is read before`},
		{"an output that nothing writes", func(g *graph.Subgraph) {
			g.Tensors = append(g.Tensors, graph.Tensor{Name: "lost", Type: graph.Float32, Shape: []int{1}})
			g.Outputs = []int{3}
		}, opt, nil, `"lost": nothing writes it`},
		{"writes an input", func(g *graph.Subgraph) { g.Operators[0].Outputs = []int{0} }, opt, nil, "is a constant or an input"},
		{"too much memory", func(g *graph.Subgraph) { g.Tensors[0].Shape = []int{1 << 20} }, infer.Options{MaxMemory: 1 << 20, Custom: opt.Custom}, infer.ErrMemory, "1048576"},
		{"too much memory besides the arena", func(*graph.Subgraph) {}, infer.Options{MaxMemory: 128 + 3, Custom: opt.Custom}, infer.ErrMemory, "4 bytes besides the arena of 128"},
		{"a type without a size", func(g *graph.Subgraph) { g.Tensors[2].Type = graph.String }, opt, infer.ErrUnsupported, "string"},
		{"no such signature", func(*graph.Subgraph) {}, infer.Options{Signature: "serve", Custom: opt.Custom}, infer.ErrInput, "serve"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := custom("Scale")
			c.spoil(&m.Subgraphs[0])
			_, err := infer.Open(m, c.opt)
			if err == nil || !strings.Contains(err.Error(), c.says) || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("error %v, want %q in it", err, c.says)
			}
		})
	}
}

func TestRunStopsWhenTheContextIsDone(t *testing.T) {
	s, err := infer.Open(custom("Scale"), infer.Options{Custom: map[string]infer.Custom{"Scale": scale()}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}

func TestFeedNamesWhatDoesNotFit(t *testing.T) {
	s, err := infer.Open(custom("Scale"), infer.Options{Custom: map[string]infer.Custom{"Scale": scale()}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in   []npz.Array
		says string
	}{
		{nil, "got 0 inputs, want 1"},
		{[]npz.Array{{Type: graph.Int8, Shape: []int{4}, Data: make([]byte, 4)}}, `"in": got int8 [4], want float32 [4]`},
		{[]npz.Array{{Type: graph.Float32, Shape: []int{2, 2}, Data: make([]byte, 16)}}, "got shape [2 2], want [4]"},
	} {
		if err := s.Feed(c.in); !errors.Is(err, infer.ErrInput) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("error %v, want %q in it", err, c.says)
		}
	}
	if err := s.Resize([]int{8}); err != nil || s.Outputs()[0].Shape[0] != 8 {
		t.Errorf("resized to 8: %v, output %v", err, s.Outputs()[0].Shape)
	}
}

func TestPlanTellsEveryStep(t *testing.T) {
	s, err := infer.Open(custom("Scale"), infer.Options{Profile: true, Custom: map[string]infer.Custom{"Scale": scale()}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	p := s.Plan()
	if len(p) != 1 || p[0].Op != "Scale" || p[0].Kernel != "custom" || p[0].Bytes != 16 || p[0].Mean <= 0 {
		t.Errorf("plan %+v", p)
	}
}
