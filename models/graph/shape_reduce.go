package graph

import "fmt"

// ReducedAxes returns which axes of in[0] a reduction takes, from its constant input 1.
// Negative axes count from the end; an axis may stand there twice.
func ReducedAxes(in []*Tensor) ([]bool, error) {
	axes, err := intsInput(in, 1)
	if err != nil {
		return nil, err
	}
	reduced := make([]bool, len(in[0].Shape))
	if len(reduced) == 0 {
		return reduced, nil // a scalar: whatever the axes say
	}
	for _, a := range axes {
		if a, err = Axis(a, len(reduced)); err != nil {
			return nil, fmt.Errorf("input 1: %w", err)
		}
		reduced[a] = true
	}
	return reduced, nil
}

// shapeReduce is the rule of MEAN, SUM and the REDUCE operators.
func shapeReduce(op *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 2, 2); err != nil {
		return nil, err
	}
	o, err := optionsOf[ReducerOptions](op)
	if err != nil {
		return nil, err
	}
	reduced, err := ReducedAxes(in)
	if err != nil {
		return nil, err
	}
	out := []int{}
	for i, d := range in[0].Shape {
		switch {
		case !reduced[i]:
			out = append(out, d)
		case o.KeepDims:
			out = append(out, 1)
		}
	}
	return [][]int{out}, nil
}
