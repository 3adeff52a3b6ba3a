package ops

// bindExpandDims: a dimension of 1 at a constant axis. Any type of 1, 2, 4 or 8 bytes.
func bindExpandDims(n *Node) (Bound, error) {
	if err := check(n, 2, 2, 1); err != nil {
		return Bound{}, err
	}
	return move(n, "expand-dims", whole(n.In[0]))
}
