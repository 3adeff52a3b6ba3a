package ops

import (
	"fmt"

	"kinglet/models/graph"
)

// bindUnpack: one output for every place along an axis. Any type of 1, 2, 4 or 8 bytes.
func bindUnpack(n *Node) (Bound, error) {
	o, err := options[graph.UnpackOptions](n)
	if err != nil {
		return Bound{}, err
	}
	if err := check(n, 1, 1, len(n.Out)); err != nil {
		return Bound{}, err
	}
	axis, err := graph.Axis(int(o.Axis), len(n.In[0].Shape))
	if err != nil {
		return Bound{}, fmt.Errorf("axis: %w", err)
	}
	return moves(n, "unpack", n.In[0], parts(n.In[0].Shape, axis, len(n.Out)))
}
