package ops

import (
	"math"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindCast: between float32, bool and the integers of 8 to 64 bits, and between float32 and
// float16. Floats go towards
// zero and saturate, a NaN is the greatest integer; integers wrap; everything but 0 is true.
func bindCast(n *Node) (Bound, error) {
	if err := check(n, 1, 1, 1); err != nil {
		return Bound{}, err
	}
	kernel := "cast-" + suffix(n.In[0].Type) + "-" + suffix(n.Out[0].Type) + "-generic"
	switch n.In[0].Type {
	case graph.Float32:
		return castFloat(n, kernel)
	case graph.Float16:
		if n.Out[0].Type == graph.Float32 {
			return unary(n, kernel, kernels.DequantizeF16), nil
		}
	case graph.Int8:
		return castInt[int8](n, kernel)
	case graph.UInt8, graph.Bool:
		return castInt[uint8](n, kernel)
	case graph.Int16:
		return castInt[int16](n, kernel)
	case graph.UInt16:
		return castInt[uint16](n, kernel)
	case graph.Int32:
		return castInt[int32](n, kernel)
	case graph.UInt32:
		return castInt[uint32](n, kernel)
	case graph.Int64:
		return castInt[int64](n, kernel)
	}
	return Bound{}, unsupported(n)
}

func castFloat(n *Node, kernel string) (Bound, error) {
	switch n.Out[0].Type {
	case graph.Float32:
		return unary(n, kernel, func(dst, src []float32) { copy(dst, src) }), nil
	case graph.Float16:
		return unary(n, kernel, kernels.NarrowF16), nil
	case graph.Bool:
		return unary(n, kernel, kernels.CastBool[float32]), nil
	case graph.Int8:
		return unary(n, kernel, func(dst []int8, src []float32) { kernels.CastF32(dst, src, math.MinInt8, math.MaxInt8) }), nil
	case graph.UInt8:
		return unary(n, kernel, func(dst []uint8, src []float32) { kernels.CastF32(dst, src, 0, math.MaxUint8) }), nil
	case graph.Int16:
		return unary(n, kernel, func(dst []int16, src []float32) { kernels.CastF32(dst, src, math.MinInt16, math.MaxInt16) }), nil
	case graph.UInt16:
		return unary(n, kernel, func(dst []uint16, src []float32) { kernels.CastF32(dst, src, 0, math.MaxUint16) }), nil
	case graph.Int32:
		return unary(n, kernel, func(dst []int32, src []float32) { kernels.CastF32(dst, src, math.MinInt32, math.MaxInt32) }), nil
	case graph.UInt32:
		return unary(n, kernel, func(dst []uint32, src []float32) { kernels.CastF32(dst, src, 0, math.MaxUint32) }), nil
	case graph.Int64:
		return unary(n, kernel, func(dst []int64, src []float32) { kernels.CastF32(dst, src, math.MinInt64, math.MaxInt64) }), nil
	}
	return Bound{}, unsupported(n)
}

func castInt[In int8 | uint8 | int16 | uint16 | int32 | uint32 | int64](n *Node, kernel string) (Bound, error) {
	switch n.Out[0].Type {
	case graph.Float32:
		return unary(n, kernel, kernels.CastInt[float32, In]), nil
	case graph.Bool:
		return unary(n, kernel, kernels.CastBool[In]), nil
	case graph.Int8:
		return unary(n, kernel, kernels.CastInt[int8, In]), nil
	case graph.UInt8:
		return unary(n, kernel, kernels.CastInt[uint8, In]), nil
	case graph.Int16:
		return unary(n, kernel, kernels.CastInt[int16, In]), nil
	case graph.UInt16:
		return unary(n, kernel, kernels.CastInt[uint16, In]), nil
	case graph.Int32:
		return unary(n, kernel, kernels.CastInt[int32, In]), nil
	case graph.UInt32:
		return unary(n, kernel, kernels.CastInt[uint32, In]), nil
	case graph.Int64:
		return unary(n, kernel, kernels.CastInt[int64, In]), nil
	}
	return Bound{}, unsupported(n)
}
