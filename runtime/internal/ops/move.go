package ops

import "kinglet/kernels"

// move is the step of an operator that copies elements of its first input, as l says.
func move(n *Node, family string, l kernels.Layout) (Bound, error) {
	return moves(n, family, n.In[0], []kernels.Layout{l})
}

// moves is the step of an operator that copies elements of in to each output, whatever
// they are quantized by.
func moves(n *Node, family string, in *Tensor, ls []kernels.Layout) (Bound, error) {
	for _, out := range n.Out {
		if err := sameType(in, out); err != nil {
			return Bound{}, err
		}
	}
	kernel := kernelName(family, in.Type)
	switch width(in.Type) {
	case 1:
		return copies[uint8](n, kernel, in, ls), nil
	case 2:
		return copies[uint16](n, kernel, in, ls), nil
	case 4:
		return copies[uint32](n, kernel, in, ls), nil
	case 8:
		return copies[uint64](n, kernel, in, ls), nil
	}
	return Bound{}, unsupported(n)
}

func copies[T Number](n *Node, kernel string, in *Tensor, ls []kernels.Layout) Bound {
	return Bound{Kernel: kernel, Attach: func(m *Memory) Step {
		src := View[T](m, in)
		dst := make([][]T, len(n.Out))
		for i, out := range n.Out {
			dst[i] = View[T](m, out)
		}
		return func() error {
			for i := range dst {
				kernels.Copy(dst[i], src, &ls[i])
			}
			return nil
		}
	}}
}

// whole is the copy of all of t's elements in their order.
func whole(t *Tensor) kernels.Layout {
	return kernels.NewLayout([]int{t.Elements()}, []int{1}, []int{1}, 0, 0)
}
