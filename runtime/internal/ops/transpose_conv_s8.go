package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// tconvS8 is a transposed convolution of int8, or of uint8 with every byte flipped on its
// way in and out.
type tconvS8 struct {
	tconv
	weights []int8  // by phase
	fold    []int32 // [phases][O]
	zero    int8
	wzero   int32
	requant *kernels.Requant
	flip    bool
	in, out []int8
	image   []int8
	patches []int8
	acc     []int32
}

func bindTconvS8(t tconv, o *graph.TransposeConvOptions, x, f, bias, out *Tensor) (Bound, error) {
	scales, wzero, err := perChannel(f, "filter", 0, t.n)
	if err != nil {
		return Bound{}, err
	}
	if x.Type == graph.UInt8 && len(f.Quant.Scale) != 1 {
		return Bound{}, fmt.Errorf("uint8 filter with %d scales: %w", len(f.Quant.Scale), ErrUnsupported)
	}
	if x.Type == graph.Int8 && wzero != 0 {
		return Bound{}, errWeightZero(f, wzero)
	}
	requant, zero, err := convRequant(o.Activation, x, out, scales)
	if err != nil {
		return Bound{}, err
	}
	if err := checkConstBias(bias, t.n, graph.Int32); err != nil {
		return Bound{}, err
	}
	w, wzero, err := weightsS8(f, wzero)
	if err != nil {
		return Bound{}, err
	}
	if w == nil {
		return Bound{}, fmt.Errorf("filter that is not constant: %w", ErrUnsupported)
	}
	s := &tconvS8{tconv: t, zero: int8(zero), wzero: wzero, requant: requant, flip: x.Type == graph.UInt8}
	s.weights = make([]int8, len(w))
	packPhases(s.weights, w, &s.tconv, f.Shape[1], f.Shape[2], int(o.StrideH), int(o.StrideW))
	s.fold = make([]int32, t.n*len(t.phases))
	for i, p := range t.phases {
		kernels.FoldS8(s.fold[i*t.n:], s.weights[p.at:], Const[int32](bias), zero, wzero, t.n, p.k)
	}
	var room scratch
	image := reserve[int8](&room, 0)
	if s.flip {
		image = reserve[int8](&room, t.size)
	}
	patches, acc := reserve[int8](&room, t.tile*t.k), reserve[int32](&room, t.tile*t.n)
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: "tconv-s8-generic", Scratch: total, Attach: func(m *Memory) Step {
		s.in, s.out = View[int8](m, x), View[int8](m, out)
		s.image, s.patches, s.acc = take[int8](m, image), take[int8](m, patches), take[int32](m, acc)
		return s.run
	}}, nil
}

// checkConstBias is checkBias for operators that pack the bias.
func checkConstBias(t *Tensor, n int, types ...graph.Type) error {
	if t != nil && t.Data == nil {
		return fmt.Errorf("bias that is not constant: %w", ErrUnsupported)
	}
	return checkBias(t, n, types...)
}

func (s *tconvS8) run() error {
	image := s.outH * s.outW * s.n
	for b := range s.batch {
		in, out := s.in[b*s.size:(b+1)*s.size], s.out[b*image:(b+1)*image]
		if s.flip {
			kernels.Flip(bytes(s.image), bytes(in))
			in = s.image
		}
		for i := range s.phases {
			s.phase(out, in, &s.phases[i], s.fold[i*s.n:(i+1)*s.n])
		}
		if s.flip {
			kernels.Flip(bytes(out), bytes(out))
		}
	}
	return nil
}

func (s *tconvS8) phase(out, in []int8, p *phase, fold []int32) {
	w := s.weights[p.at : p.at+p.k*s.n]
	for row := range p.OutH {
		at, stride := s.line(p, row)
		for x := 0; x < p.OutW; x += s.tile {
			m := min(s.tile, p.OutW-x)
			a, acc := s.patches[:m*p.k], s.acc[:m*s.n]
			kernels.Patches(a, in, &p.Window, 0, p.InC, row*p.OutW+x, row*p.OutW+x+m, s.zero)
			kernels.GemmS8(acc, a, w, fold, m, s.n, p.k)
			if s.wzero != 0 {
				kernels.AddRowSums(acc, a, s.wzero, m, s.n, p.k)
			}
			s.requant.Rows8(out[at+x*stride:], stride, acc, 0, m, s.n)
		}
	}
}
