package signal

import (
	"fmt"

	"kinglet/models/graph"
	"kinglet/runtime/infer"
)

// spectralSubtraction keeps an estimate of the noise in every channel and subtracts it from
// the signal, uint32 [channels]: the cleaned signal and the estimate, uint32 [channels]
// each (signal/src/filter_bank_spectral_subtraction.cc). The estimate lives from run to
// run; it begins with 0.
func spectralSubtraction() *operator {
	return &operator{
		in:  []param{{"signal", graph.UInt32, 1}},
		out: []param{{"cleaned", graph.UInt32, 1}, {"noise", graph.UInt32, 1}},
		options: []string{
			"alternate_one_minus_smoothing", "alternate_smoothing", "clamping", "min_signal_remaining", "num_channels",
			"one_minus_smoothing", "smoothing", "smoothing_bits", "spectral_subtraction_bits",
		},
		shapes: sameAs(2),
		bind:   bindSpectralSubtraction,
	}
}

// subtraction is a bound spectralSubtraction. Coefficients and the share of the signal that
// remains have bits fractional bits, the estimate has extra more than the signal.
type subtraction struct {
	smoothing [2]uint64 // of channels of even and of odd index
	rest      [2]uint64 // one minus smoothing
	remain    uint64
	extra     uint
	bits      uint
	clamp     bool // whether an estimate above the signal is lowered to it
	noise     []uint32
}

func bindSpectralSubtraction(n *infer.CustomNode, o options) (infer.CustomStep, error) {
	x, y, noise := infer.Data[uint32](n.In[0]), infer.Data[uint32](n.Out[0]), infer.Data[uint32](n.Out[1])
	if channels := o["num_channels"]; channels != int64(len(x)) {
		return infer.CustomStep{}, fmt.Errorf("options: num_channels %d for a signal of %d", channels, len(x))
	}
	s := &subtraction{clamp: o["clamping"] != 0, noise: make([]uint32, len(x))}
	for _, f := range []struct {
		key string
		to  *uint64
	}{
		{"smoothing", &s.smoothing[0]},
		{"alternate_smoothing", &s.smoothing[1]},
		{"one_minus_smoothing", &s.rest[0]},
		{"alternate_one_minus_smoothing", &s.rest[1]},
		{"min_signal_remaining", &s.remain},
	} {
		v, err := o.natural(f.key)
		if err != nil {
			return infer.CustomStep{}, err
		}
		*f.to = uint64(v)
	}
	for _, f := range []struct {
		key string
		to  *uint
	}{{"smoothing_bits", &s.extra}, {"spectral_subtraction_bits", &s.bits}} {
		v, err := o.between(f.key, 0, 31)
		if err != nil {
			return infer.CustomStep{}, err
		}
		*f.to = uint(v)
	}
	return infer.CustomStep{
		Bytes: 4 * len(s.noise),
		Reset: func() { clear(s.noise) },
		Run: func() error {
			s.subtract(y, x)
			copy(noise, s.noise)
			return nil
		},
	}, nil
}

func (s *subtraction) subtract(y, x []uint32) {
	for i, v := range x {
		fine := v << s.extra
		estimate := uint32((uint64(fine)*s.smoothing[i&1] + uint64(s.noise[i])*s.rest[i&1]) >> s.bits)
		below := min(estimate, fine)
		if s.clamp {
			estimate = below
		}
		s.noise[i] = estimate
		y[i] = max((fine-below)>>s.extra, uint32(uint64(v)*s.remain>>s.bits))
	}
}
