package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// convS8 is a convolution of int8, or of uint8 with every byte flipped on its way in and
// out.
type convS8 struct {
	conv
	weights []int8
	fold    []int32 // what goes under every accumulator; a constant bias included
	zero    int8    // of the input: what padding reads
	wzero   int32   // of the weights
	requant *kernels.Requant
	flip    bool
	live    bool    // weights that are not constant
	raw     []int8  // such weights as stored
	bias    []int32 // where it, or the weights, are not constant
	in, out []int8
	image   []int8  // one image, flipped
	patches []int8  // a tile
	acc     []int32 // a tile
	sum     []int32 // fold and bias
}

func bindConvS8(c conv, act graph.Activation, x, f, bias, out *Tensor) (Bound, error) {
	oc := c.n * c.groups
	scales, wzero, err := perChannel(f, "filter", 0, oc)
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
	return bindMatmulS8(c, requant, zero, wzero, x, f, bias, out, "conv-s8-generic")
}

// bindMatmulS8 finishes what convolution and FULLY_CONNECTED have in common. zero is the
// input's as int8, wzero the filter's as stored.
func bindMatmulS8(c conv, requant *kernels.Requant, zero, wzero int32, x, f, bias, out *Tensor, kernel string) (Bound, error) {
	oc := c.n * c.groups
	if err := checkBias(bias, oc, graph.Int32); err != nil {
		return Bound{}, err
	}
	weights, wzero, err := weightsS8(f, wzero)
	if err != nil {
		return Bound{}, err
	}
	s := &convS8{conv: c, weights: weights, zero: int8(zero), wzero: wzero, requant: requant, flip: x.Type == graph.UInt8}
	s.fold = make([]int32, oc)
	s.live = weights == nil
	if !s.live {
		kernels.FoldS8(s.fold, weights, Const[int32](bias), zero, wzero, oc, c.k)
	}
	var room scratch
	image, patches, sum, copied := reserve[int8](&room, 0), reserve[int8](&room, 0), reserve[int32](&room, 0), reserve[int8](&room, 0)
	if s.flip {
		image = reserve[int8](&room, c.InH*c.InW*c.InC)
	}
	if s.flip && s.live {
		copied = reserve[int8](&room, f.Elements())
	}
	if !s.direct() {
		patches = reserve[int8](&room, c.tile*c.k)
	}
	acc := reserve[int32](&room, c.tile*c.n)
	dynamic := bias != nil && bias.Data == nil
	if dynamic || s.live {
		sum = reserve[int32](&room, oc)
	}
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: kernel, Scratch: total, Attach: func(m *Memory) Step {
		s.in, s.out = View[int8](m, x), View[int8](m, out)
		s.image, s.patches, s.acc = take[int8](m, image), take[int8](m, patches), take[int32](m, acc)
		s.sum = s.fold
		if dynamic || s.live {
			s.bias, s.sum = View[int32](m, bias), take[int32](m, sum)
		}
		if s.live {
			s.weights, s.raw = View[int8](m, f), View[int8](m, f)
		}
		if s.flip && s.live {
			s.weights = take[int8](m, copied)
		}
		return s.run
	}}, nil
}

func (s *convS8) run() error {
	switch {
	case s.live:
		if s.flip {
			kernels.Flip(bytes(s.weights), bytes(s.raw))
		}
		kernels.FoldS8(s.sum, s.weights, s.bias, int32(s.zero), s.wzero, s.n*s.groups, s.k)
	case s.bias != nil:
		for j, b := range s.bias {
			s.sum[j] = s.fold[j] + b
		}
	}
	size, positions := s.InH*s.InW*s.InC, s.OutH*s.OutW
	row := s.n * s.groups
	for b := range s.batch {
		image, out := s.in[b*size:(b+1)*size], s.out[b*positions*row:(b+1)*positions*row]
		if s.flip {
			kernels.Flip(bytes(s.image), bytes(image))
			image = s.image
		}
		for from := 0; from < positions; from += s.tile {
			to := min(from+s.tile, positions)
			for g := range s.groups {
				s.run1(out[from*row:to*row], image, g, from, to)
			}
		}
		if s.flip {
			kernels.Flip(bytes(out), bytes(out))
		}
	}
	return nil
}

// run1 computes a group of the output positions [from, to).
func (s *convS8) run1(out, image []int8, g, from, to int) {
	m := to - from
	a := s.patches
	if s.direct() {
		a = image[from*s.k : to*s.k]
	} else {
		kernels.Patches(a, image, &s.Window, g*s.depth, s.depth, from, to, s.zero)
	}
	first := g * s.n
	acc := s.acc[:m*s.n]
	kernels.GemmS8(acc, a, s.weights[first*s.k:(first+s.n)*s.k], s.sum[first:first+s.n], m, s.n, s.k)
	if s.wzero != 0 {
		kernels.AddRowSums(acc, a, s.wzero, m, s.n, s.k)
	}
	s.requant.Rows8(out[first:], s.n*s.groups, acc, first, m, s.n)
}
