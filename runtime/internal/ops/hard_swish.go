package ops

import (
	"fmt"
	"math"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindHardSwish: x * relu6(x+3) / 6; float32, int8 or uint8.
func bindHardSwish(n *Node) (Bound, error) {
	if err := checkUnary(n); err != nil {
		return Bound{}, err
	}
	typ := n.In[0].Type
	kernel := kernelName("hard-swish", typ)
	switch typ {
	case graph.Float32:
		return unary(n, kernel, kernels.HardSwishF32), nil
	case graph.Int8, graph.UInt8:
	default:
		return Bound{}, unsupported(n)
	}
	q, err := quantEnds(n)
	if err != nil {
		return Bound{}, err
	}
	if r := q.si / q.so; r > math.MaxFloat32 || q.si > 1<<60 {
		return Bound{}, fmt.Errorf("scales %v and %v are too far apart", q.si, q.so)
	}
	h, ok := kernels.NewHardSwish(q.si, q.zi, q.so, q.zo)
	if !ok {
		return Bound{}, fmt.Errorf("output: scale %v is too small for the input's %v", q.so, q.si)
	}
	if typ == graph.Int8 {
		return byTable(n, kernel, func(dst, src []int8) { kernels.HardSwishQuant(dst, src, &h) }), nil
	}
	return byTable(n, kernel, func(dst, src []uint8) { kernels.HardSwishQuant(dst, src, &h) }), nil
}
