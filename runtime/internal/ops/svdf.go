package ops

import (
	"fmt"
	"math"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// svdf is a rank-decomposed filter over time: every filter multiplies the newest input by
// its feature weights, remembers the last results in the state, and weighs those by its
// time weights; rank filters make a unit. State is [batch][filters][memory], newest last.
type svdf struct {
	batch, input, filters, memory, units, rank int
}

// bindSVDF: input [N, I], feature weights [units * rank, I], time weights [units * rank,
// memory], optional bias [units], state [N, memory * units * rank]; output [N, units].
func bindSVDF(n *Node) (Bound, error) {
	o, err := options[graph.SVDFOptions](n)
	if err != nil {
		return Bound{}, err
	}
	if len(n.In) != 5 || len(n.Out) != 1 || n.In[0] == nil || n.In[1] == nil || n.In[2] == nil || n.In[4] == nil || n.Out[0] == nil {
		return Bound{}, fmt.Errorf("got %d inputs and %d outputs, want input, feature weights, time weights, optional bias, state and one output", len(n.In), len(n.Out))
	}
	x, feature, time, state, out := n.In[0], n.In[1], n.In[2], n.In[4], n.Out[0]
	if len(x.Shape) != 2 || len(feature.Shape) != 2 || len(time.Shape) != 2 || feature.Shape[1] != x.Shape[1] ||
		feature.Shape[0] != time.Shape[0] || feature.Shape[0] == 0 || time.Shape[1] == 0 || x.Shape[1] == 0 {
		return Bound{}, fmt.Errorf("input %v, feature weights %v, time weights %v do not agree", x.Shape, feature.Shape, time.Shape)
	}
	s := svdf{batch: x.Shape[0], input: x.Shape[1], filters: feature.Shape[0], memory: time.Shape[1], rank: int(o.Rank)}
	if s.rank < 1 || s.filters%s.rank != 0 {
		return Bound{}, fmt.Errorf("%d filters of rank %d: no whole number of units", s.filters, s.rank)
	}
	s.units = s.filters / s.rank
	if !fits(s.batch, s.filters, s.memory) || state.Elements() != s.batch*s.filters*s.memory || out.Elements() != s.batch*s.units {
		return Bound{}, fmt.Errorf("state %v, output %v: want %d and %d elements", state.Shape, out.Shape, s.batch*s.filters*s.memory, s.batch*s.units)
	}
	if !state.Variable || state.Data != nil {
		return Bound{}, fmt.Errorf("state is not a variable")
	}
	switch {
	case x.Type != out.Type:
	case x.Type == graph.Float32 && feature.Type == graph.Float32 && time.Type == graph.Float32 && state.Type == graph.Float32:
		return bindSVDFF32(s, o, n)
	case x.Type == graph.Float32 && feature.Type == graph.Int8 && time.Type == graph.Int8 && state.Type == graph.Float32:
		return bindSVDFHybrid(s, o, n)
	case x.Type == graph.Int8 && feature.Type == graph.Int8 && time.Type == graph.Int16 && state.Type == graph.Int16:
		return bindSVDFS8[int16](s, o, n)
	case x.Type == graph.Int8 && feature.Type == graph.Int8 && time.Type == graph.Int8 && state.Type == graph.Int8:
		return bindSVDFS8[int8](s, o, n)
	}
	return Bound{}, unsupported(n)
}

// svdfS8 is the integer SVDF; state and time weights are int16, or int8 as on
// microcontrollers.
type svdfS8[T int8 | int16] struct {
	svdf
	feature    []int8
	time       []T
	fold       []int32
	bias       []int32
	in, out    []int8
	state      []T
	acc        []int32
	in2s, s2o  kernels.Multiplier // input to state, state to output
	lo, hi     int32              // of the state's type
	stateZero  int32
	outputZero int32
}

func bindSVDFS8[T int8 | int16](s svdf, o *graph.SVDFOptions, n *Node) (Bound, error) {
	x, feature, time, bias, state, out := n.In[0], n.In[1], n.In[2], n.In[3], n.In[4], n.Out[0]
	if o.Activation != graph.ActReLU {
		return Bound{}, fmt.Errorf("activation %v with %v: %w", o.Activation, x.Type, ErrUnsupported)
	}
	k := &svdfS8[T]{svdf: s, lo: math.MinInt8, hi: math.MaxInt8}
	if state.Type == graph.Int16 {
		k.lo, k.hi = math.MinInt16, math.MaxInt16
	}
	var scale [5]float32
	var zero [5]int32
	for i, t := range []*Tensor{x, feature, time, state, out} {
		var err error
		if scale[i], zero[i], err = perTensor(t, [...]string{"input", "feature weights", "time weights", "state", "output"}[i]); err != nil {
			return Bound{}, err
		}
	}
	if zero[1] != 0 || zero[2] != 0 || state.Type == graph.Int16 && zero[3] != 0 {
		return Bound{}, fmt.Errorf("zero points %v of weights and state, want 0", zero[1:4])
	}
	if err := checkConstBias(bias, s.units, graph.Int32); err != nil {
		return Bound{}, err
	}
	k.stateZero, k.outputZero = zero[3], zero[4]
	// The products are float32, as LiteRT takes them here.
	k.in2s = kernels.NewMultiplier(float64(float32(scale[0]*scale[1]) / scale[3]))
	k.s2o = kernels.NewMultiplier(float64(float32(scale[3]*scale[2]) / scale[4]))
	k.feature, k.time, k.bias = Const[int8](feature), Const[T](time), Const[int32](bias)
	if k.feature == nil || k.time == nil {
		return Bound{}, fmt.Errorf("weights that are not constant: %w", ErrUnsupported)
	}
	k.fold = make([]int32, s.filters)
	kernels.FoldS8(k.fold, k.feature, nil, zero[0], 0, s.filters, s.input)
	var room scratch
	acc := reserve[int32](&room, s.filters)
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: "svdf-s8-generic", Scratch: total, Attach: func(m *Memory) Step {
		k.in, k.out, k.state, k.acc = View[int8](m, x), View[int8](m, out), View[T](m, state), take[int32](m, acc)
		return k.run
	}}, nil
}

func (s *svdfS8[T]) run() error {
	copy(s.state, s.state[min(1, len(s.state)):])
	for b := range s.batch {
		kernels.GemmS8(s.acc, s.in[b*s.input:(b+1)*s.input], s.feature, s.fold, 1, s.filters, s.input)
		state := s.state[b*s.filters*s.memory : (b+1)*s.filters*s.memory]
		for f, a := range s.acc {
			state[(f+1)*s.memory-1] = T(s.stateZero + min(max(s.in2s.Mul(a), s.lo), s.hi))
		}
		out := s.out[b*s.units : (b+1)*s.units]
		for u := range out {
			sum := int32(0)
			if s.bias != nil {
				sum = s.bias[u]
			}
			// The filters of a unit lie one after another.
			from, to := u*s.rank*s.memory, (u+1)*s.rank*s.memory
			time := s.time[from:to]
			for i, v := range state[from:to] {
				sum += int32(time[i]) * (int32(v) - s.stateZero)
			}
			out[u] = int8(min(max(s.s2o.Mul(sum)+s.outputZero, math.MinInt8), math.MaxInt8))
		}
	}
	return nil
}
