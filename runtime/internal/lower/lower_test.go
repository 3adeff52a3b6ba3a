package lower

import (
	"encoding/binary"
	"errors"
	"testing"

	"kinglet/models/graph"
)

func ints(v ...int32) []byte {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, uint32(x))
	}
	return b
}

// padded is PAD (by amounts) before a 3x3 convolution with the given padding.
func padded(amounts []byte, padding graph.Padding) *graph.Subgraph {
	q := graph.Quantization{Scale: []float32{0.5}, ZeroPoint: []int64{3}}
	return &graph.Subgraph{
		Tensors: []graph.Tensor{
			{Name: "in", Type: graph.Int8, Shape: []int{1, 5, 5, 2}, Quant: q},
			{Name: "amounts", Type: graph.Int32, Shape: []int{4, 2}, Data: amounts},
			{Name: "padded", Type: graph.Int8, Quant: q},
			{Name: "filter", Type: graph.Int8, Shape: []int{4, 3, 3, 2}, Data: make([]byte, 72), Quant: q},
			{Name: "bias", Type: graph.Int32, Shape: []int{4}, Data: make([]byte, 16)},
			{Name: "out", Type: graph.Int8, Quant: q},
		},
		Operators: []graph.Operator{
			{Code: graph.Pad, Inputs: []int{0, 1}, Outputs: []int{2}},
			{Code: graph.Conv2D, Inputs: []int{2, 3, 4}, Outputs: []int{5}, Options: &graph.Conv2DOptions{
				Padding: padding, StrideW: 2, StrideH: 2, DilationW: 1, DilationH: 1,
			}},
		},
		Inputs:  []int{0},
		Outputs: []int{5},
	}
}

func TestPadJoinsTheConvolutionThatAloneReadsIt(t *testing.T) {
	spatial := ints(0, 0, 1, 2, 0, 1, 0, 0)
	for _, c := range []struct {
		name  string
		sub   func() *graph.Subgraph
		opt   Options
		nodes int
	}{
		{"joined", func() *graph.Subgraph { return padded(spatial, graph.Valid) }, Options{}, 1},
		{"observed", func() *graph.Subgraph { return padded(spatial, graph.Valid) }, Options{Plain: true}, 2},
		{"the convolution pads too", func() *graph.Subgraph { return padded(spatial, graph.Same) }, Options{}, 2},
		{"channels are padded", func() *graph.Subgraph {
			s := padded(ints(0, 0, 1, 1, 1, 1, 0, 1), graph.Valid)
			s.Tensors[3].Shape, s.Tensors[3].Data = []int{4, 3, 3, 3}, make([]byte, 108)
			return s
		}, Options{}, 2},
		{"the padded tensor is an output", func() *graph.Subgraph {
			s := padded(spatial, graph.Valid)
			s.Outputs = []int{5, 2}
			return s
		}, Options{}, 2},
		{"quantized differently", func() *graph.Subgraph {
			s := padded(spatial, graph.Valid)
			s.Tensors[2].Quant = graph.Quantization{Scale: []float32{0.25}, ZeroPoint: []int64{3}}
			return s
		}, Options{}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			sub := c.sub()
			g, err := Lower(sub, nil, c.opt)
			if err != nil {
				t.Fatal(err)
			}
			if len(g.Nodes) != c.nodes {
				t.Fatalf("%d nodes, want %d", len(g.Nodes), c.nodes)
			}
			last := g.Nodes[len(g.Nodes)-1]
			if c.nodes == 1 {
				if last.Pad == nil || *last.Pad != (Pad{1, 2, 0, 1}) || last.Inputs[0] != 0 {
					t.Errorf("node %+v, want the padding 1 2 0 1 and input 0", last)
				}
			} else if last.Pad != nil {
				t.Errorf("padding %+v was joined", last.Pad)
			}
			if got := sub.Operators[1].Inputs[0]; got != 2 {
				t.Errorf("the model was changed: its convolution reads %d", got)
			}
		})
	}
}

func TestLowerDropsWhatNobodyReads(t *testing.T) {
	s := padded(ints(0, 0, 1, 1, 1, 1, 0, 0), graph.Valid)
	s.Outputs = []int{2}
	g, err := Lower(s, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Nodes) != 1 || g.Nodes[0].Op.Code != graph.Pad {
		t.Errorf("nodes %+v, want the PAD alone", g.Nodes)
	}
}

func TestLowerSaysWhichOperator(t *testing.T) {
	s := padded(ints(0, 0, 1, 1, 1, 1, 0, 0), graph.Valid)
	s.Tensors[3].Shape = []int{4, 3, 3}
	var e *Error
	if _, err := Lower(s, nil, Options{}); !errors.As(err, &e) || e.Index != 1 || e.Op != "CONV_2D" {
		t.Errorf("error %v, want operators[1] CONV_2D", err)
	}
}
