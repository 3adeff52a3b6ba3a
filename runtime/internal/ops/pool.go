package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// pool is what both pooling operators derive from a node.
type pool struct {
	kernels.Pool
	act graph.Activation
}

// bindPool checks a pooling operator: input and output [N, H, W, C] of one type, quantized
// alike.
func bindPool(n *Node) (*pool, error) {
	o, err := options[graph.Pool2DOptions](n)
	if err != nil {
		return nil, err
	}
	if err := check(n, 1, 1, 1); err != nil {
		return nil, err
	}
	if err := sameType(n.In[0], n.Out[0]); err != nil {
		return nil, err
	}
	in, out := n.In[0].Shape, n.Out[0].Shape
	p := &pool{act: o.Activation, Pool: kernels.Pool{
		Batch: in[0], InH: in[1], InW: in[2], Depth: in[3], OutH: out[1], OutW: out[2],
		StrideH: int(o.StrideH), StrideW: int(o.StrideW), FilterH: int(o.FilterHeight), FilterW: int(o.FilterWidth),
	}}
	if _, p.PadTop, err = graph.Window(o.Padding, p.InH, p.FilterH, p.StrideH, 1); err != nil {
		return nil, fmt.Errorf("height: %w", err)
	}
	if _, p.PadLeft, err = graph.Window(o.Padding, p.InW, p.FilterW, p.StrideW, 1); err != nil {
		return nil, fmt.Errorf("width: %w", err)
	}
	return p, nil
}

// quantized returns what the activation leaves of the output's range.
func (p *pool) quantized(n *Node) (lo, hi int32, err error) {
	if _, _, err := perTensor(n.In[0], "input"); err != nil {
		return 0, 0, err
	}
	scale, zero, err := perTensor(n.Out[0], "output")
	if err != nil {
		return 0, 0, err
	}
	if lo, hi, err = quantRange(p.act, n.Out[0], scale, zero); err == nil && lo > hi {
		err = fmt.Errorf("activation %v leaves nothing of the output's range", p.act)
	}
	return lo, hi, err
}

// unary is the step of an operator that computes its output from its first input.
func unary[In, Out Number](n *Node, kernel string, f func(dst []Out, src []In)) Bound {
	return Bound{Kernel: kernel, Attach: func(m *Memory) Step {
		src, dst := View[In](m, n.In[0]), View[Out](m, n.Out[0])
		return func() error {
			f(dst, src)
			return nil
		}
	}}
}
