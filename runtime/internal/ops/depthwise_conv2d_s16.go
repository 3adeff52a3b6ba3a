package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// dwconvS16 is a depthwise convolution of int16 activations with int8 weights.
type dwconvS16 struct {
	dwconv
	weights []int8
	fold    []int64
	requant *kernels.Requant
	bias    []int64 // where it is not constant
	in, out []int16
	border  []int16
	acc     []int64
	taps    [][]int16
}

func bindDwconvS16(c dwconv, act graph.Activation, x, f, bias, out *Tensor) (Bound, error) {
	scales, wzero, err := perChannel(f, "filter", 3, c.n)
	if err != nil {
		return Bound{}, err
	}
	if wzero != 0 {
		return Bound{}, errWeightZero(f, wzero)
	}
	requant, _, err := convRequant(act, x, out, scales)
	if err != nil {
		return Bound{}, err
	}
	if err := checkBias(bias, c.n, graph.Int64); err != nil {
		return Bound{}, err
	}
	s := &dwconvS16{dwconv: c, requant: requant, fold: make([]int64, c.n)}
	if s.weights, _, err = weightsS8(f, 0); err != nil {
		return Bound{}, err
	}
	if s.weights == nil {
		return Bound{}, fmt.Errorf("filter that is not constant: %w", ErrUnsupported)
	}
	constBias64(s.fold, bias)
	var room scratch
	border, acc := reserve[int16](&room, c.InC), reserve[int64](&room, c.n)
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: "dwconv-s16-generic", Scratch: total, Attach: func(m *Memory) Step {
		s.in, s.out = View[int16](m, x), View[int16](m, out)
		s.border, s.acc = take[int16](m, border), take[int64](m, acc)
		s.taps = make([][]int16, c.KH*c.KW)
		if bias != nil && bias.Data == nil {
			s.bias = View[int64](m, bias)
		}
		return s.run
	}}, nil
}

func (s *dwconvS16) run() error {
	copy(s.fold, s.bias)
	clear(s.border)
	size, positions := s.InH*s.InW*s.InC, s.OutH*s.OutW
	for b := range s.batch {
		image, out := s.in[b*size:(b+1)*size], s.out[b*positions*s.n:(b+1)*positions*s.n]
		for p := range positions {
			kernels.Taps(s.taps, image, &s.Window, p/s.OutW, p%s.OutW, s.border)
			kernels.DwconvS16(s.acc, s.taps, s.weights, s.fold)
			s.requant.S16(out[p*s.n:(p+1)*s.n], s.acc, false)
		}
	}
	return nil
}
