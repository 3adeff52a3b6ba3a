package graph

import "fmt"

// Permutation returns the constant input 1 of TRANSPOSE: dimension i of the output is
// dimension p[i] of the input.
func Permutation(in []*Tensor) ([]int, error) {
	p, err := intsInput(in, 1)
	if err != nil {
		return nil, err
	}
	rank := len(in[0].Shape)
	if len(in[1].Shape) != 1 || len(p) != rank {
		return nil, fmt.Errorf("input 1: shape %v, want [%d]", in[1].Shape, rank)
	}
	seen := make([]bool, rank)
	for i, a := range p {
		a, err := Axis(a, rank)
		if err != nil {
			return nil, fmt.Errorf("input 1: %w", err)
		}
		if seen[a] {
			return nil, fmt.Errorf("input 1: axis %d stands twice", a)
		}
		seen[a] = true
		p[i] = a
	}
	return p, nil
}

// shapeTranspose is the rule of TRANSPOSE.
func shapeTranspose(_ *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 2, 2); err != nil {
		return nil, err
	}
	p, err := Permutation(in)
	if err != nil {
		return nil, err
	}
	out := make([]int, len(p))
	for i, a := range p {
		out[i] = in[0].Shape[a]
	}
	return [][]int{out}, nil
}

// shapeGather is the rule of GATHER: places along an axis of input 0, taken by input 1.
func shapeGather(op *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 2, 2); err != nil {
		return nil, err
	}
	o, err := optionsOf[GatherOptions](op)
	if err != nil {
		return nil, err
	}
	s, idx := in[0].Shape, in[1].Shape
	axis, err := Axis(int(o.Axis), len(s))
	if err != nil {
		return nil, err
	}
	batch := int(o.BatchDims)
	if batch < 0 {
		batch += len(idx)
	}
	if batch < 0 || batch > len(idx) || batch > axis {
		return nil, fmt.Errorf("batch_dims %d: out of range for axis %d and indices %v", o.BatchDims, axis, idx)
	}
	for i := range batch {
		if s[i] != idx[i] {
			return nil, fmt.Errorf("shapes %v and %v: dimension %d differs", s, idx, i)
		}
	}
	out := append([]int{}, s[:axis]...)
	out = append(out, idx[batch:]...)
	return [][]int{append(out, s[axis+1:]...)}, nil
}
