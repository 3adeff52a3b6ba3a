package kernels

import "math"

// Multiplier is a positive real factor as TFLite's quantized kernels hold it:
// M * 2^(Shift-31), with M in [2^30, 2^31) or 0.
type Multiplier struct {
	M     int32
	Shift int32 // positive is to the left; within [-31, 30]
}

// NewMultiplier represents a real factor; it must be finite and at least 0. Factors too
// small become 0, factors too large the greatest there is, as in TFLite's QuantizeMultiplier.
func NewMultiplier(real float64) Multiplier {
	if real == 0 {
		return Multiplier{}
	}
	frac, exp := math.Frexp(real)
	q := int64(math.Round(frac * (1 << 31)))
	if q == 1<<31 {
		q /= 2
		exp++
	}
	if exp < -31 {
		return Multiplier{}
	}
	if exp > 30 {
		return Multiplier{math.MaxInt32, 30}
	}
	return Multiplier{int32(q), int32(exp)}
}

// Mul returns x times the factor with double rounding: a saturating rounding doubling
// high multiply, then a rounding shift to the right, half away from zero. It is what
// LiteRT's reference kernels compute (gemmlowp fixedpoint.h; arXiv:1712.05877, 2.4).
func (m Multiplier) Mul(x int32) int32 {
	left, right := uint(max(m.Shift, 0)), uint(max(-m.Shift, 0))
	return RoundingShiftRight(DoublingHighMul(x<<left, m.M), right)
}

// DoublingHighMul returns round(a*b / 2^31), half away from zero, saturated.
func DoublingHighMul(a, b int32) int32 {
	if a == math.MinInt32 && b == math.MinInt32 {
		return math.MaxInt32
	}
	ab := int64(a) * int64(b)
	nudge := int64(1 << 30)
	if ab < 0 {
		nudge = 1 - 1<<30
	}
	return int32((ab + nudge) / (1 << 31))
}

// RoundingShiftRight returns round(x / 2^n), half away from zero, for n in [0, 31].
func RoundingShiftRight(x int32, n uint) int32 {
	mask := int32(1)<<n - 1
	rest := x & mask
	threshold := mask >> 1
	if x < 0 {
		threshold++
	}
	r := x >> n
	if rest > threshold {
		r++
	}
	return r
}

// Mul64 returns x times the factor for accumulators of 64 bits, as the reference int16
// kernels do: the factor is reduced to 16 bits, then one rounding shift. x must lie
// within 48 bits signed.
func (m Multiplier) Mul64(x int64) int32 {
	reduced := int32(0x7fff)
	if m.M < 0x7fff0000 {
		reduced = (m.M + 1<<15) >> 16
	}
	shift := uint(15 - m.Shift)
	return int32((x*int64(reduced) + int64(1)<<(shift-1)) >> shift)
}

// clampS32 limits x to [lo, hi].
func clampS32(x, lo, hi int32) int32 { return min(max(x, lo), hi) }
