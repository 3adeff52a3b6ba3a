package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// fullyConnectedHybrid multiplies float rows with int8 weights: every row is quantized by
// itself.
type fullyConnectedHybrid struct {
	m, n, k    int
	asymmetric bool
	tanh       bool
	weights    []int8
	sums       []int32
	scales     []float32
	lo, hi     float32
	bias       []float32
	in, out    []float32
	row        []int8
	acc        []int32
	fold       []int32
	eff        []float32
}

func bindFullyConnectedHybrid(c conv, o *graph.FullyConnectedOptions, x, f, bias, out *Tensor) (Bound, error) {
	act, tanh := o.Activation, o.Activation == graph.ActTanh
	if tanh {
		act = graph.ActNone
	}
	lo, hi, err := floatRange(act)
	if err != nil {
		return Bound{}, err
	}
	scales, wzero, err := perChannel(f, "weights", 0, c.n)
	if err != nil {
		return Bound{}, err
	}
	if wzero != 0 {
		return Bound{}, errWeightZero(f, wzero)
	}
	if err := checkBias(bias, c.n, graph.Float32); err != nil {
		return Bound{}, err
	}
	weights, err := constWeightsS8(f)
	if err != nil {
		return Bound{}, err
	}
	s := &fullyConnectedHybrid{
		m: c.InW, n: c.n, k: c.k, asymmetric: o.AsymmetricQuantizeInputs, tanh: tanh,
		weights: weights, scales: scales, lo: lo, hi: hi, sums: make([]int32, c.n),
	}
	kernels.SumsS8(s.sums, weights, c.n, c.k)
	var room scratch
	row, acc, fold, eff := reserve[int8](&room, c.k), reserve[int32](&room, c.n), reserve[int32](&room, c.n), reserve[float32](&room, c.n)
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: "fully-connected-hybrid-generic", Scratch: total, Attach: func(m *Memory) Step {
		s.in, s.out, s.bias = View[float32](m, x), View[float32](m, out), View[float32](m, bias)
		s.row, s.acc, s.fold, s.eff = take[int8](m, row), take[int32](m, acc), take[int32](m, fold), take[float32](m, eff)
		return s.run
	}}, nil
}

func (s *fullyConnectedHybrid) run() error {
	for i := range s.m {
		var scale float32
		zero := int32(0)
		if in := s.in[i*s.k : (i+1)*s.k]; s.asymmetric {
			scale, zero = kernels.QuantizeAsymmetric(s.row, in)
		} else {
			scale = kernels.QuantizeSymmetric(s.row, in)
		}
		for j, sum := range s.sums {
			s.fold[j] = -zero * sum
		}
		kernels.ScaleF32(s.eff, s.scales, scale)
		kernels.GemmS8(s.acc, s.row, s.weights, s.fold, 1, s.n, s.k)
		out := s.out[i*s.n : (i+1)*s.n]
		kernels.DequantS32(out, s.acc, s.eff, 1, s.bias, s.lo, s.hi)
		if s.tanh {
			for j, v := range out {
				out[j] = kernels.TanhF32(v)
			}
		}
	}
	return nil
}
