package trial

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"kinglet/models/eval"
	"kinglet/models/graph"
	"kinglet/models/npz"
	"kinglet/runtime/infer"
)

// drawn is how many cases draw returns, from is of how many it takes them.
const (
	drawn = 4
	from  = 24
)

// draw returns cases with inputs drawn by seed, and their answers. Noise drives most classifiers to one of
// their ends, where many models agree; so inputs of many sizes are drawn, and those
// are kept whose answers have the most different values.
func draw(s *infer.Session, seed uint64) ([]eval.Case, error) {
	r := rand.New(rand.NewPCG(seed, 0))
	type told struct {
		eval.Case
		values int // different ones in its answers
	}
	list := make([]told, from)
	for i := range list {
		c := &list[i]
		for _, t := range s.Inputs() {
			c.In = append(c.In, noise(r, t))
		}
		if err := answer(s, &c.Case); err != nil {
			return nil, fmt.Errorf("drawn inputs %d: %w", i, err)
		}
		for _, o := range c.Out {
			c.values += values(o)
		}
	}
	slices.SortStableFunc(list, func(a, b told) int { return b.values - a.values })
	best := make([]eval.Case, drawn)
	for i := range best {
		best[i] = list[i].Case
	}
	return best, nil
}

// values counts the different elements of an array.
func values(a npz.Array) int {
	size := a.Type.Bits() / 8
	seen := map[string]bool{}
	for i := 0; size > 0 && i+size <= len(a.Data); i += size {
		seen[string(a.Data[i:i+size])] = true
	}
	return len(seen)
}

// noise draws an input: a slow wave and white noise about zero, of a size that is drawn
// too, in the input's own quantization.
func noise(r *rand.Rand, t infer.Tensor) npz.Array {
	a := npz.Array{Type: t.Type, Shape: t.Shape, Data: make([]byte, len(t.Bytes()))}
	size, slow, step := math.Exp2(-6*r.Float64()), 2*r.Float64()-1, r.Float64()
	phase := 2 * math.Pi * r.Float64()
	le := binary.LittleEndian
	bits := t.Type.Bits()
	for i := 0; bits >= 8 && i+bits/8 <= len(a.Data); i += bits / 8 {
		b := a.Data[i:]
		v := size * (2*r.Float64() - 1 + slow*math.Sin(phase+step*float64(i)))
		switch t.Type {
		case graph.Float32:
			le.PutUint32(b, math.Float32bits(float32(v)))
		case graph.Bool:
			b[0] = byte(r.IntN(2))
		case graph.Int8:
			b[0] = byte(int8(stored(v, t, math.MinInt8, math.MaxInt8)))
		case graph.UInt8:
			b[0] = byte(stored(v, t, 0, math.MaxUint8))
		case graph.Int16:
			le.PutUint16(b, uint16(int16(stored(v, t, math.MinInt16, math.MaxInt16))))
		default:
			b[0] = byte(r.IntN(2)) // small numbers: they may be indices
		}
	}
	return a
}

// stored takes v, of about -2 to 2, to half the range of a type about the zero point.
func stored(v float64, t infer.Tensor, lo, hi float64) int {
	zero := 0.0
	if len(t.Quant.ZeroPoint) > 0 {
		zero = float64(t.Quant.ZeroPoint[0])
	}
	return int(min(max(math.Round(zero+v*(hi-lo)/2), lo), hi))
}
