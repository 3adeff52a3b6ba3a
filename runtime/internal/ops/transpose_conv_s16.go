package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// tconvS16 is a transposed convolution of int16 activations with int8 weights.
type tconvS16 struct {
	tconv
	weights []int8
	fold    []int64
	narrow  bool
	requant *kernels.Requant
	in, out []int16
	patches []int16
	acc     []int64
}

func bindTconvS16(t tconv, o *graph.TransposeConvOptions, x, f, bias, out *Tensor) (Bound, error) {
	scales, wzero, err := perChannel(f, "filter", 0, t.n)
	if err != nil {
		return Bound{}, err
	}
	if wzero != 0 {
		return Bound{}, errWeightZero(f, wzero)
	}
	requant, _, err := convRequant(o.Activation, x, out, scales)
	if err != nil {
		return Bound{}, err
	}
	s := &tconvS16{tconv: t, requant: requant, narrow: narrowBias(o.QuantizedBiasType, bias), fold: make([]int64, t.n)}
	want := graph.Int64
	if s.narrow {
		want = graph.Int32
	}
	if err := checkConstBias(bias, t.n, want); err != nil {
		return Bound{}, err
	}
	constBias64(s.fold, bias)
	w := Const[int8](f)
	if w == nil {
		return Bound{}, fmt.Errorf("filter that is not constant: %w", ErrUnsupported)
	}
	s.weights = make([]int8, len(w))
	packPhases(s.weights, w, &s.tconv, f.Shape[1], f.Shape[2], int(o.StrideH), int(o.StrideW))
	var room scratch
	patches, acc := reserve[int16](&room, t.tile*t.k), reserve[int64](&room, t.tile*t.n)
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: "tconv-s16-generic", Scratch: total, Attach: func(m *Memory) Step {
		s.in, s.out = View[int16](m, x), View[int16](m, out)
		s.patches, s.acc = take[int16](m, patches), take[int64](m, acc)
		return s.run
	}}, nil
}

func (s *tconvS16) run() error {
	image := s.outH * s.outW * s.n
	for b := range s.batch {
		for i := range s.phases {
			s.phase(s.out[b*image:(b+1)*image], s.in[b*s.size:(b+1)*s.size], &s.phases[i])
		}
	}
	return nil
}

func (s *tconvS16) phase(out, in []int16, p *phase) {
	w := s.weights[p.at : p.at+p.k*s.n]
	for row := range p.OutH {
		at, stride := s.line(p, row)
		for x := 0; x < p.OutW; x += s.tile {
			m := min(s.tile, p.OutW-x)
			a, acc := s.patches[:m*p.k], s.acc[:m*s.n]
			kernels.Patches(a, in, &p.Window, 0, p.InC, row*p.OutW+x, row*p.OutW+x+m, 0)
			kernels.GemmS16(acc, a, w, s.fold, m, s.n, p.k)
			s.requant.Rows16(out[at+x*stride:], stride, acc, 0, m, s.n, s.narrow)
		}
	}
}
