package ops

import (
	"fmt"
	"slices"

	"kinglet/models/graph"
)

// The gates of an LSTM, in the order of the operator's inputs.
const (
	gateIn = iota
	gateForget
	gateCell
	gateOut
	gates
)

// lstm is a checked UNIDIRECTIONAL_SEQUENCE_LSTM. Weights of the input gate are nil where
// it is coupled to the forget gate (CIFG).
type lstm struct {
	batch, time, input, cell, output int
	timeMajor                        bool

	x, out                 *Tensor
	weights                [gates]*Tensor // [cell, input]
	recurrent              [gates]*Tensor // [cell, output]
	peephole               [gates]*Tensor // [cell]; none for the cell gate
	bias                   [gates]*Tensor // [cell]
	norm                   [gates]*Tensor // [cell]
	projection             *Tensor        // [output, cell]
	projectionBias         *Tensor        // [output]
	outputState, cellState *Tensor        // [batch, output], [batch, cell]
}

// first returns the first gate that is computed.
func (l *lstm) first() int {
	if l.weights[gateIn] == nil {
		return gateForget
	}
	return gateIn
}

// at returns where step t of batch b stands in input and output.
func (l *lstm) at(b, t int) int {
	if l.timeMajor {
		return t*l.batch + b
	}
	return b*l.time + t
}

// bindUnidirectionalSequenceLSTM: 20 inputs, or 24 with layer normalization, in the order
// of TFLite's lstm_shared.h; one output.
func bindUnidirectionalSequenceLSTM(n *Node) (Bound, error) {
	o, err := options[graph.UnidirectionalSequenceLSTMOptions](n)
	if err != nil {
		return Bound{}, err
	}
	l, err := newLSTM(n, o)
	if err != nil {
		return Bound{}, err
	}
	if !(o.CellClip >= 0) || !(o.ProjClip >= 0) {
		return Bound{}, fmt.Errorf("clips %v and %v, want at least 0", o.CellClip, o.ProjClip)
	}
	w := l.weights[gateOut].Type
	switch {
	case l.x.Type != l.out.Type:
	case l.x.Type == graph.Float32 && w == graph.Float32:
		return bindLSTMF32(l, o)
	case l.x.Type == graph.Float32 && w == graph.Int8:
		return bindLSTMHybrid(l, o)
	case l.x.Type == graph.Int8 && w == graph.Int8:
		return bindLSTMS8(l, o, n.Mid)
	}
	return Bound{}, unsupported(n)
}

// newLSTM sorts the inputs and checks which are there and their shapes.
func newLSTM(n *Node, o *graph.UnidirectionalSequenceLSTMOptions) (*lstm, error) {
	if len(n.In) != 20 && len(n.In) != 24 || len(n.Out) != 1 || n.Out[0] == nil {
		return nil, fmt.Errorf("%d inputs and %d outputs, want 20 or 24 and 1", len(n.In), len(n.Out))
	}
	l := &lstm{timeMajor: o.TimeMajor, x: n.In[0], out: n.Out[0], projection: n.In[16], projectionBias: n.In[17], outputState: n.In[18], cellState: n.In[19]}
	for g := range gates {
		l.weights[g], l.recurrent[g], l.bias[g] = n.In[1+g], n.In[5+g], n.In[12+g]
		if len(n.In) == 24 {
			l.norm[g] = n.In[20+g]
		}
	}
	l.peephole[gateIn], l.peephole[gateForget], l.peephole[gateOut] = n.In[9], n.In[10], n.In[11]
	switch {
	case l.x == nil || l.outputState == nil || l.cellState == nil:
		return nil, fmt.Errorf("input or state: absent")
	case !l.outputState.Variable || !l.cellState.Variable || l.outputState.Data != nil || l.cellState.Data != nil:
		return nil, fmt.Errorf("state is not a variable")
	case (l.weights[gateIn] == nil) != (l.recurrent[gateIn] == nil) || (l.weights[gateIn] == nil) != (l.bias[gateIn] == nil):
		return nil, fmt.Errorf("input gate: weights, recurrent weights and bias must be all there or none")
	case l.projection == nil && l.projectionBias != nil:
		return nil, fmt.Errorf("bias of a projection that is absent")
	}
	if len(l.x.Shape) != 3 || l.recurrent[gateOut] == nil || len(l.recurrent[gateOut].Shape) != 2 {
		return nil, fmt.Errorf("input must have 3 dimensions, recurrent weights 2: %w", ErrUnsupported)
	}
	l.batch, l.time, l.input = l.x.Shape[0], l.x.Shape[1], l.x.Shape[2]
	if l.timeMajor {
		l.batch, l.time = l.time, l.batch
	}
	l.cell, l.output = l.recurrent[gateOut].Shape[0], l.recurrent[gateOut].Shape[1]
	if l.cell == 0 || l.output == 0 || l.input == 0 || l.projection == nil && l.cell != l.output {
		return nil, fmt.Errorf("%d inputs, %d cells, %d outputs do not agree", l.input, l.cell, l.output)
	}
	return l, l.checkShapes()
}

