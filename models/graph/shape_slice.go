package graph

import (
	"fmt"
	"math"
)

// Cut is what a slicing operator takes of its input: for every dimension of the input,
// where it begins, its step, and how many it takes.
type Cut struct {
	Begin, Step, Count []int
	Out                []int // the shape of the output: dimensions may be added or left out
}

// StridedSliceCut resolves the constant inputs 1 to 3 and the masks of STRIDED_SLICE.
func StridedSliceCut(op *Operator, in []*Tensor) (*Cut, error) {
	o, err := optionsOf[StridedSliceOptions](op)
	if err != nil {
		return nil, err
	}
	var spec [3][]int // begin, end, step
	for i := range spec {
		if t := in[i+1]; len(t.Shape) != 1 || t.Type != Int32 {
			return nil, fmt.Errorf("input %d: %v %v, want a vector of int32", i+1, t.Type, t.Shape)
		}
		if spec[i], err = intsInput(in, i+1); err != nil {
			return nil, err
		}
		if len(spec[i]) != len(spec[0]) {
			return nil, fmt.Errorf("input %d: %d elements, want %d", i+1, len(spec[i]), len(spec[0]))
		}
	}
	n, shape := len(spec[0]), in[0].Shape
	bit := func(mask int32, i int) bool { return mask>>i&1 != 0 }
	added := 0
	for i := range n {
		if i < 31 && bit(o.NewAxisMask, i) && !bit(o.EllipsisMask, i) {
			added++
		}
	}
	// Places count the dimensions of the input and those that are added. The masks speak
	// of entries: an ellipsis is one entry for all places that no other entry names, but,
	// as in LiteRT, for one place at least.
	places := len(shape) + added
	if n > 31 || places > 31 {
		return nil, fmt.Errorf("%d entries for %d dimensions, want at most 31", n, places)
	}
	c := &Cut{Out: []int{}}
	wide := 0 // places of an ellipsis beyond its first
	for i := 0; i < places; i++ {
		entry := i - wide
		d := -1
		if len(c.Begin) < len(shape) {
			d = shape[len(c.Begin)]
		}
		switch {
		case bit(o.EllipsisMask, i):
			end := max(i+1, min(i+1+places-n, places))
			for wide = end - i - 1; i < end; i++ {
				if len(c.Begin) == len(shape) {
					return nil, fmt.Errorf("masks name more than the %d dimensions of the input", len(shape))
				}
				c.whole(shape[len(c.Begin)])
			}
			i--
		case bit(o.NewAxisMask, entry):
			c.Out = append(c.Out, 1)
		case d < 0:
			return nil, fmt.Errorf("masks name more than the %d dimensions of the input", len(shape))
		case entry >= n:
			c.whole(d)
		default:
			if err := c.take(d, spec[0][entry], spec[1][entry], spec[2][entry],
				bit(o.BeginMask, entry), bit(o.EndMask, entry), bit(o.ShrinkAxisMask, entry), o.Offset); err != nil {
				return nil, fmt.Errorf("dimension %d: %w", len(c.Begin), err)
			}
		}
	}
	if len(c.Begin) != len(shape) {
		return nil, fmt.Errorf("masks leave %d of %d dimensions", len(c.Begin), len(shape))
	}
	return c, nil
}

// whole appends a dimension of size d as it is.
func (c *Cut) whole(d int) {
	c.Begin, c.Step, c.Count = append(c.Begin, 0), append(c.Step, 1), append(c.Count, d)
	c.Out = append(c.Out, d)
}

// take appends one dimension of size d.
func (c *Cut) take(d, begin, end, step int, noBegin, noEnd, shrink, offset bool) error {
	if step == 0 || step == math.MinInt32 {
		return fmt.Errorf("step %d", step)
	}
	// Places run from low to high: one before the first when going backwards.
	low, high := 0, d
	if step < 0 {
		low, high = -1, d-1
	}
	limit := func(x int) int {
		if x < 0 {
			x += d
		}
		return min(max(x, low), high)
	}
	first := limit(begin)
	if noBegin {
		if first = low; step < 0 {
			first = high
		}
	}
	if shrink {
		if first < 0 || first >= d {
			return fmt.Errorf("index %d: out of range for %d", begin, d)
		}
		c.Begin, c.Step, c.Count = append(c.Begin, first), append(c.Step, 1), append(c.Count, 1)
		return nil
	}
	if offset {
		end += first
	}
	last := limit(end)
	if noEnd {
		if last = high; step < 0 {
			last = low
		}
	}
	count := 0
	if step > 0 && last > first {
		count = (last-first-1)/step + 1
	} else if step < 0 && last < first {
		count = (first-last-1)/-step + 1
	}
	if count == 0 {
		first = 0
	}
	c.Begin, c.Step, c.Count = append(c.Begin, first), append(c.Step, step), append(c.Count, count)
	c.Out = append(c.Out, count)
	return nil
}

// shapeStridedSlice is the rule of STRIDED_SLICE.
func shapeStridedSlice(op *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 4, 4); err != nil {
		return nil, err
	}
	c, err := StridedSliceCut(op, in)
	if err != nil {
		return nil, err
	}
	return [][]int{c.Out}, nil
}

// SliceCut resolves the constant inputs 1 and 2 of SLICE: where it begins and how many it
// takes, -1 for all that follow.
func SliceCut(in []*Tensor) (*Cut, error) {
	shape := in[0].Shape
	begin, err := intsInput(in, 1)
	if err != nil {
		return nil, err
	}
	size, err := intsInput(in, 2)
	if err != nil {
		return nil, err
	}
	if len(begin) != len(shape) || len(size) != len(shape) {
		return nil, fmt.Errorf("begin %v, size %v: want %d elements each", begin, size, len(shape))
	}
	c := &Cut{Begin: begin, Step: make([]int, len(shape)), Count: size}
	for i, d := range shape {
		c.Step[i] = 1
		if size[i] == -1 {
			size[i] = d - begin[i]
		}
		if begin[i] < 0 || size[i] < 0 || begin[i] > d || size[i] > d-begin[i] {
			return nil, fmt.Errorf("dimension %d: %d elements from %d, has %d", i, size[i], begin[i], d)
		}
	}
	c.Out = append([]int{}, size...)
	return c, nil
}

// shapeSlice is the rule of SLICE.
func shapeSlice(_ *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 3, 3); err != nil {
		return nil, err
	}
	c, err := SliceCut(in)
	if err != nil {
		return nil, err
	}
	return [][]int{c.Out}, nil
}
