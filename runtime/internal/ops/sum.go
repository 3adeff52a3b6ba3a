package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindSumOver: the sum over constant axes; float32, int8, uint8, int16, int32 or int64.
func bindSumOver(n *Node) (Bound, error) {
	r, err := bindReduction(n)
	if err != nil {
		return Bound{}, err
	}
	typ := n.Out[0].Type
	kernel := kernelName("sum", typ)
	switch typ {
	case graph.Float32:
		return unary(n, kernel, func(dst, src []float32) { kernels.ReduceSumF32(dst, src, r) }), nil
	case graph.Int32:
		return unary(n, kernel, func(dst, src []int32) { kernels.ReduceSumInt(dst, src, r) }), nil
	case graph.Int64:
		return unary(n, kernel, func(dst, src []int64) { kernels.ReduceSumInt(dst, src, r) }), nil
	case graph.Int8, graph.UInt8, graph.Int16:
	default:
		return Bound{}, unsupported(n)
	}
	q, err := bindQuantSum(n)
	if err != nil {
		return Bound{}, err
	}
	switch typ {
	case graph.Int8:
		return scaledSums[int8](n, kernel, r, q)
	case graph.UInt8:
		return requantizedSums[uint8](n, kernel, r, q)
	default:
		return scaledSums[int16](n, kernel, r, q)
	}
}
