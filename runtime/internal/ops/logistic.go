package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindLogistic: 1 / (1 + e^-x); float32, int8, uint8 or int16. Quantized outputs have the
// scale 1/256 or, for int16, 1/32768.
func bindLogistic(n *Node) (Bound, error) {
	if err := checkUnary(n); err != nil {
		return Bound{}, err
	}
	switch n.In[0].Type {
	case graph.Float32:
		return mapped(n, "logistic", kernels.LogisticF32), nil
	case graph.Int8, graph.UInt8:
		if err := outScale(n, 1.0/256); err != nil {
			return Bound{}, err
		}
		return tabulated(n, "logistic", func(x float32) float32 { return 1 / (1 + kernels.ExpRoundF32(-x)) })
	case graph.Int16:
		if err := outScale(n, 1.0/32768); err != nil {
			return Bound{}, err
		}
		q, err := quantEnds(n)
		if err != nil {
			return Bound{}, err
		}
		s, err := sigmoidScale(q.si, 0)
		if err != nil {
			return Bound{}, err
		}
		return unary(n, kernelName("logistic", graph.Int16), func(dst, src []int16) { kernels.LogisticS16(dst, src, s) }), nil
	}
	return Bound{}, unsupported(n)
}

// outScale checks the output's scale, which the operator fixes.
func outScale(n *Node, want float32) error {
	s, _, err := perTensor(n.Out[0], "output")
	if err == nil && s != want {
		return fmt.Errorf("output: scale %v, want %v", s, want)
	}
	return err
}
