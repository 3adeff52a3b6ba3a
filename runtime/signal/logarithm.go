package signal

import (
	"math"
	"math/bits"

	"kinglet/models/graph"
	"kinglet/runtime/infer"
)

// logarithm returns the natural logarithm of a signal, uint32 [channels], that is shifted
// left by input_correction_bits, times output_scale: int16 [channels], at most 32767; the
// logarithm of 0 is 0 (signal/src/filter_bank_log.cc, log.cc).
func logarithm() *operator {
	return &operator{
		in:      []param{{"signal", graph.UInt32, 1}},
		out:     []param{{"logarithm", graph.Int16, 1}},
		options: []string{"input_correction_bits", "output_scale"},
		shapes:  sameAs(1),
		bind:    bindLogarithm,
	}
}

func bindLogarithm(n *infer.CustomNode, o options) (infer.CustomStep, error) {
	x, y := infer.Data[uint32](n.In[0]), infer.Data[int16](n.Out[0])
	shift, err := o.between("input_correction_bits", 0, 31)
	if err != nil {
		return infer.CustomStep{}, err
	}
	scale, err := o.natural("output_scale")
	if err != nil {
		return infer.CustomStep{}, err
	}
	return infer.CustomStep{Run: func() error {
		for i, v := range x {
			y[i] = 0
			if v <<= shift; v > 1 {
				y[i] = int16(min(log(v, uint32(scale)), math.MaxInt16))
			}
		}
		return nil
	}}, nil
}

// log returns ln(x) * scale, x not 0. log2 has 16 fractional bits: the bits after the
// leading one, and from logCurve what the logarithm's curve stands above that chord.
func log(x, scale uint32) uint32 {
	octave := uint32(bits.Len32(x) - 1)
	fraction := uint32(uint64(x) << 32 >> octave >> 16 & 0xffff)
	segment := fraction >> 9
	low, high := int32(logCurve[segment]), int32(logCurve[segment+1])
	// The slope is divided by 2^16 and not by a segment's 2^9: so does tflite-micro.
	curve := low + (high-low)*int32(fraction&(1<<9-1))>>16
	log2 := octave<<16 + fraction + uint32(curve)
	const ln2, half = 45426, 1 << 15 // ln(2) with 16 fractional bits
	natural := uint32((uint64(log2)*ln2 + half) >> 16)
	return (scale*natural + half) >> 16
}

// logCurve is 2^16 * (log2(1 + i/128) - i/128), rounded.
var logCurve = [129]uint16{
	0, 224, 442, 654, 861, 1063, 1259, 1450, 1636, 1817, 1992, 2163, 2329, 2490, 2646, 2797,
	2944, 3087, 3224, 3358, 3487, 3611, 3732, 3848, 3960, 4068, 4172, 4272, 4368, 4460, 4549, 4633,
	4714, 4791, 4864, 4934, 5001, 5063, 5123, 5178, 5231, 5280, 5326, 5368, 5408, 5444, 5477, 5507,
	5533, 5557, 5578, 5595, 5610, 5622, 5631, 5637, 5640, 5641, 5638, 5633, 5626, 5615, 5602, 5586,
	5568, 5547, 5524, 5498, 5470, 5439, 5406, 5370, 5332, 5291, 5249, 5203, 5156, 5106, 5054, 5000,
	4944, 4885, 4825, 4762, 4697, 4630, 4561, 4490, 4416, 4341, 4264, 4184, 4103, 4020, 3935, 3848,
	3759, 3668, 3575, 3481, 3384, 3286, 3186, 3084, 2981, 2875, 2768, 2659, 2549, 2437, 2323, 2207,
	2090, 1971, 1851, 1729, 1605, 1480, 1353, 1224, 1094, 963, 830, 695, 559, 421, 282, 142,
	0,
}
