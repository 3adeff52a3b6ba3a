package signal

import (
	"fmt"
	"slices"

	"kinglet/models/graph"
	"kinglet/runtime/infer"
)

// filterBank gathers a spectrum's energy, uint32 [bins], into overlapping triangular bands:
// uint64 [num_channels] (signal/src/filter_bank.cc). A bin between the tips of two
// triangles counts with its weight for the upper and with its unweight for the lower. So
// there are num_channels + 1 bands of bins: channel c is the unweighted sum of band c and
// the weighted one of band c+1. Weights and bands are constants.
func filterBank() *operator {
	return &operator{
		in: []param{
			{"energy", graph.UInt32, 1},
			{"weights", graph.Int16, 1},
			{"unweights", graph.Int16, 1},
			{"channel frequency starts", graph.Int16, 1},
			{"channel weight starts", graph.Int16, 1},
			{"channel widths", graph.Int16, 1},
		},
		out:     []param{{"channels", graph.UInt64, 1}},
		options: []string{"num_channels"},
		shapes:  filterBankShapes,
		bind:    bindFilterBank,
	}
}

func filterBankShapes(n *infer.CustomNode, o options) ([][]int, error) {
	channels, err := o.natural("num_channels")
	if err != nil {
		return nil, err
	}
	for i, t := range n.In[3:] {
		if t.Bytes() == nil {
			return nil, fmt.Errorf("input %d, %q: not a constant: %w", i+3, t.Name, infer.ErrUnsupported)
		}
		if int64(t.Shape[0]) != channels+1 {
			return nil, fmt.Errorf("input %d, %q: %d values for %d channels, want %d", i+3, t.Name, t.Shape[0], channels, channels+1)
		}
	}
	if !slices.Equal(n.In[1].Shape, n.In[2].Shape) {
		return nil, fmt.Errorf("%d weights and %d unweights", n.In[1].Shape[0], n.In[2].Shape[0])
	}
	return [][]int{{int(channels)}}, nil
}

// band is a run of bins with their weights, all of one length.
type band struct {
	energy           []uint32
	weight, unweight []int16
}

// bandBytes is about what a band takes.
const bandBytes = 72

func bindFilterBank(n *infer.CustomNode, _ options) (infer.CustomStep, error) {
	x, weights, unweights := infer.Data[uint32](n.In[0]), infer.Data[int16](n.In[1]), infer.Data[int16](n.In[2])
	bins, first, widths := infer.Data[int16](n.In[3]), infer.Data[int16](n.In[4]), infer.Data[int16](n.In[5])
	y := infer.Data[uint64](n.Out[0])
	bands := make([]band, len(widths))
	for i := range bands {
		b, w, width := int(bins[i]), int(first[i]), int(widths[i])
		if width == 0 {
			continue
		}
		if width < 0 || b < 0 || w < 0 || b+width > len(x) || w+width > len(weights) {
			return infer.CustomStep{}, fmt.Errorf("band %d: %d bins from %d and weights from %d, there are %d and %d", i, width, b, w, len(x), len(weights))
		}
		bands[i] = band{x[b : b+width], weights[w : w+width], unweights[w : w+width]}
	}
	return infer.CustomStep{Bytes: len(bands) * bandBytes, Run: func() error {
		_, below := bands[0].sums()
		for i := range y {
			sum, next := bands[i+1].sums()
			y[i] = below + sum
			below = next
		}
		return nil
	}}, nil
}

// sums returns the weighted and the unweighted energy of a band. Weights may be negative;
// sums wrap.
func (b *band) sums() (weighted, unweighted uint64) {
	for i, e := range b.energy {
		weighted += uint64(int64(b.weight[i])) * uint64(e)
		unweighted += uint64(int64(b.unweight[i])) * uint64(e)
	}
	return weighted, unweighted
}
