package ops

import (
	"fmt"
	"math"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindSoftmax: along the last dimension; float32, int8 or uint8 to the same or to int16,
// and int16. The output's least stored value is 0, its scale the type's whole range.
func bindSoftmax(n *Node) (Bound, error) {
	o, err := options[graph.SoftmaxOptions](n)
	if err != nil {
		return Bound{}, err
	}
	if err := check(n, 1, 1, 1); err != nil {
		return Bound{}, err
	}
	in, out := n.In[0], n.Out[0]
	if len(in.Shape) == 0 {
		return Bound{}, fmt.Errorf("input: a scalar, want at least 1 dimension")
	}
	depth := in.Shape[len(in.Shape)-1]
	if in.Type == graph.Float32 && out.Type == graph.Float32 {
		return unary(n, kernelName("softmax", in.Type), func(dst, src []float32) { kernels.SoftmaxF32(dst, src, depth, o.Beta) }), nil
	}
	q, err := quantEnds(n)
	if err != nil {
		return Bound{}, err
	}
	if err := softmaxOutput(in.Type, out.Type, q.so, q.zo); err != nil {
		return Bound{}, err
	}
	if in.Type == graph.Int16 && out.Type == graph.Int16 {
		return softmaxS16(n, &q, o.Beta, depth)
	}
	s, ok := kernels.NewSoftmaxScale(o.Beta, q.si)
	if !ok {
		return Bound{}, fmt.Errorf("input: scale %v times beta %v is too small", q.si, o.Beta)
	}
	kernel := "softmax-" + suffix(in.Type) + "-" + suffix(out.Type) + "-generic"
	switch [2]graph.Type{in.Type, out.Type} {
	case [2]graph.Type{graph.Int8, graph.Int8}:
		return unary(n, kernel, func(dst, src []int8) { kernels.SoftmaxQuant(dst, src, depth, &s) }), nil
	case [2]graph.Type{graph.Int8, graph.Int16}:
		return unary(n, kernel, func(dst []int16, src []int8) { kernels.SoftmaxQuant(dst, src, depth, &s) }), nil
	case [2]graph.Type{graph.UInt8, graph.UInt8}:
		return unary(n, kernel, func(dst, src []uint8) { kernels.SoftmaxQuant(dst, src, depth, &s) }), nil
	case [2]graph.Type{graph.UInt8, graph.Int16}:
		return unary(n, kernel, func(dst []int16, src []uint8) { kernels.SoftmaxQuant(dst, src, depth, &s) }), nil
	}
	return Bound{}, unsupported(n)
}

// softmaxOutput checks what LiteRT fixes of the output's quantization, to 1/1000 of the scale.
func softmaxOutput(in, out graph.Type, scale float32, zero int32) error {
	want, wantZero := 1.0/32768, int32(0)
	switch {
	case in == graph.Int8 && out == graph.Int8:
		want, wantZero = 1.0/256, -128
	case in != graph.Int16:
		return nil
	}
	if math.Abs(float64(scale)-want) > want/1000 || zero != wantZero {
		return fmt.Errorf("output: scale %v, zero point %d, want %v and %d", scale, zero, want, wantZero)
	}
	return nil
}

// softmaxS16 binds the form of int16, with its two tables.
func softmaxS16(n *Node, q *ends, beta float32, depth int) (Bound, error) {
	if err := symmetric(n.In[0], n.Out[0]); err != nil {
		return Bound{}, err
	}
	real := float64(float32(q.si*beta)) / (10.0 / 65535.0)
	if err := factor(real); err != nil {
		return Bound{}, err
	}
	mul := kernels.NewMultiplier(real)
	exp := kernels.NewLUT16(10.0/65535, math.MaxInt16, 2.0/65535, 0, kernels.ExpF64)
	inverse := kernels.NewLUT16(1.0/65535, math.MinInt16, 2.0/65535, 0, func(x float64) float64 { return 1 / (1 + x) })
	return unary(n, kernelName("softmax", graph.Int16), func(dst, src []int16) {
		kernels.SoftmaxS16(dst, src, depth, mul, exp, inverse)
	}), nil
}
