package ops

import (
	"math"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindMul: two operands that stretch to the output's shape, float32, int8, uint8, int16,
// int32 or int64; also int16 operands with an 8-bit output.
func bindMul(n *Node) (Bound, error) {
	o, err := options[graph.MulOptions](n)
	if err != nil {
		return Bound{}, err
	}
	if err := check(n, 2, 2, 1); err != nil {
		return Bound{}, err
	}
	if err := sameType(n.In[0], n.In[1]); err != nil {
		return Bound{}, err
	}
	in, out := n.In[0].Type, n.Out[0].Type
	switch {
	case in == graph.Int16 && (out == graph.Int8 || out == graph.UInt8):
		return bindMulFixed(n, o.Activation)
	case in != out:
		return Bound{}, unsupported(n)
	case out == graph.Float32:
		return floats(n, "mul", o.Activation, kernels.MulF32)
	case out == graph.Int32:
		return ints(n, "mul", o.Activation, math.MinInt32, math.MaxInt32, kernels.MulInt[int32])
	case out == graph.Int64:
		return ints(n, "mul", o.Activation, math.MinInt64, math.MaxInt64, kernels.MulInt[int64])
	case out == graph.Int16 && len(n.Out[0].Quant.Scale) == 0:
		return ints(n, "mul", o.Activation, math.MinInt16, math.MaxInt16, kernels.MulInt[int16])
	case out != graph.Int8 && out != graph.UInt8 && out != graph.Int16:
		return Bound{}, unsupported(n)
	}
	q, err := quantOperands(n, o.Activation)
	if err != nil {
		return Bound{}, err
	}
	if err := symmetric(n.In[0], n.In[1], n.Out[0]); err != nil {
		return Bound{}, err
	}
	real := float64(float32(q.sa*q.sb) / q.so)
	if err := factor(real); err != nil {
		return Bound{}, err
	}
	p := &kernels.ProductQuant{ZeroA: q.za, ZeroB: q.zb, Out: kernels.NewMultiplier(real), Zero: q.zo, Low: q.lo, High: q.hi}
	kernel := kernelName("mul", out)
	switch out {
	case graph.Int8:
		return pairs(n, kernel, func(dst, a, b []int8, sa, sb int) { kernels.MulQuant(dst, a, b, sa, sb, p) }), nil
	case graph.UInt8:
		return pairs(n, kernel, func(dst, a, b []uint8, sa, sb int) { kernels.MulQuant(dst, a, b, sa, sb, p) }), nil
	default:
		return pairs(n, kernel, func(dst, a, b []int16, sa, sb int) { kernels.MulQuant(dst, a, b, sa, sb, p) }), nil
	}
}

// bindMulFixed binds the product of 16-bit fractions whose upper 8 bits are the output.
func bindMulFixed(n *Node, act graph.Activation) (Bound, error) {
	scale, zero, err := perTensor(n.Out[0], "output")
	if err != nil {
		return Bound{}, err
	}
	lo, hi, err := quantRange(act, n.Out[0], scale, zero)
	if err != nil {
		return Bound{}, err
	}
	p := &kernels.ProductQuant{Zero: zero, Low: lo, High: hi}
	kernel := "mul-s16-" + suffix(n.Out[0].Type) + "-generic"
	if n.Out[0].Type == graph.Int8 {
		return pairs(n, kernel, func(dst []int8, a, b []int16, sa, sb int) { kernels.MulFixed(dst, a, b, sa, sb, p) }), nil
	}
	return pairs(n, kernel, func(dst []uint8, a, b []int16, sa, sb int) { kernels.MulFixed(dst, a, b, sa, sb, p) }), nil
}
