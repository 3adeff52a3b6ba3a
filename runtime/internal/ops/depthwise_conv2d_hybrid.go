package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// dwconvHybrid is a depthwise convolution of floats with int8 filters; every image is
// quantized asymmetrically.
type dwconvHybrid struct {
	dwconv
	weights []int16
	sums    []int32
	scales  []float32
	lo, hi  float32
	bias    []float32
	in, out []float32
	image   []int8
	border  []int8
	acc     []int32
	fold    []int32
	eff     []float32
	taps    [][]int8
}

func bindDwconvHybrid(c dwconv, act graph.Activation, x, f, bias, out *Tensor) (Bound, error) {
	lo, hi, err := floatRange(act)
	if err != nil {
		return Bound{}, err
	}
	scales, wzero, err := perChannel(f, "filter", 3, c.n)
	if err != nil {
		return Bound{}, err
	}
	if wzero != 0 {
		return Bound{}, errWeightZero(f, wzero)
	}
	if err := checkBias(bias, c.n, graph.Float32); err != nil {
		return Bound{}, err
	}
	s := &dwconvHybrid{dwconv: c, scales: scales, lo: lo, hi: hi}
	if s.weights, err = weightsS16(f, 0); err != nil {
		return Bound{}, err
	}
	s.sums = dwconvFold(s.weights, nil, -1, c.n)
	var room scratch
	image, border := reserve[int8](&room, c.InH*c.InW*c.InC), reserve[int8](&room, c.InC)
	acc, fold, eff := reserve[int32](&room, c.n), reserve[int32](&room, c.n), reserve[float32](&room, c.n)
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: "dwconv-hybrid-generic", Scratch: total, Attach: func(m *Memory) Step {
		s.in, s.out, s.bias = View[float32](m, x), View[float32](m, out), View[float32](m, bias)
		s.image, s.border = take[int8](m, image), take[int8](m, border)
		s.acc, s.fold, s.eff = take[int32](m, acc), take[int32](m, fold), take[float32](m, eff)
		s.taps = make([][]int8, c.KH*c.KW)
		return s.run
	}}, nil
}

func (s *dwconvHybrid) run() error {
	size, positions := s.InH*s.InW*s.InC, s.OutH*s.OutW
	for b := range s.batch {
		scale, zero := kernels.QuantizeAsymmetric(s.image, s.in[b*size:(b+1)*size])
		for i := range s.border {
			s.border[i] = int8(zero)
		}
		for j, sum := range s.sums {
			s.fold[j] = -zero * sum
		}
		kernels.ScaleF32(s.eff, s.scales, scale)
		out := s.out[b*positions*s.n : (b+1)*positions*s.n]
		for p := range positions {
			kernels.Taps(s.taps, s.image, &s.Window, p/s.OutW, p%s.OutW, s.border)
			kernels.DwconvS8(s.acc, s.taps, s.weights, s.fold)
			kernels.DequantS32(out[p*s.n:(p+1)*s.n], s.acc, s.eff, 1, s.bias, s.lo, s.hi)
		}
	}
	return nil
}
