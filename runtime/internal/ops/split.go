package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindSplit: equal parts of input 1 along the constant axis that is input 0. Any type of
// 1, 2, 4 or 8 bytes.
func bindSplit(n *Node) (Bound, error) {
	if err := check(n, 2, 2, len(n.Out)); err != nil {
		return Bound{}, err
	}
	axis, err := graph.SplitAxis([]*graph.Tensor{&n.In[0].Tensor, &n.In[1].Tensor})
	if err != nil {
		return Bound{}, err
	}
	return moves(n, "split", n.In[1], parts(n.In[1].Shape, axis, len(n.Out)))
}

// parts are the copies of n equal parts along an axis, each to a row-major output.
func parts(shape []int, axis, n int) []kernels.Layout {
	count := append([]int{}, shape...)
	count[axis] /= max(n, 1)
	src := kernels.Strides(shape)
	ls := make([]kernels.Layout, n)
	for i := range ls {
		ls[i] = kernels.NewLayout(count, src, kernels.Strides(count), i*count[axis]*src[axis], 0)
	}
	return ls
}
