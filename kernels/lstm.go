package kernels

import "math"

// Elementwise parts of an LSTM. The float ones are defined here; where exact is set, they
// take LiteRT's operations in its order, without fused multiply-add, as hybrid operators
// want it.

// MulAddF32 writes dst[i] += a[i]*b[i].
func MulAddF32(dst, a, b []float32, exact bool) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i, v := range dst {
		if exact {
			dst[i] = v + float32(a[i]*b[i])
		} else {
			dst[i] = FMA(a[i], b[i], v)
		}
	}
}

// NormalizeF32 moves x to mean 0 and variance 1, then writes x[i] = x[i]*weight[i] + bias[i].
// Sums are those of SumF32 or, where exact is set, run in order. tmp is as long as x.
func NormalizeF32(x, weight, bias, tmp []float32, exact bool) {
	n := float32(len(x))
	mean := sumF32(x, exact) / n
	for i, v := range x {
		d := v - mean
		tmp[i] = float32(d * d)
		x[i] = d
	}
	inv := 1 / sqrtF32(sumF32(tmp[:len(x)], exact)/n+1e-8)
	for i, v := range x {
		v = float32(v * inv)
		if exact {
			x[i] = float32(v*weight[i]) + bias[i]
		} else {
			x[i] = FMA(v, weight[i], bias[i])
		}
	}
}

func sumF32(x []float32, inOrder bool) (s float32) {
	if !inOrder {
		return SumF32(x)
	}
	for _, v := range x {
		s += v
	}
	return s
}

// sqrtF32 is correctly rounded: the square root in float64 rounds once more without harm.
func sqrtF32(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// CellF32 updates a cell's state: cell = forget*cell + in*gate, limited to [-clip, clip]
// where clip is above 0. A nil in stands for 1 - forget.
func CellF32(cell, in, forget, gate []float32, clip float32, exact bool) {
	in2 := in
	if in == nil {
		in2 = forget
	}
	for i, c := range cell {
		k := in2[i]
		if in == nil {
			k = 1 - k
		}
		c = float32(forget[i] * c)
		if exact {
			c += float32(gate[i] * k)
		} else {
			c = FMA(gate[i], k, c)
		}
		if clip > 0 {
			c = ClampF32(c, -clip, clip)
		}
		cell[i] = c
	}
}

// AccumulateS16 adds requantized accumulators to a gate, saturating.
func AccumulateS16(gate []int16, acc []int32, m Multiplier) {
	acc = acc[:len(gate)]
	for i, g := range gate {
		gate[i] = saturateS16(m.Mul(acc[i]) + int32(g))
	}
}

// PeepholeS16 adds the requantized products of cell states and weights to a gate,
// saturating.
func PeepholeS16(gate, weight, cell []int16, m Multiplier) {
	weight, cell = weight[:len(gate)], cell[:len(gate)]
	for i, g := range gate {
		gate[i] = saturateS16(m.Mul(int32(weight[i])*int32(cell[i])) + int32(g))
	}
}

func saturateS16(x int32) int16 { return int16(clampS32(x, math.MinInt16, math.MaxInt16)) }

// NormalizeS16 moves x to mean 0 and variance 1, weighs and biases it, all in integers, as
// LiteRT's reference layer normalization does. scale is that of the weights, least stands
// for a variance below 1.
func NormalizeS16(x, weight []int16, bias []int32, scale Multiplier, least int32) {
	n := int64(len(x))
	var sum, square int64
	for _, v := range x {
		sum += int64(v)
		square += int64(v) * int64(v)
	}
	mean := int32(sum * 1024 / n)
	variance := int32((square*(1<<20/n) - int64(mean)*int64(mean)) / (1 << 20))
	if variance < 1 {
		variance = least
	}
	inv := InvSqrt(variance)
	scale.Shift += 12
	for i, v := range x {
		y := int64(inv.Mul(1024*int32(v)-mean)*int32(weight[i]) + bias[i])
		if y > 0 {
			y += 512
		} else {
			y -= 512
		}
		x[i] = saturateS16(scale.Mul(int32(y / 1024)))
	}
}

// CellS16 is CellF32 for states of scale 2^(shift-30) and gates of 15 fraction bits.
func CellS16(cell, in, forget, gate []int16, shift uint, clip int16) {
	for i, c := range cell {
		kept := int16(RoundingShiftRight(int32(forget[i])*int32(c), 15))
		var k int16
		if in == nil {
			k = 32767 - forget[i]
		} else {
			k = in[i]
		}
		c = saturateS16(int32(kept) + int32(int16(RoundingShiftRight(int32(k)*int32(gate[i]), shift))))
		if clip > 0 {
			c = max(min(c, clip), -clip)
		}
		cell[i] = c
	}
}

// GateS8 writes the requantized products of an output gate and an activated state.
func GateS8(dst []int8, gate, state []int16, m Multiplier, zero int32) {
	gate, state = gate[:len(dst)], state[:len(dst)]
	for i := range dst {
		dst[i] = int8(clampS32(m.Mul(int32(gate[i])*int32(state[i]))+zero, math.MinInt8, math.MaxInt8))
	}
}
