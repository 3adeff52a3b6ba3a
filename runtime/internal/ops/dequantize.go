package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindDequantize: int8, uint8 or int16, per tensor or along a dimension, or float16, to
// float32.
func bindDequantize(n *Node) (Bound, error) {
	if err := check(n, 1, 1, 1); err != nil {
		return Bound{}, err
	}
	if n.Out[0].Type != graph.Float32 {
		return Bound{}, unsupported(n)
	}
	switch n.In[0].Type {
	case graph.Float16:
		return unary(n, kernelName("dequantize", graph.Float16), kernels.DequantizeF16), nil
	case graph.Int8:
		return dequantize[int8](n)
	case graph.UInt8:
		return dequantize[uint8](n)
	case graph.Int16:
		return dequantize[int16](n)
	}
	return Bound{}, unsupported(n)
}

func dequantize[T kernels.Quant](n *Node) (Bound, error) {
	in := n.In[0]
	if err := symmetric(in); err != nil {
		return Bound{}, err
	}
	outer, channels, inner, err := channelLoops(in, "input")
	if err != nil {
		return Bound{}, err
	}
	scale, zero := in.Quant.Scale, in.Quant.ZeroPoint
	return unary(n, kernelName("dequantize", in.Type), func(dst []float32, src []T) {
		for range outer {
			for c := range channels {
				kernels.DequantizeQuant(dst[:inner], src[:inner], scale[c], int32(zero[c]))
				dst, src = dst[inner:], src[inner:]
			}
		}
	}), nil
}
