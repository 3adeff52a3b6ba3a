package ops

import "kinglet/models/graph"

// bindReshape: elements keep their order; the new shape is the options' or a constant
// second input. Any type of 1, 2, 4 or 8 bytes.
func bindReshape(n *Node) (Bound, error) {
	if _, err := options[graph.ReshapeOptions](n); err != nil {
		return Bound{}, err
	}
	if err := check(n, 1, 2, 1); err != nil {
		return Bound{}, err
	}
	return move(n, "reshape", whole(n.In[0]))
}
