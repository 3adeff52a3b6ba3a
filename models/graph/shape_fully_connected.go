package graph

import (
	"fmt"
	"slices"
)

// shapeFullyConnected: input [..., K] of any rank, weights [O, K]; output [N, O], or the
// input's shape with O for K where keep_num_dims is set.
func shapeFullyConnected(op *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 2, 3); err != nil {
		return nil, err
	}
	o, err := optionsOf[FullyConnectedOptions](op)
	if err != nil {
		return nil, err
	}
	x, w := in[0], in[1]
	if len(w.Shape) != 2 {
		return nil, fmt.Errorf("weights: got %d dimensions, want 2", len(w.Shape))
	}
	n, err := Elements(x.Shape)
	if err != nil {
		return nil, fmt.Errorf("input: %w", err)
	}
	units, k := w.Shape[0], w.Shape[1]
	if o.KeepNumDims {
		if len(x.Shape) == 0 || x.Shape[len(x.Shape)-1] != k {
			return nil, fmt.Errorf("input %v, weights %v: last dimensions differ", x.Shape, w.Shape)
		}
		out := slices.Clone(x.Shape)
		out[len(out)-1] = units
		return [][]int{out}, nil
	}
	if k == 0 {
		if n, err = Elements(x.Shape[:max(len(x.Shape)-1, 0)]); err != nil {
			return nil, fmt.Errorf("input: %w", err)
		}
		return [][]int{{n, units}}, nil
	}
	if n%k != 0 {
		return nil, fmt.Errorf("input %v, weights %v: %d elements are no whole rows of %d", x.Shape, w.Shape, n, k)
	}
	return [][]int{{n / k, units}}, nil
}
