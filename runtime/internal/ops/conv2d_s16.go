package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// convS16 is a convolution of int16 activations with int8 weights.
type convS16 struct {
	conv
	weights []int8
	fold    []int64
	narrow  bool // accumulators of 32 bits
	requant *kernels.Requant
	bias32  []int32 // a bias that is not constant
	bias64  []int64
	in, out []int16
	patches []int16
	acc     []int64
}

func bindConvS16(c conv, act graph.Activation, biasType graph.Type, x, f, bias, out *Tensor) (Bound, error) {
	scales, wzero, err := perChannel(f, "filter", 0, c.n*c.groups)
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
	return bindMatmulS16(c, requant, narrowBias(biasType, bias), x, f, bias, out, "conv-s16-generic")
}

// narrowBias reports whether an int16 operator accumulates in 32 bits: where its options
// name that type for the bias or, naming none, where the bias has it.
func narrowBias(named graph.Type, bias *Tensor) bool {
	return named == graph.Int32 || named == graph.Float32 && bias != nil && bias.Type == graph.Int32
}

func bindMatmulS16(c conv, requant *kernels.Requant, narrow bool, x, f, bias, out *Tensor, kernel string) (Bound, error) {
	oc := c.n * c.groups
	want := graph.Int64
	if narrow {
		want = graph.Int32
	}
	if err := checkBias(bias, oc, want); err != nil {
		return Bound{}, err
	}
	weights, _, err := weightsS8(f, 0)
	if err != nil {
		return Bound{}, err
	}
	s := &convS16{conv: c, weights: weights, narrow: narrow, requant: requant, fold: make([]int64, oc)}
	constBias64(s.fold, bias)
	var room scratch
	patches := reserve[int16](&room, 0)
	if !c.direct() {
		patches = reserve[int16](&room, c.tile*c.k)
	}
	acc := reserve[int64](&room, c.tile*c.n)
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: kernel, Scratch: total, Attach: func(m *Memory) Step {
		s.in, s.out = View[int16](m, x), View[int16](m, out)
		s.patches, s.acc = take[int16](m, patches), take[int64](m, acc)
		if s.weights == nil {
			s.weights = View[int8](m, f)
		}
		if bias != nil && bias.Data == nil {
			if narrow {
				s.bias32 = View[int32](m, bias)
			} else {
				s.bias64 = View[int64](m, bias)
			}
		}
		return s.run
	}}, nil
}

// constBias64 copies a constant bias of 32 or 64 bits.
func constBias64(dst []int64, bias *Tensor) {
	switch {
	case bias == nil || bias.Data == nil:
	case bias.Type == graph.Int64:
		copy(dst, Const[int64](bias))
	default:
		for i, v := range Const[int32](bias) {
			dst[i] = int64(v)
		}
	}
}

func (s *convS16) run() error {
	for j, b := range s.bias32 {
		s.fold[j] = int64(b)
	}
	copy(s.fold, s.bias64)
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

func (s *convS16) run1(out, image []int16, g, from, to int) {
	m := to - from
	a := s.patches
	if s.direct() {
		a = image[from*s.k : to*s.k]
	} else {
		kernels.Patches(a, image, &s.Window, g*s.depth, s.depth, from, to, 0)
	}
	first := g * s.n
	acc := s.acc[:m*s.n]
	kernels.GemmS16(acc, a, s.weights[first*s.k:(first+s.n)*s.k], s.fold[first:first+s.n], m, s.n, s.k)
	s.requant.Rows16(out[first:], s.n*s.groups, acc, first, m, s.n, s.narrow)
}
