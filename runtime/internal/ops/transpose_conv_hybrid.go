package ops

import (
	"kinglet/kernels"
	"kinglet/models/graph"
)

// tconvHybrid is a transposed convolution of floats with int8 filters. Every image is
// quantized asymmetrically; LiteRT adds every product to its output as a float, in the
// order of the input's elements, and so does this.
type tconvHybrid struct {
	tconv
	inH, inW, c, kh, kw, sh, sw, top, left int
	weights                                []int8 // [O][kh][kw][c]
	scales                                 []float32
	lo, hi                                 float32
	bias                                   []float32
	in, out                                []float32
	image                                  []int8
}

func bindTconvHybrid(t tconv, o *graph.TransposeConvOptions, x, f, bias, out *Tensor) (Bound, error) {
	lo, hi, err := floatRange(o.Activation)
	if err != nil {
		return Bound{}, err
	}
	scales, wzero, err := perChannel(f, "filter", 0, t.n)
	if err != nil {
		return Bound{}, err
	}
	if wzero != 0 {
		return Bound{}, errWeightZero(f, wzero)
	}
	if err := checkBias(bias, t.n, graph.Float32); err != nil {
		return Bound{}, err
	}
	s := &tconvHybrid{
		tconv: t, scales: scales, lo: lo, hi: hi, inH: x.Shape[1], inW: x.Shape[2], c: x.Shape[3],
		kh: f.Shape[1], kw: f.Shape[2], sh: int(o.StrideH), sw: int(o.StrideW), top: t.top, left: t.left,
	}
	if s.weights, err = constWeightsS8(f); err != nil {
		return Bound{}, err
	}
	var room scratch
	image := reserve[int8](&room, t.size)
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: "tconv-hybrid-generic", Scratch: total, Attach: func(m *Memory) Step {
		s.in, s.out, s.bias = View[float32](m, x), View[float32](m, out), View[float32](m, bias)
		s.image = take[int8](m, image)
		return s.run
	}}, nil
}

func (s *tconvHybrid) run() error {
	size := s.outH * s.outW * s.n
	for b := range s.batch {
		scale, zero := kernels.QuantizeAsymmetric(s.image, s.in[b*s.size:(b+1)*s.size])
		out := s.out[b*size : (b+1)*size]
		for i := range out {
			o := i % s.n
			v := s.output(i/s.n/s.outW, i/s.n%s.outW, o, scale, zero)
			if s.bias != nil {
				v += s.bias[o]
			}
			out[i] = kernels.ClampF32(v, s.lo, s.hi)
		}
	}
	return nil
}

// output sums channel o at (y, x): its pixels in ascending order, hence taps backwards.
func (s *tconvHybrid) output(y, x, o int, scale float32, zero int32) (sum float32) {
	y, x = y+s.top, x+s.left
	for iy := max((y-s.kh+s.sh)/s.sh, 0); iy < s.inH && iy*s.sh <= y; iy++ {
		for ix := max((x-s.kw+s.sw)/s.sw, 0); ix < s.inW && ix*s.sw <= x; ix++ {
			pixel := s.image[(iy*s.inW+ix)*s.c:][:s.c]
			w := s.weights[((o*s.kh+y-iy*s.sh)*s.kw+x-ix*s.sw)*s.c:][:s.c]
			for i, v := range pixel {
				p := (int32(v) - zero) * int32(w[i])
				sum += float32(float32(float32(p)*s.scales[o]) * scale)
			}
		}
	}
	return sum
}
