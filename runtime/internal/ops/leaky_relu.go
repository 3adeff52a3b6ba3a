package ops

import (
	"math"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindLeakyReLU: x where it is above 0, else alpha*x; float32, int8, uint8 or int16.
func bindLeakyReLU(n *Node) (Bound, error) {
	o, err := options[graph.LeakyReluOptions](n)
	if err != nil {
		return Bound{}, err
	}
	if err := checkUnary(n); err != nil {
		return Bound{}, err
	}
	typ := n.In[0].Type
	kernel := kernelName("leaky-relu", typ)
	switch typ {
	case graph.Float32:
		return unary(n, kernel, func(dst, src []float32) { kernels.LeakyReluF32(dst, src, o.Alpha) }), nil
	case graph.Int8, graph.UInt8, graph.Int16:
	default:
		return Bound{}, unsupported(n)
	}
	q, err := quantEnds(n)
	if err != nil {
		return Bound{}, err
	}
	r, err := q.rescale()
	if err != nil {
		return Bound{}, err
	}
	real := float64(float32(q.si*o.Alpha) / q.so)
	if err := factor(math.Abs(real)); err != nil {
		return Bound{}, err
	}
	sign := int32(1)
	if real < 0 {
		sign = -1
	}
	alpha := kernels.NewMultiplier(math.Abs(real))
	switch typ {
	case graph.Int8:
		return byTable(n, kernel, func(dst, src []int8) { kernels.LeakyReluQuant(dst, src, r, alpha, sign) }), nil
	case graph.UInt8:
		return byTable(n, kernel, func(dst, src []uint8) { kernels.LeakyReluQuant(dst, src, r, alpha, sign) }), nil
	default:
		return unary(n, kernel, func(dst, src []int16) { kernels.LeakyReluQuant(dst, src, r, alpha, sign) }), nil
	}
}
