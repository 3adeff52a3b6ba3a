package ops

import (
	"math"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindReduceMax: the greatest over constant axes; float32, int8, uint8, int16, int32 or
// int64. Quantized input and output have one scale.
func bindReduceMax(n *Node) (Bound, error) {
	r, err := bindReduction(n)
	if err != nil {
		return Bound{}, err
	}
	if err := sameQuant(n.In[0], n.Out[0]); err != nil {
		return Bound{}, err
	}
	kernel := kernelName("reduce-max", n.Out[0].Type)
	switch n.Out[0].Type {
	case graph.Float32:
		return unary(n, kernel, func(dst, src []float32) { kernels.ReduceMax(dst, src, -math.MaxFloat32, r) }), nil
	case graph.Int8:
		return unary(n, kernel, func(dst, src []int8) { kernels.ReduceMax(dst, src, math.MinInt8, r) }), nil
	case graph.UInt8:
		return unary(n, kernel, func(dst, src []uint8) { kernels.ReduceMax(dst, src, 0, r) }), nil
	case graph.Int16:
		return unary(n, kernel, func(dst, src []int16) { kernels.ReduceMax(dst, src, math.MinInt16, r) }), nil
	case graph.Int32:
		return unary(n, kernel, func(dst, src []int32) { kernels.ReduceMax(dst, src, math.MinInt32, r) }), nil
	case graph.Int64:
		return unary(n, kernel, func(dst, src []int64) { kernels.ReduceMax(dst, src, math.MinInt64, r) }), nil
	}
	return Bound{}, unsupported(n)
}
