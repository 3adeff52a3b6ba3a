package ops

import (
	"fmt"
	"math"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// lstmS8 is the integer LSTM: int8 input, output and output state, int16 cell state and
// gates (LiteRT's 8x8_16).
type lstmS8 struct {
	*lstm
	weights, recurrent       [gates][]int8
	foldX, foldOut           [gates][]int32
	peephole                 [gates][]int16
	norm                     [gates][]int16
	bias                     [gates][]int32 // used with normalization
	fromX, fromOut, fromCell [gates]kernels.Multiplier
	normScale                [gates]kernels.Multiplier
	normLeast                [gates]int32
	projection               []int8
	foldHidden               []int32
	toHidden, toOutput       kernels.Multiplier
	hiddenZero, outputZero   int32
	cellClip                 int16
	outputClip               int8
	cellBits                 uint // integer bits of the cell state
	x, out, output           []int8
	cell                     []int16
	gate                     [gates][]int16
	hidden                   []int8
	acc                      []int32
}

func bindLSTMS8(l *lstm, o *graph.UnidirectionalSequenceLSTMOptions, mid []*Tensor) (Bound, error) {
	if err := l.checkTypes(graph.Int8, graph.Int16, graph.Int32, graph.Int16, graph.Int8, graph.Int16); err != nil {
		return Bound{}, err
	}
	if l.peephole[gateOut] != nil && l.output != l.cell && (l.output > l.cell || l.timeMajor && l.batch > 1) {
		return Bound{}, fmt.Errorf("peephole with %d cells and %d outputs: %w", l.cell, l.output, ErrUnsupported)
	}
	s := &lstmS8{lstm: l}
	if err := s.scales(o, mid); err != nil {
		return Bound{}, err
	}
	var room scratch
	var gate [gates]place
	for g := range gate {
		gate[g] = reserve[int16](&room, l.cell)
	}
	hidden, acc := reserve[int8](&room, l.cell), reserve[int32](&room, max(l.cell, l.output))
	total, err := room.total()
	if err != nil {
		return Bound{}, err
	}
	return Bound{Kernel: "lstm-s8-generic", Scratch: total, Attach: func(m *Memory) Step {
		s.x, s.out = View[int8](m, l.x), View[int8](m, l.out)
		s.output, s.cell = View[int8](m, l.outputState), View[int16](m, l.cellState)
		for g := range gates {
			s.gate[g] = take[int16](m, gate[g])
		}
		s.hidden, s.acc = take[int8](m, hidden), take[int32](m, acc)
		return s.run
	}}, nil
}

// scales derives every factor, float by float as LiteRT does, and packs the weights. mid
// has the intermediates: what the four gates are before normalization, and the hidden
// value.
func (s *lstmS8) scales(o *graph.UnidirectionalSequenceLSTMOptions, mid []*Tensor) error {
	l := s.lstm
	if len(mid) != 5 || mid[4] == nil {
		return fmt.Errorf("%d intermediates, want 5", len(mid))
	}
	xScale, xZero, err := perTensor(l.x, "input")
	if err != nil {
		return err
	}
	oScale, oZero, err := perTensor(l.outputState, "output state")
	if err != nil {
		return err
	}
	outScale, _, err := perTensor(l.out, "output")
	if err != nil {
		return err
	}
	cScale, cZero, err := perTensor(l.cellState, "cell state")
	if err != nil {
		return err
	}
	hScale, hZero, err := intermediate(mid[4])
	if err != nil {
		return err
	}
	log := math.Round(math.Log2(float64(cScale)))
	if math.Abs(math.Log2(float64(cScale))-log) >= 1e-3 || cZero != 0 {
		return fmt.Errorf("cell state: scale %v and zero point %d, want a power of 2 and 0", cScale, cZero)
	}
	if log < -15 || log > -9 {
		return fmt.Errorf("cell state: scale %v, want 2^-15 to 2^-9: %w", cScale, ErrUnsupported)
	}
	s.cellBits = uint(15 + int(log))
	if o.CellClip > 0 {
		s.cellClip = int16(min(max(o.CellClip/cScale, -32768), 32767))
	}
	if o.ProjClip > 0 {
		s.outputClip = int8(min(max(o.ProjClip/outScale, -128), 127))
	}
	for g := l.first(); g < gates; g++ {
		before := float32(1.0 / 4096) // a gate's input has 3 integer bits
		if l.norm[g] != nil {
			if before, _, err = intermediate(mid[g]); err != nil {
				return err
			}
		}
		if err := s.gateScales(g, before, xScale, oScale, xZero, oZero, float32(math.Exp2(log))); err != nil {
			return err
		}
	}
	s.toHidden = kernels.NewMultiplier(float64(float32(math.Exp2(-15) / float64(hScale) * math.Exp2(-15))))
	s.hiddenZero, s.outputZero = hZero, oZero
	if l.projection == nil {
		return nil
	}
	pScale, pZero, err := perTensor(l.projection, "projection")
	if err != nil {
		return err
	}
	if s.projection = Const[int8](l.projection); s.projection == nil || pZero != 0 {
		return fmt.Errorf("projection: not constant, or of zero point %d: %w", pZero, ErrUnsupported)
	}
	if err := checkConstBias(l.projectionBias, l.output, graph.Int32); err != nil {
		return err
	}
	s.toOutput = kernels.NewMultiplier(float64(float32(pScale*hScale) / oScale))
	// LiteRT stores the hidden value about -zero and takes the zero point back here.
	s.foldHidden = make([]int32, l.output)
	kernels.FoldS8(s.foldHidden, s.projection, Const[int32](l.projectionBias), -hZero, 0, l.output, l.cell)
	s.hiddenZero = -hZero
	return nil
}

func (s *lstmS8) gateScales(g int, before, xScale, oScale float32, xZero, oZero int32, cell float32) error {
	l := s.lstm
	for _, p := range [...]struct {
		t     *Tensor
		w     *[]int8
		fold  *[]int32
		by    *kernels.Multiplier
		scale float32
		zero  int32
		k     int
		bias  []int32
	}{
		{l.weights[g], &s.weights[g], &s.foldX[g], &s.fromX[g], xScale, xZero, l.input, Const[int32](l.bias[g])},
		{l.recurrent[g], &s.recurrent[g], &s.foldOut[g], &s.fromOut[g], oScale, oZero, l.output, nil},
	} {
		scale, zero, err := perTensor(p.t, "weights")
		if err != nil {
			return err
		}
		if *p.w = Const[int8](p.t); *p.w == nil || zero != 0 {
			return fmt.Errorf("weights of gate %d: not constant, or of zero point %d: %w", g, zero, ErrUnsupported)
		}
		*p.by = kernels.NewMultiplier(float64(float32(scale*p.scale) / before))
		*p.fold = make([]int32, l.cell)
		bias := p.bias
		if l.norm[g] != nil {
			bias = nil // added after normalization
		}
		kernels.FoldS8(*p.fold, *p.w, bias, p.zero, 0, l.cell, p.k)
	}
	if err := checkConstBias(l.bias[g], l.cell, graph.Int32); err != nil {
		return err
	}
	s.bias[g] = Const[int32](l.bias[g])
	if p := l.peephole[g]; p != nil {
		scale, zero, err := perTensor(p, "peephole weights")
		if err != nil {
			return err
		}
		if s.peephole[g] = Const[int16](p); s.peephole[g] == nil || zero != 0 {
			return fmt.Errorf("peephole weights of gate %d: not constant, or of zero point %d: %w", g, zero, ErrUnsupported)
		}
		s.fromCell[g] = kernels.NewMultiplier(float64(float32(float64(cell) * float64(scale) / float64(before))))
	}
	if n := l.norm[g]; n != nil {
		scale, zero, err := perTensor(n, "normalization")
		if err != nil {
			return err
		}
		if s.norm[g] = Const[int16](n); s.norm[g] == nil || zero != 0 {
			return fmt.Errorf("normalization of gate %d: not constant, or of zero point %d: %w", g, zero, ErrUnsupported)
		}
		s.normScale[g] = kernels.NewMultiplier(float64(scale))
		s.normLeast[g] = int32(max(1, min(float32(10000*scale), math.MaxInt32/2)))
	}
	return nil
}

// intermediate returns scale and zero point of a tensor that has nothing else.
func intermediate(t *Tensor) (float32, int32, error) {
	if t == nil || len(t.Quant.Scale) != 1 || len(t.Quant.ZeroPoint) != 1 {
		return 0, 0, fmt.Errorf("intermediate: not quantized per tensor")
	}
	s, z := t.Quant.Scale[0], t.Quant.ZeroPoint[0]
	if !(s > 0) || s > math.MaxFloat32 || z < math.MinInt16 || z > math.MaxInt16 {
		return 0, 0, fmt.Errorf("intermediate: scale %v, zero point %d", s, z)
	}
	return s, int32(z), nil
}

func (s *lstmS8) run() error {
	l := s.lstm
	for b := range l.batch {
		output, cell := s.output[b*l.output:(b+1)*l.output], s.cell[b*l.cell:(b+1)*l.cell]
		for t := range l.time {
			at := l.at(b, t)
			s.step(s.x[at*l.input:(at+1)*l.input], output, cell)
			copy(s.out[at*l.output:], output)
		}
	}
	return nil
}

func (s *lstmS8) step(x, output []int8, cell []int16) {
	var in []int16
	if s.first() == gateIn {
		in = s.gate[gateIn]
		s.compute(gateIn, x, output, cell)
	}
	s.compute(gateForget, x, output, cell)
	s.compute(gateCell, x, output, cell)
	kernels.CellS16(cell, in, s.gate[gateForget], s.gate[gateCell], 15+s.cellBits, s.cellClip)
	s.compute(gateOut, x, output, cell)
	active := s.gate[gateCell]
	for i, c := range cell {
		active[i] = kernels.FixedTanh(c, s.cellBits)
	}
	if s.projection == nil {
		kernels.GateS8(output, s.gate[gateOut], active, s.toHidden, s.hiddenZero)
		return
	}
	kernels.GateS8(s.hidden, s.gate[gateOut], active, s.toHidden, s.hiddenZero)
	acc := s.acc[:len(output)]
	kernels.GemmS8(acc, s.hidden, s.projection, s.foldHidden, 1, len(output), len(s.hidden))
	for i, a := range acc {
		v := int8(min(max(s.toOutput.Mul(a)+s.outputZero, math.MinInt8), math.MaxInt8))
		if s.outputClip > 0 {
			v = max(min(v, s.outputClip), -s.outputClip)
		}
		output[i] = v
	}
}

// compute fills gate g.
func (s *lstmS8) compute(g int, x, output []int8, cell []int16) {
	gate, acc := s.gate[g], s.acc[:s.lstm.cell]
	clear(gate)
	kernels.GemmS8(acc, x, s.weights[g], s.foldX[g], 1, len(acc), len(x))
	kernels.AccumulateS16(gate, acc, s.fromX[g])
	kernels.GemmS8(acc, output, s.recurrent[g], s.foldOut[g], 1, len(acc), len(output))
	kernels.AccumulateS16(gate, acc, s.fromOut[g])
	if s.peephole[g] != nil {
		// LiteRT's kernel goes over as many cells as there are outputs.
		n := min(len(gate), len(output))
		kernels.PeepholeS16(gate[:n], s.peephole[g], cell, s.fromCell[g])
	}
	if s.norm[g] != nil {
		kernels.NormalizeS16(gate, s.norm[g], s.bias[g], s.normScale[g], s.normLeast[g])
	}
	for i, v := range gate {
		if g == gateCell {
			gate[i] = kernels.FixedTanh(v, 3)
		} else {
			gate[i] = kernels.FixedLogistic(v, 3)
		}
	}
}
