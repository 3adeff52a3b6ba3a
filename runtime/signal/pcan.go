package signal

import (
	"fmt"
	"math/bits"

	"kinglet/models/graph"
	"kinglet/runtime/infer"
)

// pcan is per-channel amplitude normalization: every channel of the signal, uint32
// [channels], is multiplied by a gain that falls with its noise estimate, uint32
// [channels], and small results are squared away: uint32 [channels]
// (signal/src/pcan_argc_fixed.cc). The gain is a piecewise parabola whose coefficients are
// a table, int16 [125 or more].
func pcan() *operator {
	return &operator{
		in:      []param{{"signal", graph.UInt32, 1}, {"noise", graph.UInt32, 1}, {"gain table", graph.Int16, 1}},
		out:     []param{{"normalized", graph.UInt32, 1}},
		options: []string{"snr_shift"},
		shapes:  sameAs(1),
		bind:    bindPCAN,
	}
}

// gainTable is the length of a gain table: the values of 0, 1 and 2, and four numbers
// (one of them unused) an octave, the last but the unused one.
const gainTable = 4*32 - 6 + 3

func bindPCAN(n *infer.CustomNode, o options) (infer.CustomStep, error) {
	x, noise, y := infer.Data[uint32](n.In[0]), infer.Data[uint32](n.In[1]), infer.Data[uint32](n.Out[0])
	table := infer.Data[int16](n.In[2])
	if len(noise) != len(x) {
		return infer.CustomStep{}, fmt.Errorf("%d channels of noise for %d of signal", len(noise), len(x))
	}
	if len(table) < gainTable {
		return infer.CustomStep{}, fmt.Errorf("a gain table of %d values, want %d", len(table), gainTable)
	}
	shift, err := o.between("snr_shift", 0, 63)
	if err != nil {
		return infer.CustomStep{}, err
	}
	return infer.CustomStep{Run: func() error {
		for i, v := range x {
			y[i] = shrink(uint32(uint64(v) * uint64(uint32(gain(noise[i], table))) >> shift))
		}
		return nil
	}}, nil
}

// gain interpolates the table at x: for every octave it has the value at its beginning and
// the coefficients of a parabola over the 10 bits that follow the leading one.
func gain(x uint32, table []int16) int16 {
	if x <= 2 {
		return table[x]
	}
	octave := bits.Len32(x)
	c := table[4*octave-6:]
	var f int32
	if octave < 11 {
		f = int32(x<<(11-octave)) & 0x3ff
	} else {
		f = int32(x>>(octave-11)) & 0x3ff
	}
	y := int32(c[2])*f>>5 + int32(c[1])<<5
	return int16((y*f+1<<14)>>15 + int32(c[0]))
}

// shrink returns x*x/4 below 2 and x - 1 from there on, where x has 12 fractional bits and
// the result 6.
func shrink(x uint32) uint32 {
	if x < 2<<12 {
		return x * x >> (2 + 2*12 - 6)
	}
	return x>>(12-6) - 1<<6
}
