package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// dwconvS8 is a depthwise convolution of int8, or of uint8 with every byte flipped on its
// way in and out.
type dwconvS8 struct {
	dwconv
	weights []int16 // less their zero point
	fold    []int32
	requant *kernels.Requant
	flip    bool
	zero    int8
	bias    []int32 // where it is not constant
	in, out []int8
	image   []int8
	border  []int8
	sum     []int32
	acc     []int32
	taps    [][]int8
}

func bindDwconvS8(c dwconv, act graph.Activation, x, f, bias, out *Tensor) (Bound, error) {
	scales, wzero, err := perChannel(f, "filter", 3, c.n)
	if err != nil {
		return Bound{}, err
	}
	if x.Type == graph.UInt8 && len(f.Quant.Scale) != 1 {
		return Bound{}, fmt.Errorf("uint8 filter with %d scales: %w", len(f.Quant.Scale), ErrUnsupported)
	}
	if x.Type == graph.Int8 && wzero != 0 {
		return Bound{}, errWeightZero(f, wzero)
	}
	requant, zero, err := convRequant(act, x, out, scales)
	if err != nil {
		return Bound{}, err
	}
	if err := checkBias(bias, c.n, graph.Int32); err != nil {
		return Bound{}, err
	}
	s := &dwconvS8{dwconv: c, requant: requant, zero: int8(zero), flip: x.Type == graph.UInt8}
	if s.weights, err = weightsS16(f, wzero); err != nil {
		return Bound{}, err
	}
	s.fold = dwconvFold(s.weights, Const[int32](bias), zero, c.n)
	var room scratch
	image, sum := reserve[int8](&room, 0), reserve[int32](&room, 0)
	if s.flip {
		image = reserve[int8](&room, c.InH*c.InW*c.InC)
	}
	border, acc := reserve[int8](&room, c.InC), reserve[int32](&room, c.n)
	dynamic := bias != nil && bias.Data == nil
	if dynamic {
		sum = reserve[int32](&room, c.n)
	}
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: "dwconv-s8-generic", Scratch: total, Attach: func(m *Memory) Step {
		s.in, s.out = View[int8](m, x), View[int8](m, out)
		s.image, s.border, s.acc = take[int8](m, image), take[int8](m, border), take[int32](m, acc)
		s.taps = make([][]int8, c.KH*c.KW)
		s.sum = s.fold
		if dynamic {
			s.bias, s.sum = View[int32](m, bias), take[int32](m, sum)
		}
		return s.run
	}}, nil
}

// weightsS16 returns constant weights less their zero point.
func weightsS16(f *Tensor, zero int32) ([]int16, error) {
	w, zero, err := weightsS8(f, zero)
	if err != nil {
		return nil, err
	}
	if w == nil {
		return nil, fmt.Errorf("filter that is not constant: %w", ErrUnsupported)
	}
	wide := make([]int16, len(w))
	for i, v := range w {
		wide[i] = int16(int32(v) - zero)
	}
	return wide, nil
}

// dwconvFold returns the bias, or zeros, less what the input's zero point adds.
func dwconvFold(weights []int16, bias []int32, zero int32, n int) []int32 {
	fold := make([]int32, n)
	copy(fold, bias)
	for i, w := range weights {
		fold[i%n] -= zero * int32(w)
	}
	return fold
}

func (s *dwconvS8) run() error {
	for j, b := range s.bias {
		s.sum[j] = s.fold[j] + b
	}
	for i := range s.border {
		s.border[i] = s.zero
	}
	size, positions := s.InH*s.InW*s.InC, s.OutH*s.OutW
	for b := range s.batch {
		image, out := s.in[b*size:(b+1)*size], s.out[b*positions*s.n:(b+1)*positions*s.n]
		if s.flip {
			kernels.Flip(bytes(s.image), bytes(image))
			image = s.image
		}
		for p := range positions {
			kernels.Taps(s.taps, image, &s.Window, p/s.OutW, p%s.OutW, s.border)
			kernels.DwconvS8(s.acc, s.taps, s.weights, s.sum)
			s.requant.S8(out[p*s.n:(p+1)*s.n], s.acc)
		}
		if s.flip {
			kernels.Flip(bytes(out), bytes(out))
		}
	}
	return nil
}
