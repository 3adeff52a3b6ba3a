package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// pairs is the step of an elementwise operator with two operands that stretch to the
// output's shape; row computes one run of elements.
func pairs[T, U Number](n *Node, kernel string, row func(dst []U, a, b []T, sa, sb int)) Bound {
	a, b, out := n.In[0], n.In[1], n.Out[0]
	loops := kernels.NewBroadcast(a.Shape, b.Shape, out.Shape)
	return Bound{Kernel: kernel, Attach: func(m *Memory) Step {
		x, y, dst := View[T](m, a), View[T](m, b), View[U](m, out)
		return func() error {
			kernels.Each(&loops, dst, x, y, row)
			return nil
		}
	}}
}

// floats is the step of a float operator with a fused activation.
func floats(n *Node, family string, act graph.Activation, f func(dst, a, b []float32, sa, sb int, lo, hi float32)) (Bound, error) {
	lo, hi, err := finiteRange(act)
	if err != nil {
		return Bound{}, err
	}
	return pairs(n, kernelName(family, graph.Float32), func(dst, a, b []float32, sa, sb int) {
		f(dst, a, b, sa, sb, lo, hi)
	}), nil
}

// ints is the step of an operator over integers that are not quantized.
func ints[T int16 | int32 | int64](n *Node, family string, act graph.Activation, least, greatest T, f func(dst, a, b []T, sa, sb int, lo, hi T)) (Bound, error) {
	lo, hi, err := intRange(act, least, greatest)
	if err != nil {
		return Bound{}, err
	}
	return pairs(n, kernelName(family, n.Out[0].Type), func(dst, a, b []T, sa, sb int) {
		f(dst, a, b, sa, sb, lo, hi)
	}), nil
}

// operands is the quantization of an operator with two operands.
type operands struct {
	sa, sb, so float32
	za, zb, zo int32
	lo, hi     int32
}

// quantOperands returns the quantization of both operands and the output, and what a
// fused activation leaves of the output.
func quantOperands(n *Node, act graph.Activation) (q operands, err error) {
	if q.sa, q.za, err = perTensor(n.In[0], "input 0"); err != nil {
		return q, err
	}
	if q.sb, q.zb, err = perTensor(n.In[1], "input 1"); err != nil {
		return q, err
	}
	if q.so, q.zo, err = perTensor(n.Out[0], "output"); err != nil {
		return q, err
	}
	if q.lo, q.hi, err = quantRange(act, n.Out[0], q.so, q.zo); err != nil {
		return q, err
	}
	if q.lo > q.hi {
		return q, fmt.Errorf("activation %v leaves nothing of the output's range", act)
	}
	return q, nil
}

// checkBinary checks an elementwise operator with two operands of one type.
func checkBinary(n *Node) error {
	if err := check(n, 2, 2, 1); err != nil {
		return err
	}
	return sameType(n.In[0], n.In[1], n.Out[0])
}
