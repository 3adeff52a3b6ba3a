package signal

import (
	"fmt"

	"kinglet/models/graph"
	"kinglet/runtime/infer"
)

// energy returns the squared magnitude of the bins start_index up to end_index of a
// spectrum, int16 [2*bins] as pairs of real and imaginary part: uint32 [bins]
// (signal/src/energy.cc). The other bins, which tflite-micro does not write, are 0.
func energy() *operator {
	return &operator{
		in:      []param{{"spectrum", graph.Int16, 1}},
		out:     []param{{"energy", graph.UInt32, 1}},
		options: []string{"start_index", "end_index"},
		shapes:  energyShapes,
		bind:    bindEnergy,
	}
}

func energyShapes(n *infer.CustomNode, _ options) ([][]int, error) {
	size := n.In[0].Shape[0]
	if size%2 != 0 {
		return nil, fmt.Errorf("a spectrum of %d values, want pairs", size)
	}
	return [][]int{{size / 2}}, nil
}

func bindEnergy(n *infer.CustomNode, o options) (infer.CustomStep, error) {
	x, y := infer.Data[int16](n.In[0]), infer.Data[uint32](n.Out[0])
	end, err := o.between("end_index", 0, int64(len(y)))
	if err != nil {
		return infer.CustomStep{}, err
	}
	start, err := o.between("start_index", 0, end)
	if err != nil {
		return infer.CustomStep{}, err
	}
	return infer.CustomStep{Run: func() error {
		clear(y[:start])
		for i := start; i < end; i++ {
			re, im := int32(x[2*i]), int32(x[2*i+1])
			y[i] = uint32(re*re) + uint32(im*im)
		}
		clear(y[end:])
		return nil
	}}, nil
}
