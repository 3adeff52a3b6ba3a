package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// convF32 is a convolution of floats. Filter and bias need not be constant.
type convF32 struct {
	conv
	lo, hi        float32
	in, out       []float32
	weights, bias []float32
	patches       []float32
}

func bindConvF32(c conv, act graph.Activation, x, f, bias, out *Tensor) (Bound, error) {
	lo, hi, err := floatRange(act)
	if err != nil {
		return Bound{}, err
	}
	return bindMatmulF32(c, lo, hi, x, f, bias, out, "conv-f32-generic")
}

func bindMatmulF32(c conv, lo, hi float32, x, f, bias, out *Tensor, kernel string) (Bound, error) {
	if err := checkBias(bias, c.n*c.groups, graph.Float32); err != nil {
		return Bound{}, err
	}
	s := &convF32{conv: c, lo: lo, hi: hi}
	var room scratch
	patches := reserve[float32](&room, 0)
	if !c.direct() {
		patches = reserve[float32](&room, c.tile*c.k)
	}
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: kernel, Scratch: total, Attach: func(m *Memory) Step {
		s.in, s.out = View[float32](m, x), View[float32](m, out)
		s.weights, s.bias = View[float32](m, f), View[float32](m, bias)
		s.patches = take[float32](m, patches)
		return s.run
	}}, nil
}

func (s *convF32) run() error {
	size, positions := s.InH*s.InW*s.InC, s.OutH*s.OutW
	row := s.n * s.groups
	for b := range s.batch {
		image, out := s.in[b*size:(b+1)*size], s.out[b*positions*row:(b+1)*positions*row]
		for from := 0; from < positions; from += s.tile {
			to := min(from+s.tile, positions)
			for g := range s.groups {
				s.run1(out[from*row:to*row], image, g, from, to)
			}
		}
	}
	return nil
}

func (s *convF32) run1(out, image []float32, g, from, to int) {
	a := s.patches
	if s.direct() {
		a = image[from*s.k : to*s.k]
	} else {
		kernels.Patches(a, image, &s.Window, g*s.depth, s.depth, from, to, 0)
	}
	first := g * s.n
	var bias []float32
	if s.bias != nil {
		bias = s.bias[first : first+s.n]
	}
	kernels.GemmF32(out[first:], s.n*s.groups, a, s.weights[first*s.k:(first+s.n)*s.k], bias, to-from, s.n, s.k, s.lo, s.hi)
}
