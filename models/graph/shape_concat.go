package graph

import (
	"fmt"
	"slices"
)

// shapeConcatenation is the rule of CONCATENATION: shapes agree but for the axis.
func shapeConcatenation(op *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, max(len(in), 1), max(len(in), 1)); err != nil {
		return nil, err
	}
	o, err := optionsOf[ConcatenationOptions](op)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(in[0].Shape)
	axis, err := Axis(int(o.Axis), len(out))
	if err != nil {
		return nil, err
	}
	for i, t := range in[1:] {
		if len(t.Shape) != len(out) {
			return nil, fmt.Errorf("input %d: shape %v does not fit %v", i+1, t.Shape, in[0].Shape)
		}
		for j, d := range t.Shape {
			if j == axis {
				if out[j] += d; out[j] > MaxElements {
					return nil, fmt.Errorf("axis %d: more than %d elements", axis, MaxElements)
				}
			} else if d != out[j] {
				return nil, fmt.Errorf("input %d: shape %v does not fit %v", i+1, t.Shape, in[0].Shape)
			}
		}
	}
	return [][]int{out}, nil
}

// shapePack is the rule of PACK: inputs of one shape along a new axis.
func shapePack(op *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, max(len(in), 1), max(len(in), 1)); err != nil {
		return nil, err
	}
	o, err := optionsOf[PackOptions](op)
	if err != nil {
		return nil, err
	}
	if int(o.ValuesCount) != len(in) {
		return nil, fmt.Errorf("%d inputs, want %d as the options say", len(in), o.ValuesCount)
	}
	axis, err := Axis(int(o.Axis), len(in[0].Shape)+1)
	if err != nil {
		return nil, err
	}
	for i, t := range in {
		if !slices.Equal(t.Shape, in[0].Shape) {
			return nil, fmt.Errorf("input %d: shape %v, want %v", i, t.Shape, in[0].Shape)
		}
	}
	return [][]int{slices.Insert(slices.Clone(in[0].Shape), axis, len(in))}, nil
}

// shapeUnpack is the rule of UNPACK: one output for every place along an axis.
func shapeUnpack(op *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 1, 1); err != nil {
		return nil, err
	}
	o, err := optionsOf[UnpackOptions](op)
	if err != nil {
		return nil, err
	}
	s := in[0].Shape
	axis, err := Axis(int(o.Axis), len(s))
	if err != nil {
		return nil, err
	}
	if s[axis] != int(o.Num) || len(op.Outputs) != s[axis] {
		return nil, fmt.Errorf("%d outputs, num %d, want %d", len(op.Outputs), o.Num, s[axis])
	}
	out := make([][]int, s[axis])
	for i := range out {
		out[i] = slices.Delete(slices.Clone(s), axis, axis+1)
	}
	return out, nil
}

// SplitAxis returns the axis along which SPLIT, whose axis is input 0, cuts input 1.
func SplitAxis(in []*Tensor) (int, error) {
	v, err := intsInput(in, 0)
	if err != nil {
		return 0, err
	}
	if len(v) != 1 {
		return 0, fmt.Errorf("input 0: %d elements, want 1", len(v))
	}
	return Axis(v[0], len(in[1].Shape))
}

// shapeSplit is the rule of SPLIT: equal parts of input 1.
func shapeSplit(op *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 2, 2); err != nil {
		return nil, err
	}
	o, err := optionsOf[SplitOptions](op)
	if err != nil {
		return nil, err
	}
	axis, err := SplitAxis(in)
	if err != nil {
		return nil, err
	}
	n, d := int(o.NumSplits), in[1].Shape[axis]
	if n < 1 || n != len(op.Outputs) || d%n != 0 {
		return nil, fmt.Errorf("%d outputs, %d splits of %d", len(op.Outputs), n, d)
	}
	out := make([][]int, n)
	for i := range out {
		out[i] = slices.Clone(in[1].Shape)
		out[i][axis] = d / n
	}
	return out, nil
}
