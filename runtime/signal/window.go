package signal

import (
	"fmt"
	"math"

	"kinglet/models/graph"
	"kinglet/runtime/infer"
)

// window multiplies the innermost dimension of the input, int16 [..., size], by weights,
// int16 [size], shifts right by the option shift and saturates: int16 [..., size]
// (signal/src/window.cc).
func window() *operator {
	return &operator{
		in:      []param{{"samples", graph.Int16, anyRank}, {"weights", graph.Int16, 1}},
		out:     []param{{"windowed", graph.Int16, anyRank}},
		options: []string{"shift"},
		shapes:  sameAs(1),
		bind:    bindWindow,
	}
}

func bindWindow(n *infer.CustomNode, o options) (infer.CustomStep, error) {
	x, w, y := infer.Data[int16](n.In[0]), infer.Data[int16](n.In[1]), infer.Data[int16](n.Out[0])
	if last := n.In[0].Shape[len(n.In[0].Shape)-1]; last != len(w) {
		return infer.CustomStep{}, fmt.Errorf("%d weights for samples of shape %v", len(w), n.In[0].Shape)
	}
	shift, err := o.between("shift", 0, 31)
	if err != nil {
		return infer.CustomStep{}, err
	}
	return infer.CustomStep{Run: func() error {
		for from := 0; from < len(x); from += len(w) {
			applyWindow(y[from:], x[from:], w, uint(shift))
		}
		return nil
	}}, nil
}

func applyWindow(y, x, w []int16, shift uint) {
	for i, v := range w {
		y[i] = int16(min(max(int32(x[i])*int32(v)>>shift, math.MinInt16), math.MaxInt16))
	}
}
