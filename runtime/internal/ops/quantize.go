package ops

import (
	"fmt"
	"math"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindQuantize: float32 to int8, uint8 or int16, per tensor or along a dimension; or from
// one scale to another between int8, uint8, int16 and int32.
func bindQuantize(n *Node) (Bound, error) {
	if err := check(n, 1, 1, 1); err != nil {
		return Bound{}, err
	}
	in, out := n.In[0], n.Out[0]
	switch {
	case in.Type == graph.Float32 && out.Type == graph.Int8:
		return quantize[int8](n)
	case in.Type == graph.Float32 && out.Type == graph.UInt8:
		return quantize[uint8](n)
	case in.Type == graph.Float32 && out.Type == graph.Int16:
		return quantize[int16](n)
	}
	switch in.Type {
	case graph.Int8:
		return requantizeFrom8[int8](n)
	case graph.UInt8:
		return requantizeFrom8[uint8](n)
	case graph.Int16:
		return requantizeFrom[int16](n)
	case graph.Int32:
		return requantizeFrom[int32](n)
	}
	return Bound{}, unsupported(n)
}

func quantize[T kernels.Quant](n *Node) (Bound, error) {
	out := n.Out[0]
	outer, channels, inner, err := channelLoops(out, "output")
	if err != nil {
		return Bound{}, err
	}
	lo, hi, _ := typeRange(out.Type)
	scale, zero := out.Quant.Scale, out.Quant.ZeroPoint
	return unary(n, kernelName("quantize", out.Type), func(dst []T, src []float32) {
		for range outer {
			for c := range channels {
				kernels.QuantizeF32(dst[:inner], src[:inner], scale[c], int32(zero[c]), lo, hi)
				dst, src = dst[inner:], src[inner:]
			}
		}
	}), nil
}

// channelLoops returns a quantized tensor as [outer, channels, inner], one scale a
// channel, and checks its quantization.
func channelLoops(t *Tensor, name string) (outer, channels, inner int, err error) {
	q := &t.Quant
	if len(q.Scale) <= 1 {
		_, _, err := perTensor(t, name)
		return 1, 1, t.Elements(), err
	}
	if q.Dim < 0 || q.Dim >= len(t.Shape) || t.Shape[q.Dim] != len(q.Scale) {
		return 0, 0, 0, fmt.Errorf("%s: %d scales along dimension %d of shape %v", name, len(q.Scale), q.Dim, t.Shape)
	}
	if err := checkScales(t, name, len(q.Scale)); err != nil {
		return 0, 0, 0, err
	}
	return product(t.Shape[:q.Dim]), t.Shape[q.Dim], product(t.Shape[q.Dim+1:]), nil
}

// requantizeName names the kernel from one type to another.
func requantizeName(n *Node) string {
	return "quantize-" + suffix(n.In[0].Type) + "-" + suffix(n.Out[0].Type) + "-generic"
}

// requantizeFrom8 is requantizeFrom for 8-bit inputs: by a table to 8-bit outputs.
func requantizeFrom8[In int8 | uint8](n *Node) (Bound, error) {
	if out := n.Out[0].Type; out != graph.Int8 && out != graph.UInt8 {
		return requantizeFrom[In](n)
	}
	r, err := requantize(n)
	if err != nil {
		return Bound{}, err
	}
	if n.Out[0].Type == graph.Int8 {
		return byTable(n, requantizeName(n), func(dst []int8, src []In) { kernels.RescaleQuant(dst, src, r) }), nil
	}
	return byTable(n, requantizeName(n), func(dst []uint8, src []In) { kernels.RescaleQuant(dst, src, r) }), nil
}

func requantizeFrom[In kernels.Quant | int32](n *Node) (Bound, error) {
	kernel := requantizeName(n)
	r, err := requantize(n)
	if err != nil {
		return Bound{}, err
	}
	switch n.Out[0].Type {
	case graph.Int8:
		return unary(n, kernel, func(dst []int8, src []In) { kernels.RescaleQuant(dst, src, r) }), nil
	case graph.UInt8:
		return unary(n, kernel, func(dst []uint8, src []In) { kernels.RescaleQuant(dst, src, r) }), nil
	case graph.Int16:
		return unary(n, kernel, func(dst []int16, src []In) { kernels.RescaleQuant(dst, src, r) }), nil
	case graph.Int32:
		if n.In[0].Type == graph.Int16 {
			return unary(n, kernel, func(dst []int32, src []In) { kernels.RescaleQuant(dst, src, r) }), nil
		}
	}
	return Bound{}, unsupported(n)
}

// requantize returns the arithmetic from the input's scale to the output's.
func requantize(n *Node) (*kernels.Rescale, error) {
	in, out := n.In[0], n.Out[0]
	if in.Type == graph.Int16 && out.Type == graph.Int16 {
		if err := symmetric(in, out); err != nil {
			return nil, err
		}
	}
	si, zi, err := wideScale(in, "input")
	if err != nil {
		return nil, err
	}
	so, zo, err := wideScale(out, "output")
	if err != nil {
		return nil, err
	}
	lo, hi, ok := typeRange(out.Type)
	if !ok {
		lo, hi = math.MinInt32, math.MaxInt32
	}
	return &kernels.Rescale{ZeroIn: zi, Mul: kernels.NewMultiplier(float64(si) / float64(so)), Zero: zo, Low: lo, High: hi}, nil
}

// wideScale is perTensor for int32 too.
func wideScale(t *Tensor, name string) (scale float32, zero int32, err error) {
	if t.Type != graph.Int32 {
		return perTensor(t, name)
	}
	q := &t.Quant
	if len(q.Scale) != 1 || len(q.ZeroPoint) != 1 {
		return 0, 0, fmt.Errorf("%s: %d scales and %d zero points, want one each", name, len(q.Scale), len(q.ZeroPoint))
	}
	if s := q.Scale[0]; !(s > 0) || s > math.MaxFloat32 {
		return 0, 0, fmt.Errorf("%s: scale %v, want a positive number", name, s)
	}
	if z := q.ZeroPoint[0]; z != int64(int32(z)) {
		return 0, 0, fmt.Errorf("%s: zero point %d outside int32", name, z)
	}
	return q.Scale[0], int32(q.ZeroPoint[0]), nil
}
