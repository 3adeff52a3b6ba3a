package ops

import (
	"fmt"
	"slices"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindPack: inputs of one shape along a new axis. Any type of 1, 2, 4 or 8 bytes.
func bindPack(n *Node) (Bound, error) {
	o, err := options[graph.PackOptions](n)
	if err != nil {
		return Bound{}, err
	}
	if err := check(n, max(len(n.In), 1), len(n.In), 1); err != nil {
		return Bound{}, err
	}
	out := n.Out[0]
	axis, err := graph.Axis(int(o.Axis), len(out.Shape))
	if err != nil {
		return Bound{}, err
	}
	dst := kernels.Strides(out.Shape)
	step := dst[axis]
	dst = slices.Delete(dst, axis, axis+1)
	ls := make([]kernels.Layout, len(n.In))
	for i, t := range n.In {
		if err := sameQuant(t, out); err != nil {
			return Bound{}, fmt.Errorf("input %d: %w", i, err)
		}
		ls[i] = kernels.NewLayout(t.Shape, kernels.Strides(t.Shape), dst, 0, i*step)
	}
	return gatherInputs(n, "pack", ls)
}
