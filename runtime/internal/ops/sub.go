package ops

import (
	"math"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindSub: two operands that stretch to the output's shape, float32, int8, uint8, int16,
// int32 or int64.
func bindSub(n *Node) (Bound, error) {
	o, err := options[graph.SubOptions](n)
	if err != nil {
		return Bound{}, err
	}
	if err := checkBinary(n); err != nil {
		return Bound{}, err
	}
	switch n.Out[0].Type {
	case graph.Float32:
		return floats(n, "sub", o.Activation, kernels.SubF32)
	case graph.Int32:
		return ints(n, "sub", o.Activation, math.MinInt32, math.MaxInt32, kernels.SubInt[int32])
	case graph.Int64:
		return ints(n, "sub", o.Activation, math.MinInt64, math.MaxInt64, kernels.SubInt[int64])
	case graph.Int8, graph.UInt8:
		return bindSum(n, "sub", o.Activation, false, -1)
	case graph.Int16:
		return bindSum(n, "sub", o.Activation, o.PotScaleInt16, -1)
	}
	return Bound{}, unsupported(n)
}
