package graph

import "fmt"

// shapePool is the rule of pooling over [batch, height, width, depth].
func shapePool(op *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 1, 1); err != nil {
		return nil, err
	}
	o, err := optionsOf[Pool2DOptions](op)
	if err != nil {
		return nil, err
	}
	s := in[0].Shape
	if len(s) != 4 {
		return nil, fmt.Errorf("input: shape %v, want 4 dimensions", s)
	}
	h, _, err := Window(o.Padding, s[1], int(o.FilterHeight), int(o.StrideH), 1)
	if err != nil {
		return nil, fmt.Errorf("height: %w", err)
	}
	w, _, err := Window(o.Padding, s[2], int(o.FilterWidth), int(o.StrideW), 1)
	if err != nil {
		return nil, fmt.Errorf("width: %w", err)
	}
	return [][]int{{s[0], h, w, s[3]}}, nil
}
