package graph

import "fmt"

// shapeUnidirectionalSequenceLSTM: input [N, T, I], or [T, N, I] where time_major is set;
// the output has O for I, the columns of the recurrent weights (input 8).
func shapeUnidirectionalSequenceLSTM(_ *Operator, in []*Tensor) ([][]int, error) {
	if len(in) != 20 && len(in) != 24 {
		return nil, fmt.Errorf("%d inputs, want 20 or 24", len(in))
	}
	x, recurrent := in[0], in[8]
	if x == nil || recurrent == nil {
		return nil, fmt.Errorf("input, or recurrent weights of the output gate: absent")
	}
	if err := rank(x, "input", 3, 2); err != nil {
		return nil, err
	}
	if err := rank(recurrent, "recurrent weights", 2, 0); err != nil {
		return nil, err
	}
	return [][]int{{x.Shape[0], x.Shape[1], recurrent.Shape[1]}}, nil
}
