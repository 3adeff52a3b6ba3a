package graph

import "fmt"

// Paddings returns how many elements PAD adds before and after each dimension of in[0],
// from its constant input 1 of shape [rank, 2].
func Paddings(in []*Tensor) (before, after []int, err error) {
	rank := len(in[0].Shape)
	if s := in[1].Shape; len(s) != 2 || s[0] != rank || s[1] != 2 {
		return nil, nil, fmt.Errorf("input 1: shape %v, want [%d 2]", s, rank)
	}
	v, err := intsInput(in, 1)
	if err != nil {
		return nil, nil, err
	}
	before, after = make([]int, rank), make([]int, rank)
	for i := range before {
		before[i], after[i] = v[2*i], v[2*i+1]
		if before[i] < 0 || after[i] < 0 || before[i] > MaxElements || after[i] > MaxElements {
			return nil, nil, fmt.Errorf("input 1: paddings %d and %d of dimension %d: out of range", before[i], after[i], i)
		}
	}
	return before, after, nil
}

// shapePad is the rule of PAD and PADV2.
func shapePad(_ *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 2, 3); err != nil {
		return nil, err
	}
	before, after, err := Paddings(in)
	if err != nil {
		return nil, err
	}
	out := make([]int, len(before))
	for i, d := range in[0].Shape {
		n := int64(before[i]) + int64(d) + int64(after[i])
		if n > MaxElements {
			return nil, fmt.Errorf("dimension %d: %d, want at most %d", i, n, MaxElements)
		}
		out[i] = int(n)
	}
	return [][]int{out}, nil
}
