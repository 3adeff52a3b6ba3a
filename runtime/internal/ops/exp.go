package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindExp: e^x; float32, int8 or int16.
func bindExp(n *Node) (Bound, error) {
	return bindFunction(n, "exp", kernels.ExpF32, kernels.ExpRoundF32)
}

// bindFunction binds an operator that is a function of each element: f of floats, and of
// int8 and int16 a table of rounded.
func bindFunction(n *Node, family string, f, rounded func(float32) float32) (Bound, error) {
	if err := checkUnary(n); err != nil {
		return Bound{}, err
	}
	switch n.In[0].Type {
	case graph.Float32:
		return mapped(n, family, f), nil
	case graph.Int8:
		return tabulated(n, family, rounded)
	case graph.Int16:
		q, err := quantEnds(n)
		if err != nil {
			return Bound{}, err
		}
		t := kernels.NewLUT16F32(q.si, q.zi, q.so, q.zo, rounded)
		return unary(n, kernelName(family, graph.Int16), func(dst, src []int16) { kernels.Lookup16(dst, src, t) }), nil
	}
	return Bound{}, unsupported(n)
}
