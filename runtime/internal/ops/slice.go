package ops

import "kinglet/models/graph"

// bindSlice: a part of the input by constant begin and size. Any type of 1, 2, 4 or 8 bytes.
func bindSlice(n *Node) (Bound, error) {
	if err := check(n, 3, 3, 1); err != nil {
		return Bound{}, err
	}
	c, err := graph.SliceCut([]*graph.Tensor{&n.In[0].Tensor, &n.In[1].Tensor, &n.In[2].Tensor})
	if err != nil {
		return Bound{}, err
	}
	return move(n, "slice", cut(n.In[0].Shape, c))
}
