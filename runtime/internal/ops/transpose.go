package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindTranspose: dimensions in a new order, a constant second input. Any type of 1, 2, 4
// or 8 bytes.
func bindTranspose(n *Node) (Bound, error) {
	if err := check(n, 2, 2, 1); err != nil {
		return Bound{}, err
	}
	p, err := graph.Permutation([]*graph.Tensor{&n.In[0].Tensor, &n.In[1].Tensor})
	if err != nil {
		return Bound{}, err
	}
	from := kernels.Strides(n.In[0].Shape)
	src := make([]int, len(p))
	for i, a := range p {
		src[i] = from[a]
	}
	out := n.Out[0].Shape
	return move(n, "transpose", kernels.NewLayout(out, src, kernels.Strides(out), 0, 0))
}
