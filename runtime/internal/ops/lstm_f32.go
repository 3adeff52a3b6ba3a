package ops

import (
	"fmt"
	"math"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// lstmF32 is the float LSTM and, with int8 weights, the hybrid one, which quantizes the
// input and the state of every step.
type lstmF32 struct {
	*lstm
	act        graph.Activation
	cellClip   float32
	outputClip float32

	x, out             []float32
	weights, recurrent [gates][]float32
	peephole           [gates][]float32
	bias, norm         [gates][]float32
	projection         []float32
	projectionBias     []float32
	output, cell       []float32 // states
	gate               [gates][]float32
	hidden             []float32 // what is projected

	hybrid     bool
	asymmetric bool
	w, r       [gates]matrixS8
	p          matrixS8
	xq, outq   quantized
	hiddenq    quantized
	acc        []int32
	fold       []int32
	eff        []float32
}

// matrixS8 is int8 weights [n][k] with one scale.
type matrixS8 struct {
	w      []int8
	sums   []int32
	scales []float32
}

// quantized is a row of floats as int8.
type quantized struct {
	q     []int8
	scale float32
	zero  int32
}

func newMatrixS8(t *Tensor, name string) (m matrixS8, err error) {
	if t == nil {
		return m, nil
	}
	scale, zero, err := perTensor(t, name)
	if err != nil {
		return m, err
	}
	if zero != 0 {
		return m, fmt.Errorf("%s: zero point %d, want 0", name, zero)
	}
	if m.w, err = constWeightsS8(t); err != nil {
		return m, err
	}
	n := t.Shape[0]
	m.sums, m.scales = make([]int32, n), make([]float32, n)
	kernels.SumsS8(m.sums, m.w, n, t.Shape[1])
	for i := range m.scales {
		m.scales[i] = scale
	}
	return m, nil
}

func checkLSTMActivation(act graph.Activation) error {
	switch act {
	case graph.ActNone, graph.ActReLU, graph.ActReLUN1To1, graph.ActReLU6, graph.ActTanh:
		return nil
	}
	return fmt.Errorf("activation %v: %w", act, ErrUnsupported)
}

func bindLSTMF32(l *lstm, o *graph.UnidirectionalSequenceLSTMOptions) (Bound, error) {
	f := graph.Float32
	if err := l.checkTypes(f, f, f, f, f, f); err != nil {
		return Bound{}, err
	}
	return (&lstmF32{lstm: l}).bind(o, "lstm-f32-generic")
}

func bindLSTMHybrid(l *lstm, o *graph.UnidirectionalSequenceLSTMOptions) (Bound, error) {
	f := graph.Float32
	if err := l.checkTypes(graph.Int8, graph.Int8, f, f, f, f); err != nil {
		return Bound{}, err
	}
	s := &lstmF32{lstm: l, hybrid: true, asymmetric: o.AsymmetricQuantizeInputs}
	var err error
	for g := l.first(); g < gates; g++ {
		if s.w[g], err = newMatrixS8(l.weights[g], "weights"); err != nil {
			return Bound{}, err
		}
		if s.r[g], err = newMatrixS8(l.recurrent[g], "recurrent weights"); err != nil {
			return Bound{}, err
		}
		if p := l.peephole[g]; p != nil {
			scale, zero, err := perTensor(p, "peephole weights")
			if err != nil {
				return Bound{}, err
			}
			w := Const[int8](p)
			if w == nil || zero != 0 {
				return Bound{}, fmt.Errorf("peephole weights: not constant, or of zero point %d: %w", zero, ErrUnsupported)
			}
			s.peephole[g] = make([]float32, len(w))
			for i, v := range w {
				s.peephole[g][i] = float32(v) * scale
			}
		}
	}
	if s.p, err = newMatrixS8(l.projection, "projection"); err != nil {
		return Bound{}, err
	}
	return s.bind(o, "lstm-hybrid-generic")
}

func (s *lstmF32) bind(o *graph.UnidirectionalSequenceLSTMOptions, kernel string) (Bound, error) {
	if err := checkLSTMActivation(o.Activation); err != nil {
		return Bound{}, err
	}
	l := s.lstm
	s.act, s.cellClip, s.outputClip = o.Activation, o.CellClip, o.ProjClip
	var room scratch
	var gate [gates]place
	for g := range gate {
		gate[g] = reserve[float32](&room, l.cell)
	}
	hidden := reserve[float32](&room, l.cell)
	most := max(l.cell, l.output)
	var xq, outq, hiddenq, acc, fold, eff place
	if s.hybrid {
		xq, outq, hiddenq = reserve[int8](&room, l.input), reserve[int8](&room, l.output), reserve[int8](&room, l.cell)
		acc, fold, eff = reserve[int32](&room, most), reserve[int32](&room, most), reserve[float32](&room, most)
	}
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: kernel, Scratch: total, Attach: func(m *Memory) Step {
		s.x, s.out = View[float32](m, l.x), View[float32](m, l.out)
		s.output, s.cell = View[float32](m, l.outputState), View[float32](m, l.cellState)
		for g := range gates {
			s.gate[g] = take[float32](m, gate[g])
			s.bias[g], s.norm[g] = View[float32](m, l.bias[g]), View[float32](m, l.norm[g])
			if !s.hybrid {
				s.weights[g], s.recurrent[g] = View[float32](m, l.weights[g]), View[float32](m, l.recurrent[g])
				s.peephole[g] = View[float32](m, l.peephole[g])
			}
		}
		s.hidden, s.projectionBias = take[float32](m, hidden), View[float32](m, l.projectionBias)
		if s.hybrid {
			s.xq.q, s.outq.q, s.hiddenq.q = take[int8](m, xq), take[int8](m, outq), take[int8](m, hiddenq)
			s.acc, s.fold, s.eff = take[int32](m, acc), take[int32](m, fold), take[float32](m, eff)
		} else {
			s.projection = View[float32](m, l.projection)
		}
		return s.run
	}}, nil
}

