package ops

import (
	"math"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindAdd: two operands that stretch to the output's shape, float32, int8, uint8, int16,
// int32 or int64.
func bindAdd(n *Node) (Bound, error) {
	o, err := options[graph.AddOptions](n)
	if err != nil {
		return Bound{}, err
	}
	if err := checkBinary(n); err != nil {
		return Bound{}, err
	}
	switch n.Out[0].Type {
	case graph.Float32:
		return floats(n, "add", o.Activation, kernels.AddF32)
	case graph.Int32:
		return ints(n, "add", o.Activation, math.MinInt32, math.MaxInt32, kernels.AddInt[int32])
	case graph.Int64:
		return ints(n, "add", o.Activation, math.MinInt64, math.MaxInt64, kernels.AddInt[int64])
	case graph.Int16:
		if len(n.In[0].Quant.Scale) == 0 {
			return ints(n, "add", o.Activation, math.MinInt16, math.MaxInt16, kernels.AddInt[int16])
		}
		return bindSum(n, "add", o.Activation, o.PotScaleInt16, 1)
	case graph.Int8, graph.UInt8:
		return bindSum(n, "add", o.Activation, false, 1)
	}
	return Bound{}, unsupported(n)
}

// bindSum binds a quantized addition (sign 1) or subtraction (sign -1). pow2 asks for the
// int16 form with scales that are powers of two, where they are.
func bindSum(n *Node, family string, act graph.Activation, pow2 bool, sign int32) (Bound, error) {
	q, err := quantOperands(n, act)
	if err != nil {
		return Bound{}, err
	}
	typ := n.Out[0].Type
	if err := symmetric(n.In[0], n.In[1], n.Out[0]); err != nil {
		return Bound{}, err
	}
	if pow2 {
		la, pa := log2(q.sa)
		lb, pb := log2(q.sb)
		lo, po := log2(q.so)
		if pa && pb && po {
			return bindSumPow2(n, family, la-lo, lb-lo, &kernels.SumPow2{Sign: sign, Low: q.lo, High: q.hi})
		}
	}
	s := &kernels.SumQuant{Shift: 20, ZeroA: q.za, ZeroB: q.zb, Sign: sign, Zero: q.zo, Low: q.lo, High: q.hi}
	if typ == graph.Int16 {
		s.Shift = 15
	}
	twice := float64(2 * max(q.sa, q.sb))
	out := twice / float64(float32(int32(1)<<s.Shift)*q.so)
	for _, real := range []float64{twice, out} {
		if err := factor(real); err != nil {
			return Bound{}, err
		}
	}
	s.A = kernels.NewMultiplier(float64(q.sa) / twice)
	s.B = kernels.NewMultiplier(float64(q.sb) / twice)
	s.Out = kernels.NewMultiplier(out)
	s.Beyond = sign < 0 && s.Out.Shift > 0
	kernel := kernelName(family, typ)
	switch typ {
	case graph.Int8:
		return pairs(n, kernel, func(dst, a, b []int8, sa, sb int) { kernels.AddQuant(dst, a, b, sa, sb, s) }), nil
	case graph.UInt8:
		return pairs(n, kernel, func(dst, a, b []uint8, sa, sb int) { kernels.AddQuant(dst, a, b, sa, sb, s) }), nil
	case graph.Int16:
		return pairs(n, kernel, func(dst, a, b []int16, sa, sb int) { kernels.AddQuant(dst, a, b, sa, sb, s) }), nil
	}
	return Bound{}, unsupported(n)
}

// bindSumPow2 binds the form of int16 whose scales are the output's times 2^la and 2^lb:
// one operand has the output's scale, the other that or a smaller one.
func bindSumPow2(n *Node, family string, la, lb int, q *kernels.SumPow2) (Bound, error) {
	if la > 0 || lb > 0 || la < -15 || lb < -15 || la != 0 && lb != 0 {
		return Bound{}, unsupported(n)
	}
	q.ShiftA, q.ShiftB = uint(-la), uint(-lb)
	return pairs(n, kernelName(family+"-pow2", graph.Int16), func(dst, a, b []int16, sa, sb int) {
		kernels.AddPow2(dst, a, b, sa, sb, q)
	}), nil
}

// log2 returns the nearest logarithm of a scale and whether the scale is about that power
// of two: by less than 1/1000, as LiteRT's CheckedLog2 asks.
func log2(scale float32) (int, bool) {
	l := math.Log2(float64(scale))
	r := math.Round(l)
	return int(r), math.Abs(l-r) < 1e-3
}
