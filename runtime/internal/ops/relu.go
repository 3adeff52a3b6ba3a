package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindReLU: float32, int8, uint8 or int16; quantized input and output may have different
// scales. A NaN stays.
func bindReLU(n *Node) (Bound, error) { return bindLimits(n, "relu", graph.ActReLU) }

// bindReLU6 is bindReLU, limited to [0, 6].
func bindReLU6(n *Node) (Bound, error) { return bindLimits(n, "relu6", graph.ActReLU6) }

// bindReLUN1To1 is bindReLU, limited to [-1, 1].
func bindReLUN1To1(n *Node) (Bound, error) { return bindLimits(n, "relu-n1-to-1", graph.ActReLUN1To1) }

// bindLimits binds an activation that stands alone.
func bindLimits(n *Node, family string, act graph.Activation) (Bound, error) {
	if err := checkUnary(n); err != nil {
		return Bound{}, err
	}
	lo, hi, err := floatRange(act)
	if err != nil {
		return Bound{}, err
	}
	typ := n.In[0].Type
	kernel := kernelName(family, typ)
	switch typ {
	case graph.Float32:
		return unary(n, kernel, func(dst, src []float32) { kernels.ReluF32(dst, src, lo, hi) }), nil
	case graph.Int8, graph.UInt8, graph.Int16:
	default:
		return Bound{}, unsupported(n)
	}
	q, err := quantEnds(n)
	if err != nil {
		return Bound{}, err
	}
	r, err := q.rescale()
	if err != nil {
		return Bound{}, err
	}
	if r.Low, r.High, err = quantRange(act, n.Out[0], q.so, q.zo); err != nil {
		return Bound{}, err
	}
	if r.Low > r.High {
		return Bound{}, fmt.Errorf("output: zero point %d leaves no range", q.zo)
	}
	switch typ {
	case graph.Int8:
		return byTable(n, kernel, func(dst, src []int8) { kernels.RescaleQuant(dst, src, r) }), nil
	case graph.UInt8:
		return byTable(n, kernel, func(dst, src []uint8) { kernels.RescaleQuant(dst, src, r) }), nil
	default:
		return unary(n, kernel, func(dst, src []int16) { kernels.RescaleQuant(dst, src, r) }), nil
	}
}
