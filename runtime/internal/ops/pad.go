package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindPad: PAD and PADV2 with a constant input 1 of paddings and an optional input 2 of
// one element to pad with; any type of 1, 2, 4 or 8 bytes. Without it a quantized type is
// padded with the output's zero point, any other with 0.
func bindPad(n *Node) (Bound, error) {
	if err := check(n, 2, 3, 1); err != nil {
		return Bound{}, err
	}
	given := len(n.In) == 3 && n.In[2] != nil
	in, out := n.In[0], n.Out[0]
	if err := sameType(in, out); err != nil {
		return Bound{}, err
	}
	if given {
		v := n.In[2]
		if v.Type != out.Type || v.Elements() != 1 {
			return Bound{}, fmt.Errorf("input 2: %v %v, want one element of %v", v.Type, v.Shape, out.Type)
		}
		if err := sameQuant(v, out); err != nil {
			return Bound{}, err
		}
	}
	before, _, err := graph.Paddings([]*graph.Tensor{&in.Tensor, &n.In[1].Tensor})
	if err != nil {
		return Bound{}, err
	}
	dst := kernels.Strides(out.Shape)
	to := 0
	for i, p := range before {
		to += p * dst[i]
	}
	if out.Elements() == 0 {
		to = 0
	}
	l := kernels.NewLayout(in.Shape, kernels.Strides(in.Shape), dst, 0, to)
	zero := int64(0)
	if lo, hi, ok := typeRange(out.Type); ok && len(out.Quant.ZeroPoint) > 0 && !given {
		if zero = out.Quant.ZeroPoint[0]; zero < int64(lo) || zero > int64(hi) {
			return Bound{}, fmt.Errorf("output: zero point %d outside %v", zero, out.Type)
		}
	}
	switch width(out.Type) {
	case 1:
		return pad(n, given, uint8(zero), &l), nil
	case 2:
		return pad(n, given, uint16(zero), &l), nil
	case 4:
		return pad(n, given, uint32(zero), &l), nil
	case 8:
		return pad(n, given, uint64(zero), &l), nil
	}
	return Bound{}, unsupported(n)
}

// pad is the step that fills the output with v, or with the third input, and copies the
// input into it.
func pad[T Number](n *Node, given bool, v T, l *kernels.Layout) Bound {
	return Bound{Kernel: kernelName("pad", n.Out[0].Type), Attach: func(m *Memory) Step {
		src, dst := View[T](m, n.In[0]), View[T](m, n.Out[0])
		fill := []T{v}
		if given {
			fill = View[T](m, n.In[2])
		}
		return func() error {
			kernels.Fill(dst, fill[0])
			kernels.Copy(dst, src, l)
			return nil
		}
	}}
}
