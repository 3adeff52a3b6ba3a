package infer

import (
	"fmt"
	"slices"

	"kinglet/models/npz"
)

// Feed copies arrays into the inputs, one an input in the model's order. An array of
// another shape resizes the inputs first, which also resets the model's state.
func (s *Session) Feed(in []npz.Array) error {
	if len(in) != len(s.inputs) {
		return fmt.Errorf("got %d inputs, want %d: %w", len(in), len(s.inputs), ErrInput)
	}
	resize := false
	shapes := make([][]int, len(in))
	for i, t := range s.inputs {
		if in[i].Type != t.Type {
			return fmt.Errorf("inputs[%d] %q: got %v %v, want %v %v: %w", i, t.Name, in[i].Type, in[i].Shape, t.Type, t.Shape, ErrInput)
		}
		if !slices.Equal(t.Shape, in[i].Shape) {
			shapes[i], resize = in[i].Shape, true
		}
	}
	if resize {
		if err := s.Resize(shapes...); err != nil {
			return err
		}
	}
	for i, t := range s.inputs {
		if err := t.Set(in[i].Type, in[i].Shape, in[i].Data); err != nil {
			return fmt.Errorf("inputs[%d] %w", i, err)
		}
	}
	return nil
}

// Results returns copies of the outputs.
func (s *Session) Results() []npz.Array {
	out := make([]npz.Array, len(s.outputs))
	for i, t := range s.outputs {
		out[i] = npz.Array{Type: t.Type, Shape: slices.Clone(t.Shape), Data: append([]byte{}, t.Bytes()...)}
	}
	return out
}
