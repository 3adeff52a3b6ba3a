package graph

import (
	"fmt"
	"slices"
)

// shapeReshape is the rule of RESHAPE: the new shape is a constant second input of rank
// 1, or the options'. One dimension may be -1: what is left.
func shapeReshape(op *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 1, 2); err != nil {
		return nil, err
	}
	o, err := optionsOf[ReshapeOptions](op)
	if err != nil {
		return nil, err
	}
	var want []int
	if len(in) == 2 && in[1] != nil && len(in[1].Shape) == 1 && in[1].Type == Int32 {
		if want, err = intsInput(in, 1); err != nil {
			return nil, err
		}
	} else {
		for _, d := range o.NewShape {
			want = append(want, int(d))
		}
		if len(want) == 1 && want[0] == 0 {
			want = nil // an old way to write a scalar
		}
	}
	out, err := resolve(in[0].Shape, want)
	return [][]int{out}, err
}

// resolve gives want the elements of a tensor of shape from.
func resolve(from, want []int) ([]int, error) {
	out := append([]int{}, want...)
	open := -1
	for i, d := range out {
		if d == -1 && open < 0 {
			open = i
			out[i] = 1
		}
	}
	known, err := Elements(out)
	if err != nil {
		return nil, err
	}
	n, err := Elements(from)
	if err != nil {
		return nil, err
	}
	if open >= 0 {
		switch {
		case known > 0:
			out[open] = n / known
		case n == 0:
			// Zero either way: take what the dimensions that are not 0 leave.
			a, b := nonZero(from), nonZero(out)
			out[open] = a / b
		}
		if known, err = Elements(out); err != nil {
			return nil, err
		}
	}
	if known != n {
		return nil, fmt.Errorf("shape %v to %v: %d elements to %d", from, want, n, known)
	}
	return out, nil
}

// nonZero multiplies the dimensions that are not 0.
func nonZero(shape []int) int {
	s := slices.DeleteFunc(slices.Clone(shape), func(d int) bool { return d == 0 })
	n, err := Elements(s)
	if err != nil {
		return 1
	}
	return n
}

// shapeSqueeze is the rule of SQUEEZE: dimensions of 1 go away, those named or all.
func shapeSqueeze(op *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 1, 1); err != nil {
		return nil, err
	}
	o, err := optionsOf[SqueezeOptions](op)
	if err != nil {
		return nil, err
	}
	s := in[0].Shape
	drop := make([]bool, len(s))
	for i, d := range s {
		drop[i] = d == 1 && len(o.SqueezeDims) == 0
	}
	for _, d := range o.SqueezeDims {
		a, err := Axis(int(d), len(s))
		if err != nil {
			return nil, err
		}
		if s[a] != 1 {
			return nil, fmt.Errorf("shape %v: dimension %d is not 1", s, a)
		}
		drop[a] = true
	}
	out := []int{}
	for i, d := range s {
		if !drop[i] {
			out = append(out, d)
		}
	}
	return [][]int{out}, nil
}

// shapeExpandDims is the rule of EXPAND_DIMS: a dimension of 1 at a constant axis.
func shapeExpandDims(_ *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 2, 2); err != nil {
		return nil, err
	}
	v, err := intsInput(in, 1)
	if err != nil {
		return nil, err
	}
	if len(v) != 1 {
		return nil, fmt.Errorf("input 1: %d elements, want 1", len(v))
	}
	a, err := Axis(v[0], len(in[0].Shape)+1)
	if err != nil {
		return nil, err
	}
	return [][]int{slices.Insert(slices.Clone(in[0].Shape), a, 1)}, nil
}
