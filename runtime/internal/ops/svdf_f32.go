package ops

import (
	"fmt"
	"math"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// svdfF32 is the float SVDF and, with int8 weights, the hybrid one.
type svdfF32 struct {
	svdf
	lo, hi  float32
	tanh    bool
	in, out []float32
	feature []float32
	time    []float32
	bias    []float32
	state   []float32
	acc     []float32

	// Hybrid: every batch of the input is quantized.
	asymmetric bool
	weights    []int8
	sums       []int32
	scale      []float32 // of the feature weights, once for each filter
	quant      []int8
	acc32      []int32
	fold       []int32
	eff        []float32
}

func newSVDFF32(s svdf, o *graph.SVDFOptions, n *Node) (*svdfF32, error) {
	k := &svdfF32{svdf: s, tanh: o.Activation == graph.ActTanh, lo: float32(math.Inf(-1)), hi: float32(math.Inf(1))}
	if !k.tanh {
		var err error
		if k.lo, k.hi, err = floatRange(o.Activation); err != nil {
			return nil, err
		}
	}
	return k, checkBias(n.In[3], s.units, graph.Float32)
}

func bindSVDFF32(s svdf, o *graph.SVDFOptions, n *Node) (Bound, error) {
	k, err := newSVDFF32(s, o, n)
	if err != nil {
		return Bound{}, err
	}
	var room scratch
	acc := reserve[float32](&room, s.filters)
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: "svdf-f32-generic", Scratch: total, Attach: func(m *Memory) Step {
		k.in, k.out, k.bias, k.state = View[float32](m, n.In[0]), View[float32](m, n.Out[0]), View[float32](m, n.In[3]), View[float32](m, n.In[4])
		k.feature, k.time, k.acc = View[float32](m, n.In[1]), View[float32](m, n.In[2]), take[float32](m, acc)
		return k.run
	}}, nil
}

func bindSVDFHybrid(s svdf, o *graph.SVDFOptions, n *Node) (Bound, error) {
	k, err := newSVDFF32(s, o, n)
	if err != nil {
		return Bound{}, err
	}
	sf, zf, err := perTensor(n.In[1], "feature weights")
	if err != nil {
		return Bound{}, err
	}
	st, zt, err := perTensor(n.In[2], "time weights")
	if err != nil {
		return Bound{}, err
	}
	if zf != 0 || zt != 0 {
		return Bound{}, fmt.Errorf("zero points %d and %d of weights, want 0", zf, zt)
	}
	time := Const[int8](n.In[2])
	k.weights, k.asymmetric = Const[int8](n.In[1]), o.AsymmetricQuantizeInputs
	if k.weights == nil || time == nil {
		return Bound{}, fmt.Errorf("weights that are not constant: %w", ErrUnsupported)
	}
	k.time = make([]float32, len(time))
	for i, v := range time {
		k.time[i] = float32(v) * st
	}
	k.sums, k.scale = make([]int32, s.filters), make([]float32, s.filters)
	kernels.SumsS8(k.sums, k.weights, s.filters, s.input)
	for i := range k.scale {
		k.scale[i] = sf
	}
	var room scratch
	acc, acc32, fold, eff := reserve[float32](&room, s.filters), reserve[int32](&room, s.filters), reserve[int32](&room, s.filters), reserve[float32](&room, s.filters)
	quant := reserve[int8](&room, s.input)
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: "svdf-hybrid-generic", Scratch: total, Attach: func(m *Memory) Step {
		k.in, k.out, k.bias, k.state = View[float32](m, n.In[0]), View[float32](m, n.Out[0]), View[float32](m, n.In[3]), View[float32](m, n.In[4])
		k.acc, k.acc32, k.fold = take[float32](m, acc), take[int32](m, acc32), take[int32](m, fold)
		k.eff, k.quant = take[float32](m, eff), take[int8](m, quant)
		return k.run
	}}, nil
}

func (s *svdfF32) run() error {
	copy(s.state, s.state[min(1, len(s.state)):])
	for b := range s.batch {
		in := s.in[b*s.input : (b+1)*s.input]
		if s.weights == nil {
			kernels.GemmF32(s.acc, s.filters, in, s.feature, nil, 1, s.filters, s.input, float32(math.Inf(-1)), float32(math.Inf(1)))
		} else {
			s.hybrid(in)
		}
		state := s.state[b*s.filters*s.memory : (b+1)*s.filters*s.memory]
		for f, v := range s.acc {
			state[(f+1)*s.memory-1] = v
		}
		for u := range s.units {
			v := kernels.ClampF32(s.unit(state, u), s.lo, s.hi)
			if s.tanh {
				v = kernels.TanhF32(v)
			}
			s.out[b*s.units+u] = v
		}
	}
	return nil
}

// hybrid computes acc from a quantized input.
func (s *svdfF32) hybrid(in []float32) {
	var scale float32
	zero := int32(0)
	if s.asymmetric {
		scale, zero = kernels.QuantizeAsymmetric(s.quant, in)
	} else {
		scale = kernels.QuantizeSymmetric(s.quant, in)
	}
	for f, sum := range s.sums {
		s.fold[f] = -zero * sum
	}
	kernels.ScaleF32(s.eff, s.scale, scale)
	kernels.GemmS8(s.acc32, s.quant, s.weights, s.fold, 1, s.filters, s.input)
	kernels.DequantS32(s.acc, s.acc32, s.eff, 1, nil, float32(math.Inf(-1)), float32(math.Inf(1)))
}

// unit sums what the filters of unit u remember: from the bias by FMA, or for hybrid
// weights filter by filter and the bias last, as LiteRT does.
func (s *svdfF32) unit(state []float32, u int) (sum float32) {
	if s.bias != nil && s.weights == nil {
		sum = s.bias[u]
	}
	for f := u * s.rank; f < (u+1)*s.rank; f++ {
		time := s.time[f*s.memory : (f+1)*s.memory]
		remembered := state[f*s.memory : (f+1)*s.memory]
		if s.weights == nil {
			for i, v := range remembered {
				sum = kernels.FMA(time[i], v, sum)
			}
			continue
		}
		var dot float32
		for i, v := range remembered {
			dot += float32(time[i] * v)
		}
		sum += dot
	}
	if s.bias != nil && s.weights != nil {
		sum += s.bias[u]
	}
	return sum
}
