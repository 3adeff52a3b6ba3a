package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindTanh: float32, int8, uint8 or int16, whose output has the scale 1/32768.
func bindTanh(n *Node) (Bound, error) {
	if err := checkUnary(n); err != nil {
		return Bound{}, err
	}
	switch n.In[0].Type {
	case graph.Float32:
		return mapped(n, "tanh", kernels.TanhF32), nil
	case graph.Int8, graph.UInt8:
		return tabulated(n, "tanh", kernels.TanhRoundF32)
	case graph.Int16:
		q, err := quantEnds(n)
		if err != nil {
			return Bound{}, err
		}
		if l, ok := log2(q.so); !ok || l != -15 {
			return Bound{}, fmt.Errorf("output: scale %v, want 1/32768", q.so)
		}
		s, err := sigmoidScale(q.si, 1)
		if err != nil {
			return Bound{}, err
		}
		return unary(n, kernelName("tanh", graph.Int16), func(dst, src []int16) { kernels.TanhS16(dst, src, s) }), nil
	}
	return Bound{}, unsupported(n)
}
