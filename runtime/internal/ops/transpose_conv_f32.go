package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// tconvF32 is a transposed convolution of floats. Filter and bias need not be constant.
type tconvF32 struct {
	tconv
	kh, kw, sh, sw int
	lo, hi         float32
	in, out        []float32
	filter         []float32 // where it is not constant: packed in every run
	weights, bias  []float32
	patches        []float32
}

func bindTconvF32(t tconv, o *graph.TransposeConvOptions, x, f, bias, out *Tensor) (Bound, error) {
	lo, hi, err := floatRange(o.Activation)
	if err != nil {
		return Bound{}, err
	}
	if err := checkBias(bias, t.n, graph.Float32); err != nil {
		return Bound{}, err
	}
	s := &tconvF32{tconv: t, lo: lo, hi: hi, kh: f.Shape[1], kw: f.Shape[2], sh: int(o.StrideH), sw: int(o.StrideW)}
	var room scratch
	packed := reserve[float32](&room, 0)
	if f.Data == nil {
		packed = reserve[float32](&room, f.Elements())
	} else {
		w := Const[float32](f)
		s.weights = make([]float32, len(w))
		packPhases(s.weights, w, &s.tconv, s.kh, s.kw, s.sh, s.sw)
	}
	patches := reserve[float32](&room, t.tile*t.k)
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: "tconv-f32-generic", Scratch: total, Attach: func(m *Memory) Step {
		s.in, s.out, s.bias = View[float32](m, x), View[float32](m, out), View[float32](m, bias)
		s.patches = take[float32](m, patches)
		if f.Data == nil {
			s.filter, s.weights = View[float32](m, f), take[float32](m, packed)
		}
		return s.run
	}}, nil
}

func (s *tconvF32) run() error {
	if s.filter != nil {
		packPhases(s.weights, s.filter, &s.tconv, s.kh, s.kw, s.sh, s.sw)
	}
	image := s.outH * s.outW * s.n
	for b := range s.batch {
		for i := range s.phases {
			s.phase(s.out[b*image:(b+1)*image], s.in[b*s.size:(b+1)*s.size], &s.phases[i])
		}
	}
	return nil
}

func (s *tconvF32) phase(out, in []float32, p *phase) {
	w := s.weights[p.at : p.at+p.k*s.n]
	for row := range p.OutH {
		at, stride := s.line(p, row)
		for x := 0; x < p.OutW; x += s.tile {
			m := min(s.tile, p.OutW-x)
			a := s.patches[:m*p.k]
			kernels.Patches(a, in, &p.Window, 0, p.InC, row*p.OutW+x, row*p.OutW+x+m, 0)
			kernels.GemmF32(out[at+x*stride:], stride, a, w, s.bias, m, s.n, p.k, s.lo, s.hi)
		}
	}
}
