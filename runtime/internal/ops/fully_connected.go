package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindFullyConnected: input [..., K] of any rank, weights [O, K], optional bias [O]; output
// of as many elements as the input has rows of K, times O.
func bindFullyConnected(n *Node) (Bound, error) {
	o, err := options[graph.FullyConnectedOptions](n)
	if err != nil {
		return Bound{}, err
	}
	bias, err := convCounts(n)
	if err != nil {
		return Bound{}, err
	}
	x, f, out := n.In[0], n.In[1], n.Out[0]
	if o.WeightsFormat != 0 {
		return Bound{}, fmt.Errorf("shuffled weights: %w", ErrUnsupported)
	}
	if len(f.Shape) != 2 || len(out.Shape) == 0 || out.Shape[len(out.Shape)-1] != f.Shape[0] {
		return Bound{}, fmt.Errorf("weights %v, output %v: want [o, k] and [..., o]", f.Shape, out.Shape)
	}
	units, k := f.Shape[0], f.Shape[1]
	if out.Elements() == 0 {
		return nothing("fully-connected-empty"), nil
	}
	m := out.Elements() / units
	if !fits(m, k) || x.Elements() != m*k {
		return Bound{}, fmt.Errorf("input %v, weights %v, output %v: sizes do not agree", x.Shape, f.Shape, out.Shape)
	}
	if k == 0 {
		return Bound{Kernel: "fully-connected-empty", Attach: func(m *Memory) Step {
			dst := m.Tensors[out.ID]
			return func() error { clear(dst); return nil }
		}}, nil
	}
	c, err := newConv(kernels.Window{
		InH: 1, InW: m, InC: k, KH: 1, KW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, OutH: 1, OutW: m,
	}, 1, 1, units, max(x.Type.Bits()/8, 1))
	if err != nil {
		return Bound{}, err
	}
	switch {
	case x.Type != out.Type:
	case x.Type == graph.Float32 && f.Type == graph.Float32:
		lo, hi, err := floatRange(o.Activation)
		if err != nil {
			return Bound{}, err
		}
		return bindMatmulF32(c, lo, hi, x, f, bias, out, "fully-connected-f32-generic")
	case x.Type == graph.Float32 && (f.Type == graph.Int8 || f.Type == graph.Int4):
		return bindFullyConnectedHybrid(c, o, x, f, bias, out)
	case x.Type == graph.Int8 && (f.Type == graph.Int8 || f.Type == graph.Int4),
		x.Type == graph.UInt8 && f.Type == graph.UInt8,
		x.Type == graph.Int16 && (f.Type == graph.Int8 || f.Type == graph.Int4):
		return bindFullyConnectedQuant(c, o, x, f, bias, out)
	}
	return Bound{}, unsupported(n)
}

// nothing is a node that has nothing to compute.
func nothing(kernel string) Bound {
	return Bound{Kernel: kernel, Attach: func(*Memory) Step { return func() error { return nil } }}
}

func bindFullyConnectedQuant(c conv, o *graph.FullyConnectedOptions, x, f, bias, out *Tensor) (Bound, error) {
	scales, wzero, err := perChannel(f, "weights", 0, c.n)
	if err != nil {
		return Bound{}, err
	}
	if x.Type == graph.UInt8 && len(f.Quant.Scale) != 1 {
		return Bound{}, fmt.Errorf("uint8 weights with %d scales: %w", len(f.Quant.Scale), ErrUnsupported)
	}
	requant, zero, err := convRequant(o.Activation, x, out, scales)
	if err != nil {
		return Bound{}, err
	}
	// LiteRT's reference kernel scales in float64, with products in float64 for every type.
	requant.Mul, requant.Real = nil, make([]float64, len(scales))
	for i, s := range scales {
		requant.Real[i] = float64(x.Quant.Scale[0]) * float64(s) / float64(out.Quant.Scale[0])
	}
	if x.Type == graph.Int16 {
		if wzero != 0 {
			return Bound{}, fmt.Errorf("weights of zero point %d with int16: %w", wzero, ErrUnsupported)
		}
		return bindMatmulS16(c, requant, narrowBias(o.QuantizedBiasType, bias), x, f, bias, out, "fully-connected-s16-generic")
	}
	return bindMatmulS8(c, requant, zero, wzero, x, f, bias, out, "fully-connected-s8-generic")
}
