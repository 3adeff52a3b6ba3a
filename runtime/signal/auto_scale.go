package signal

import (
	"math/bits"

	"kinglet/models/graph"
	"kinglet/runtime/infer"
)

// autoScale shifts a signal, int16 [size], left until its largest value fills 15 bits, so
// that a transform of few bits loses little, and says by how many: int16 [size], int32 []
// (signal/src/fft_auto_scale.cc). It has no options.
func autoScale() *operator {
	return &operator{
		in:     []param{{"samples", graph.Int16, 1}},
		out:    []param{{"scaled", graph.Int16, 1}, {"scale bits", graph.Int32, 0}},
		shapes: func(n *infer.CustomNode, _ options) ([][]int, error) { return [][]int{n.In[0].Shape, {}}, nil },
		bind:   bindAutoScale,
	}
}

func bindAutoScale(n *infer.CustomNode, _ options) (infer.CustomStep, error) {
	x, y, shift := infer.Data[int16](n.In[0]), infer.Data[int16](n.Out[0]), infer.Data[int32](n.Out[1])
	return infer.CustomStep{Run: func() error {
		s := scaleBits(x)
		for i, v := range x {
			y[i] = v << s
		}
		shift[0] = int32(s)
		return nil
	}}, nil
}

// scaleBits returns the bits by which x can be shifted. The largest magnitude is kept in 16
// bits, where -32768 has no opposite: as in tflite-micro, any value that follows takes its
// place.
func scaleBits(x []int16) uint {
	var largest int16
	for _, v := range x {
		if v > largest {
			largest = v
		} else if -int32(v) > int32(largest) {
			largest = -v
		}
	}
	if largest <= 0 {
		return 0
	}
	return uint(15 - bits.Len16(uint16(largest)))
}
