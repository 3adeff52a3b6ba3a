package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// checkUnary checks an operator with one input and an output of its shape and type.
func checkUnary(n *Node) error {
	if err := check(n, 1, 1, 1); err != nil {
		return err
	}
	if err := sameType(n.In[0], n.Out[0]); err != nil {
		return err
	}
	return symmetric(n.In[0], n.Out[0])
}

// ends is the quantization of an operator with one input and one output.
type ends struct {
	si, so float32
	zi, zo int32
	lo, hi int32 // the output type's range
}

func quantEnds(n *Node) (q ends, err error) {
	if q.si, q.zi, err = perTensor(n.In[0], "input"); err != nil {
		return q, err
	}
	if q.so, q.zo, err = perTensor(n.Out[0], "output"); err != nil {
		return q, err
	}
	q.lo, q.hi, _ = typeRange(n.Out[0].Type)
	return q, nil
}

// rescale returns the arithmetic of an element that is multiplied by in scale / out scale,
// the division in float32.
func (q *ends) rescale() (*kernels.Rescale, error) {
	real := float64(q.si / q.so)
	if err := factor(real); err != nil {
		return nil, err
	}
	return &kernels.Rescale{ZeroIn: q.zi, Mul: kernels.NewMultiplier(real), Zero: q.zo, Low: q.lo, High: q.hi}, nil
}

// mapped is the step of a float function applied to every element.
func mapped(n *Node, family string, f func(float32) float32) Bound {
	return unary(n, kernelName(family, graph.Float32), func(dst, src []float32) { kernels.MapF32(dst, src, f) })
}

// tabulated is the step of a function of 8-bit elements: a table of 256 values.
func tabulated(n *Node, family string, f func(float32) float32) (Bound, error) {
	q, err := quantEnds(n)
	if err != nil {
		return Bound{}, err
	}
	kernel := kernelName(family, n.In[0].Type)
	if n.In[0].Type == graph.Int8 {
		t := kernels.NewLUT8[int8](q.si, q.zi, q.so, q.zo, f)
		return unary(n, kernel, func(dst, src []int8) { kernels.Lookup8(dst, src, t) }), nil
	}
	t := kernels.NewLUT8[uint8](q.si, q.zi, q.so, q.zo, f)
	return unary(n, kernel, func(dst, src []uint8) { kernels.Lookup8(dst, src, t) }), nil
}

// byTable is unary for a function of 8-bit elements, by a table of what f makes of each.
func byTable[In, Out int8 | uint8](n *Node, kernel string, f func(dst []Out, src []In)) Bound {
	t := kernels.Tabulate8(f)
	return unary(n, kernel, func(dst []Out, src []In) { kernels.Lookup8(dst, src, t) })
}

// sigmoidScale brings 16-bit inputs to the logistic table's scale, which spans 3*4096
// steps a unit. Scales of 2^-12, and up to 2^(most-12), need no rounding.
func sigmoidScale(scale float32, most int) (kernels.SigmoidScale, error) {
	if l, ok := log2(scale); ok && l+12 >= 0 && l+12 <= most {
		return kernels.SigmoidScale{Mul: 3 << (l + 12)}, nil
	}
	s := kernels.SigmoidScale{}
	mul := float64(scale) * 4096 * 3
	if mul >= 1<<16 {
		return s, fmt.Errorf("input: scale %v of int16 is too large", scale)
	}
	for mul <= 32767.0/2 && s.Shift <= 30 {
		s.Shift++
		mul *= 2
	}
	s.Mul = int32(mul)
	return s, nil
}
