package ops

import (
	"errors"
	"math"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// errDivisionByZero is what a division of integers returns when a divisor is 0.
var errDivisionByZero = errors.New("division by zero")

// bindDiv: two operands that stretch to the output's shape, float32, int8, uint8, int16,
// int32 or int64. A float divided by 0 is the greatest float, as in LiteRT.
func bindDiv(n *Node) (Bound, error) {
	o, err := options[graph.DivOptions](n)
	if err != nil {
		return Bound{}, err
	}
	if err := checkBinary(n); err != nil {
		return Bound{}, err
	}
	typ := n.Out[0].Type
	switch typ {
	case graph.Float32:
		return floats(n, "div", o.Activation, kernels.DivF32)
	case graph.Int32:
		b, err := ints(n, "div", o.Activation, math.MinInt32, math.MaxInt32, kernels.DivInt[int32])
		return nonZero[int32](n, b, 0), err
	case graph.Int64:
		b, err := ints(n, "div", o.Activation, math.MinInt64, math.MaxInt64, kernels.DivInt[int64])
		return nonZero[int64](n, b, 0), err
	case graph.Int8, graph.UInt8, graph.Int16:
	default:
		return Bound{}, unsupported(n)
	}
	q, err := quantOperands(n, o.Activation)
	if err != nil {
		return Bound{}, err
	}
	real := float64(q.sa / float32(q.sb*q.so))
	if err := factor(real); err != nil {
		return Bound{}, err
	}
	p := &kernels.ProductQuant{ZeroA: q.za, ZeroB: q.zb, Out: kernels.NewQuotientMultiplier(real), Zero: q.zo, Low: q.lo, High: q.hi}
	kernel := kernelName("div", typ)
	switch typ {
	case graph.Int8:
		return nonZero(n, pairs(n, kernel, func(dst, a, b []int8, sa, sb int) { kernels.DivQuant(dst, a, b, sa, sb, p) }), int8(q.zb)), nil
	case graph.UInt8:
		return nonZero(n, pairs(n, kernel, func(dst, a, b []uint8, sa, sb int) { kernels.DivQuant(dst, a, b, sa, sb, p) }), uint8(q.zb)), nil
	default:
		return nonZero(n, pairs(n, kernel, func(dst, a, b []int16, sa, sb int) { kernels.DivQuant(dst, a, b, sa, sb, p) }), int16(q.zb)), nil
	}
}

// nonZero makes b return an error when an element of the divisor is zero.
func nonZero[T Number](n *Node, b Bound, zero T) Bound {
	attach := b.Attach
	if attach == nil {
		return b
	}
	b.Attach = func(m *Memory) Step {
		run, divisor := attach(m), View[T](m, n.In[1])
		return func() error {
			for _, v := range divisor {
				if v == zero {
					return errDivisionByZero
				}
			}
			return run()
		}
	}
	return b
}
