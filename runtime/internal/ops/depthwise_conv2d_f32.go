package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// dwconvF32 is a depthwise convolution of floats. Filter and bias need not be constant.
type dwconvF32 struct {
	dwconv
	lo, hi        float32
	in, out       []float32
	weights, bias []float32
	border        []float32
	taps          [][]float32
}

func bindDwconvF32(c dwconv, act graph.Activation, x, f, bias, out *Tensor) (Bound, error) {
	lo, hi, err := floatRange(act)
	if err != nil {
		return Bound{}, err
	}
	if err := checkBias(bias, c.n, graph.Float32); err != nil {
		return Bound{}, err
	}
	s := &dwconvF32{dwconv: c, lo: lo, hi: hi}
	var room scratch
	border := reserve[float32](&room, c.InC)
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: "dwconv-f32-generic", Scratch: total, Attach: func(m *Memory) Step {
		s.in, s.out = View[float32](m, x), View[float32](m, out)
		s.weights, s.bias = View[float32](m, f), View[float32](m, bias)
		s.border = take[float32](m, border)
		s.taps = make([][]float32, c.KH*c.KW)
		return s.run
	}}, nil
}

func (s *dwconvF32) run() error {
	clear(s.border)
	size, positions := s.InH*s.InW*s.InC, s.OutH*s.OutW
	for b := range s.batch {
		image, out := s.in[b*size:(b+1)*size], s.out[b*positions*s.n:(b+1)*positions*s.n]
		for p := range positions {
			kernels.Taps(s.taps, image, &s.Window, p/s.OutW, p%s.OutW, s.border)
			kernels.DwconvF32(out[p*s.n:(p+1)*s.n], s.taps, s.weights, s.bias, s.lo, s.hi)
		}
	}
	return nil
}
