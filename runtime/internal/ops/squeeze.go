package ops

import "kinglet/models/graph"

// bindSqueeze: dimensions of 1 go away. Any type of 1, 2, 4 or 8 bytes.
func bindSqueeze(n *Node) (Bound, error) {
	if _, err := options[graph.SqueezeOptions](n); err != nil {
		return Bound{}, err
	}
	if err := check(n, 1, 1, 1); err != nil {
		return Bound{}, err
	}
	return move(n, "squeeze", whole(n.In[0]))
}
