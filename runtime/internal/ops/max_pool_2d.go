package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindMaxPool2D: input [N, H, W, C], output [N, H', W', C]; float32, int8, uint8 or int16.
func bindMaxPool2D(n *Node) (Bound, error) {
	p, err := bindPool(n)
	if err != nil {
		return Bound{}, err
	}
	typ := n.Out[0].Type
	kernel := kernelName("max-pool", typ)
	switch typ {
	case graph.Float32:
		lo, hi, err := finiteRange(p.act)
		return unary(n, kernel, func(dst, src []float32) { kernels.MaxPoolF32(dst, src, &p.Pool, lo, hi) }), err
	case graph.Int8, graph.UInt8, graph.Int16:
	default:
		return Bound{}, unsupported(n)
	}
	lo, hi, err := p.quantized(n)
	if err != nil {
		return Bound{}, err
	}
	switch typ {
	case graph.Int8:
		return unary(n, kernel, func(dst, src []int8) { kernels.MaxPoolQuant(dst, src, &p.Pool, int8(lo), int8(hi)) }), nil
	case graph.UInt8:
		return unary(n, kernel, func(dst, src []uint8) { kernels.MaxPoolQuant(dst, src, &p.Pool, uint8(lo), uint8(hi)) }), nil
	default:
		return unary(n, kernel, func(dst, src []int16) { kernels.MaxPoolQuant(dst, src, &p.Pool, int16(lo), int16(hi)) }), nil
	}
}
