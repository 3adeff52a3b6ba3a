package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindAveragePool2D: input [N, H, W, C], output [N, H', W', C]; float32, int8, uint8 or
// int16. Padding does not count.
func bindAveragePool2D(n *Node) (Bound, error) {
	p, err := bindPool(n)
	if err != nil {
		return Bound{}, err
	}
	typ := n.Out[0].Type
	kernel := kernelName("average-pool", typ)
	if typ == graph.Float32 {
		lo, hi, err := finiteRange(p.act)
		if err != nil {
			return Bound{}, err
		}
		return unary(n, kernel, func(dst, src []float32) { kernels.AveragePoolF32(dst, src, &p.Pool, lo, hi) }), nil
	}
	switch typ {
	case graph.Int8:
		return averagePool[int8](n, kernel, p)
	case graph.UInt8:
		return averagePool[uint8](n, kernel, p)
	case graph.Int16:
		return averagePool[int16](n, kernel, p)
	}
	return Bound{}, unsupported(n)
}

// averagePool binds the quantized form, with scratch for the sums of one output pixel.
func averagePool[T kernels.Quant](n *Node, kernel string, p *pool) (Bound, error) {
	lo, hi, err := p.quantized(n)
	if err != nil {
		return Bound{}, err
	}
	var s scratch
	sums := reserve[int32](&s, p.Depth)
	size, err := s.total()
	return Bound{Kernel: kernel, Scratch: size, Attach: func(m *Memory) Step {
		src, dst, acc := View[T](m, n.In[0]), View[T](m, n.Out[0]), take[int32](m, sums)
		return func() error {
			kernels.AveragePoolQuant(dst, src, acc, &p.Pool, lo, hi)
			return nil
		}
	}}, err
}
