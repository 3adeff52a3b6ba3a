package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// convHybrid is a convolution of floats with int8 filters: every image is quantized, then
// convolved as int8, and the accumulators are scaled to floats.
type convHybrid struct {
	conv
	asymmetric bool
	weights    []int8
	sums       []int32   // of each filter
	scales     []float32 // of each filter
	lo, hi     float32
	bias       []float32
	in, out    []float32
	image      []int8
	patches    []int8
	acc        []int32
	fold       []int32
	eff        []float32 // scale of filter and image
}

// bindConvHybrid quantizes as LiteRT does: asymmetrically where filters have scales of
// their own or there are groups, else symmetrically with one scale.
func bindConvHybrid(c conv, act graph.Activation, x, f, bias, out *Tensor) (Bound, error) {
	lo, hi, err := floatRange(act)
	if err != nil {
		return Bound{}, err
	}
	scales, wzero, err := perChannel(f, "filter", 0, c.n*c.groups)
	if err != nil {
		return Bound{}, err
	}
	if wzero != 0 {
		return Bound{}, errWeightZero(f, wzero)
	}
	if err := checkBias(bias, len(scales), graph.Float32); err != nil {
		return Bound{}, err
	}
	weights, err := constWeightsS8(f)
	if err != nil {
		return Bound{}, err
	}
	s := &convHybrid{conv: c, weights: weights, scales: scales, lo: lo, hi: hi, asymmetric: c.groups > 1}
	for _, v := range scales {
		s.asymmetric = s.asymmetric || v != scales[0]
	}
	s.sums = make([]int32, len(scales))
	kernels.SumsS8(s.sums, weights, len(scales), c.k)
	var room scratch
	image, patches := reserve[int8](&room, c.InH*c.InW*c.InC), reserve[int8](&room, 0)
	if !c.direct() {
		patches = reserve[int8](&room, c.tile*c.k)
	}
	acc, fold, eff := reserve[int32](&room, c.tile*c.n), reserve[int32](&room, len(scales)), reserve[float32](&room, len(scales))
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: "conv-hybrid-generic", Scratch: total, Attach: func(m *Memory) Step {
		s.in, s.out, s.bias = View[float32](m, x), View[float32](m, out), View[float32](m, bias)
		s.image, s.patches = take[int8](m, image), take[int8](m, patches)
		s.acc, s.fold, s.eff = take[int32](m, acc), take[int32](m, fold), take[float32](m, eff)
		return s.run
	}}, nil
}

// constWeightsS8 returns constant int8 or int4 weights.
func constWeightsS8(f *Tensor) ([]int8, error) {
	w, _, err := weightsS8(f, 0)
	if err == nil && w == nil {
		err = fmt.Errorf("weights that are not constant: %w", ErrUnsupported)
	}
	return w, err
}

func (s *convHybrid) run() error {
	size, positions := s.InH*s.InW*s.InC, s.OutH*s.OutW
	row := s.n * s.groups
	for b := range s.batch {
		scale, zero := float32(1), int32(0)
		if s.asymmetric {
			scale, zero = kernels.QuantizeAsymmetric(s.image, s.in[b*size:(b+1)*size])
			copy(s.eff, s.scales)
		} else {
			kernels.ScaleF32(s.eff, s.scales, kernels.QuantizeSymmetric(s.image, s.in[b*size:(b+1)*size]))
		}
		for j, sum := range s.sums {
			s.fold[j] = -zero * sum
		}
		out := s.out[b*positions*row : (b+1)*positions*row]
		for from := 0; from < positions; from += s.tile {
			to := min(from+s.tile, positions)
			for g := range s.groups {
				s.run1(out[from*row:to*row], g, from, to, scale, int8(zero))
			}
		}
	}
	return nil
}

func (s *convHybrid) run1(out []float32, g, from, to int, scale float32, zero int8) {
	m := to - from
	a := s.patches
	if s.direct() {
		a = s.image[from*s.k : to*s.k]
	} else {
		kernels.Patches(a, s.image, &s.Window, g*s.depth, s.depth, from, to, zero)
	}
	first, end := g*s.n, (g+1)*s.n
	acc := s.acc[:m*s.n]
	kernels.GemmS8(acc, a, s.weights[first*s.k:end*s.k], s.fold[first:end], m, s.n, s.k)
	var bias []float32
	if s.bias != nil {
		bias = s.bias[first:end]
	}
	for i := range m {
		at := i * s.n * s.groups
		kernels.DequantS32(out[at+first:at+end], acc[i*s.n:(i+1)*s.n], s.eff[first:end], scale, bias, s.lo, s.hi)
	}
}
