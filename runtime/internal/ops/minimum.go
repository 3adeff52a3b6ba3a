package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindMinimum: two operands that stretch to the output's shape. Quantized ones are
// compared as stored, as LiteRT does. Where a float is a NaN the second operand is kept.
func bindMinimum(n *Node) (Bound, error) {
	if err := checkBinary(n); err != nil {
		return Bound{}, err
	}
	kernel := kernelName("minimum", n.Out[0].Type)
	switch n.Out[0].Type {
	case graph.Float32:
		return pairs(n, kernel, kernels.Min[float32]), nil
	case graph.Int8:
		return pairs(n, kernel, kernels.Min[int8]), nil
	case graph.UInt8:
		return pairs(n, kernel, kernels.Min[uint8]), nil
	case graph.Int16:
		return pairs(n, kernel, kernels.Min[int16]), nil
	case graph.Int32:
		return pairs(n, kernel, kernels.Min[int32]), nil
	case graph.Int64:
		return pairs(n, kernel, kernels.Min[int64]), nil
	}
	return Bound{}, unsupported(n)
}