func (l *lstm) checkShapes() error {
	want := func(name string, gate int, t *Tensor, shape ...int) error {
		if t == nil || !slices.Equal(t.Shape, shape) {
			var got []int
			if t != nil {
				got = t.Shape
			}
			return fmt.Errorf("%s of gate %d: got %v, want %v", name, gate, got, shape)
		}
		return nil
	}
	peephole, norm := l.peephole[gateOut] != nil, l.norm[gateForget] != nil
	for g := range gates {
		if g < l.first() {
			if l.peephole[g] != nil && !peephole || l.norm[g] != nil {
				return fmt.Errorf("coupled input gate has weights of its own")
			}
			continue
		}
		if err := want("weights", g, l.weights[g], l.cell, l.input); err != nil {
			return err
		}
		if err := want("recurrent weights", g, l.recurrent[g], l.cell, l.output); err != nil {
			return err
		}
		if err := want("bias", g, l.bias[g], l.cell); err != nil {
			return err
		}
		if g != gateCell && (peephole || l.peephole[g] != nil) {
			if err := want("peephole weights", g, l.peephole[g], l.cell); err != nil {
				return err
			}
		}
		if norm || l.norm[g] != nil {
			if err := want("normalization", g, l.norm[g], l.cell); err != nil {
				return err
			}
		}
	}
	if l.projection != nil {
		if err := want("projection", 0, l.projection, l.output, l.cell); err != nil {
			return err
		}
		if l.projectionBias != nil {
			if err := want("projection bias", 0, l.projectionBias, l.output); err != nil {
				return err
			}
		}
	}
	if !fits(l.batch, l.time, l.output) || l.out.Elements() != l.batch*l.time*l.output {
		return fmt.Errorf("output: got shape %v, want %d elements of %d steps", l.out.Shape, l.output, l.time)
	}
	if !fits(l.batch, l.cell) || l.outputState.Elements() != l.batch*l.output || l.cellState.Elements() != l.batch*l.cell {
		return fmt.Errorf("states %v and %v, want %d and %d elements for each of %d batches", l.outputState.Shape, l.cellState.Shape, l.output, l.cell, l.batch)
	}
	return nil
}

// checkTypes checks the types of what is there: weights, peepholes, biases,
// normalizations, output state and cell state.
func (l *lstm) checkTypes(weights, peephole, bias, norm, output, cell graph.Type) error {
	check := func(t *Tensor, want graph.Type) error {
		if t != nil && t.Type != want {
			return fmt.Errorf("%q: got %v, want %v: %w", t.Name, t.Type, want, ErrUnsupported)
		}
		return nil
	}
	for g := range gates {
		for _, p := range [...]struct {
			t    *Tensor
			want graph.Type
		}{{l.weights[g], weights}, {l.recurrent[g], weights}, {l.peephole[g], peephole}, {l.bias[g], bias}, {l.norm[g], norm}} {
			if err := check(p.t, p.want); err != nil {
				return err
			}
		}
	}
	for _, p := range [...]struct {
		t    *Tensor
		want graph.Type
	}{{l.projection, weights}, {l.projectionBias, bias}, {l.outputState, output}, {l.cellState, cell}} {
		if err := check(p.t, p.want); err != nil {
			return err
		}
	}
	return nil
}
