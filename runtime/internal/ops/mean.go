package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindMean: the mean over constant axes; float32, int8, uint8, int16, int32 or int64.
func bindMean(n *Node) (Bound, error) {
	r, err := bindReduction(n)
	if err != nil {
		return Bound{}, err
	}
	typ := n.Out[0].Type
	kernel := kernelName("mean", typ)
	switch typ {
	case graph.Float32:
		return unary(n, kernel, func(dst, src []float32) { kernels.MeanF32(dst, src, r) }), nil
	case graph.Int32:
		return sums(n, kernel, r, func(dst []int32, sum []int64) { kernels.MeanInt(dst, sum, r) })
	case graph.Int64:
		return sums(n, kernel, r, func(dst []int64, sum []int64) { kernels.MeanInt(dst, sum, r) })
	case graph.Int8, graph.UInt8, graph.Int16:
	default:
		return Bound{}, unsupported(n)
	}
	q, err := bindQuantSum(n)
	if err != nil {
		return Bound{}, err
	}
	q.mul = kernels.MeanMultiplier(q.mul, r.Count)
	switch typ {
	case graph.Int8:
		return requantizedSums[int8](n, kernel, r, q)
	case graph.UInt8:
		return requantizedSums[uint8](n, kernel, r, q)
	default:
		return requantizedSums[int16](n, kernel, r, q)
	}
}