func (s *lstmF32) run() error {
	for b := range s.batch {
		for t := range s.time {
			at := s.at(b, t)
			output := s.output[b*s.lstm.output : (b+1)*s.lstm.output]
			s.step(s.x[at*s.input:(at+1)*s.input], output, s.cell[b*s.lstm.cell:(b+1)*s.lstm.cell])
			copy(s.out[at*s.lstm.output:], output)
		}
	}
	return nil
}

// step computes one step of one batch and updates its states.
func (s *lstmF32) step(x, output, cell []float32) {
	if s.hybrid {
		s.quantize(&s.xq, x)
		s.quantize(&s.outq, output)
	}
	var in []float32
	if s.first() == gateIn {
		in = s.gate[gateIn]
		s.compute(gateIn, x, output, cell)
	}
	s.compute(gateForget, x, output, cell)
	s.compute(gateCell, x, output, cell)
	kernels.CellF32(cell, in, s.gate[gateForget], s.gate[gateCell], s.cellClip, s.hybrid)
	s.compute(gateOut, x, output, cell)
	copy(s.hidden, cell)
	activate(s.hidden, s.act)
	for i, g := range s.gate[gateOut] {
		s.hidden[i] = float32(g * s.hidden[i])
	}
	s.project(output)
}

// compute fills gate g.
func (s *lstmF32) compute(g int, x, output, cell []float32) {
	gate := s.gate[g]
	if s.norm[g] != nil {
		clear(gate)
	} else {
		copy(gate, s.bias[g])
	}
	if s.hybrid {
		s.multiply(gate, &s.w[g], &s.xq)
		s.multiply(gate, &s.r[g], &s.outq)
	} else {
		multiplyF32(gate, s.weights[g], x)
		multiplyF32(gate, s.recurrent[g], output)
	}
	if s.peephole[g] != nil {
		kernels.MulAddF32(gate, s.peephole[g], cell, s.hybrid)
	}
	if s.norm[g] != nil {
		kernels.NormalizeF32(gate, s.norm[g], s.bias[g], s.hidden, s.hybrid)
	}
	if g == gateCell {
		activate(gate, s.act)
		return
	}
	for i, v := range gate {
		gate[i] = kernels.LogisticF32(v)
	}
}

// project writes the output state from hidden.
func (s *lstmF32) project(output []float32) {
	if s.lstm.projection == nil {
		copy(output, s.hidden)
		return
	}
	if s.projectionBias == nil {
		clear(output)
	} else {
		copy(output, s.projectionBias)
	}
	if s.hybrid {
		s.quantize(&s.hiddenq, s.hidden)
		s.multiply(output, &s.p, &s.hiddenq)
	} else {
		multiplyF32(output, s.projection, s.hidden)
	}
	if s.outputClip > 0 {
		for i, v := range output {
			output[i] = kernels.ClampF32(v, -s.outputClip, s.outputClip)
		}
	}
}

// multiplyF32 adds w [len(dst)][len(x)] times x to dst.
func multiplyF32(dst, w, x []float32) {
	inf := float32(math.Inf(1))
	kernels.GemmF32(dst, len(dst), x, w, dst, 1, len(dst), len(x), -inf, inf)
}

func (s *lstmF32) quantize(q *quantized, x []float32) {
	if s.asymmetric {
		q.scale, q.zero = kernels.QuantizeAsymmetric(q.q, x)
	} else {
		q.scale, q.zero = kernels.QuantizeSymmetric(q.q, x), 0
	}
}

// multiply adds m times x to dst.
func (s *lstmF32) multiply(dst []float32, m *matrixS8, x *quantized) {
	inf := float32(math.Inf(1))
	n := len(dst)
	acc, fold, eff := s.acc[:n], s.fold[:n], s.eff[:n]
	for i, sum := range m.sums {
		fold[i] = -x.zero * sum
	}
	kernels.ScaleF32(eff, m.scales, x.scale)
	kernels.GemmS8(acc, x.q, m.w, fold, 1, n, len(x.q))
	kernels.DequantS32(dst, acc, eff, 1, dst, -inf, inf)
}

// activate applies an activation that checkLSTMActivation accepts.
func activate(x []float32, act graph.Activation) {
	if act == graph.ActTanh {
		for i, v := range x {
			x[i] = kernels.TanhF32(v)
		}
		return
	}
	lo, hi := float32(math.Inf(-1)), float32(math.Inf(1))
	switch act {
	case graph.ActReLU:
		lo = 0
	case graph.ActReLU6:
		lo, hi = 0, 6
	case graph.ActReLUN1To1:
		lo, hi = -1, 1
	}
	for i, v := range x {
		x[i] = kernels.ClampF32(v, lo, hi)
	}
}
