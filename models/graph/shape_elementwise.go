package graph

import "slices"

// shapeUnary is the rule of operators with one input and an output of its shape.
func shapeUnary(_ *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 1, 1); err != nil {
		return nil, err
	}
	return [][]int{slices.Clone(in[0].Shape)}, nil
}
