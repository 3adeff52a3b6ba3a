package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindStridedSlice: a part of the input in steps, by constant begin, end and strides and
// all masks. Any type of 1, 2, 4 or 8 bytes.
func bindStridedSlice(n *Node) (Bound, error) {
	if err := check(n, 4, 4, 1); err != nil {
		return Bound{}, err
	}
	in := make([]*graph.Tensor, 4)
	for i := range in {
		in[i] = &n.In[i].Tensor
	}
	c, err := graph.StridedSliceCut(n.Op, in)
	if err != nil {
		return Bound{}, err
	}
	return move(n, "strided-slice", cut(n.In[0].Shape, c))
}

// cut is the copy of a part of a tensor of the given shape to a row-major output.
func cut(shape []int, c *graph.Cut) kernels.Layout {
	strides := kernels.Strides(shape)
	src := make([]int, len(shape))
	from := 0
	for i, s := range strides {
		from += c.Begin[i] * s
		src[i] = c.Step[i] * s
	}
	return kernels.NewLayout(c.Count, src, kernels.Strides(c.Count), from, 0)
}
