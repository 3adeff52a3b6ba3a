package kernels

import (
	"math"
	"math/bits"
)

// Elementwise arithmetic. Each routine computes dst[i] from a[i*sa] and b[i*sb]; a stride
// is 1, or 0 for one value that serves all. Results are limited to [lo, hi].

// Int is an integer that arithmetic wraps in, as two's complement does.
type Int interface{ int8 | int16 | int32 | int64 }

// Quant is a type of quantized elements.
type Quant interface{ int8 | uint8 | int16 }

// ClampF32 limits x to [lo, hi]; a NaN stays, as with C++'s min(max(x, lo), hi).
func ClampF32(x, lo, hi float32) float32 {
	if x < lo {
		x = lo
	}
	if hi < x {
		x = hi
	}
	return x
}

// AddF32 adds, one rounding each.
func AddF32(dst, a, b []float32, sa, sb int, lo, hi float32) {
	for i := range dst {
		dst[i] = ClampF32(a[i*sa]+b[i*sb], lo, hi)
	}
}

// SubF32 subtracts b from a, one rounding each.
func SubF32(dst, a, b []float32, sa, sb int, lo, hi float32) {
	for i := range dst {
		dst[i] = ClampF32(a[i*sa]-b[i*sb], lo, hi)
	}
}

// MulF32 multiplies, one rounding each.
func MulF32(dst, a, b []float32, sa, sb int, lo, hi float32) {
	for i := range dst {
		dst[i] = ClampF32(a[i*sa]*b[i*sb], lo, hi)
	}
}

// DivF32 divides a by b, one rounding each.
func DivF32(dst, a, b []float32, sa, sb int, lo, hi float32) {
	for i := range dst {
		dst[i] = ClampF32(a[i*sa]/b[i*sb], lo, hi)
	}
}

// AddInt adds, wrapping.
func AddInt[T Int](dst, a, b []T, sa, sb int, lo, hi T) {
	for i := range dst {
		dst[i] = min(max(a[i*sa]+b[i*sb], lo), hi)
	}
}

// SubInt subtracts b from a, wrapping.
func SubInt[T Int](dst, a, b []T, sa, sb int, lo, hi T) {
	for i := range dst {
		dst[i] = min(max(a[i*sa]-b[i*sb], lo), hi)
	}
}

// MulInt multiplies, wrapping.
func MulInt[T Int](dst, a, b []T, sa, sb int, lo, hi T) {
	for i := range dst {
		dst[i] = min(max(a[i*sa]*b[i*sb], lo), hi)
	}
}

// DivInt divides a by b, which holds no zero, towards zero.
func DivInt[T Int](dst, a, b []T, sa, sb int, lo, hi T) {
	for i := range dst {
		dst[i] = min(max(a[i*sa]/b[i*sb], lo), hi)
	}
}

// Max keeps the greater; b where they do not compare, as LiteRT's MAXIMUM does with a NaN.
func Max[T Number](dst, a, b []T, sa, sb int) {
	for i := range dst {
		x, y := a[i*sa], b[i*sb]
		if x > y {
			y = x
		}
		dst[i] = y
	}
}

// Min keeps the lesser; b where they do not compare.
func Min[T Number](dst, a, b []T, sa, sb int) {
	for i := range dst {
		x, y := a[i*sa], b[i*sb]
		if x < y {
			y = x
		}
		dst[i] = y
	}
}

// Number is an element type that can be compared.
type Number interface {
	int8 | uint8 | int16 | uint16 | int32 | uint32 | int64 | uint64 | float32 | float64
}

// SumQuant is the arithmetic of a quantized addition or subtraction: both operands are
// shifted left, brought to twice the greater scale, summed and brought to the output's.
type SumQuant struct {
	Shift           uint       // to the left: 20 for 8 bits, 15 for 16
	ZeroA, ZeroB    int32      // zero points
	A, B, Out       Multiplier // A and B are below 1
	Sign            int32      // of B: 1 adds, -1 subtracts
	Zero, Low, High int32      // the output's zero point and range
	Beyond          bool       // Out is above 1, in a subtraction; see beyond
}

// AddQuant adds or subtracts as LiteRT's reference ADD and SUB do.
func AddQuant[T Quant](dst, a, b []T, sa, sb int, q *SumQuant) {
	for i := range dst {
		x := q.A.Mul((int32(a[i*sa]) - q.ZeroA) << q.Shift)
		y := q.B.Mul((int32(b[i*sb]) - q.ZeroB) << q.Shift)
		r := int32(0)
		if q.Beyond {
			r = q.Out.beyond(x - y)
		} else {
			r = q.Out.Mul(x + q.Sign*y)
		}
		dst[i] = T(clampS32(r+q.Zero, q.Low, q.High))
	}
}

// beyond is what LiteRT's SUB makes of a factor above 1: a rounding shift to the right by
// a negative number. The difference of a tensor and itself has such a factor.
func (m Multiplier) beyond(x int32) int32 {
	return anyShiftRight(DoublingHighMul(x, m.M), -int(m.Shift))
}

// anyShiftRight is RoundingShiftRight for n outside [0, 31] too, where it is no rounding:
// it gives what the same instructions give on 64-bit processors, which take shifts modulo
// the width of the register. LiteRT's SUB and DIV come there.
func anyShiftRight(x int32, n int) int32 {
	mask := int32(uint64(1)<<(uint(n)&63) - 1)
	threshold := mask >> 1
	if x < 0 {
		threshold++
	}
	r := x >> (uint(n) & 31)
	if x&mask > threshold {
		r++
	}
	return r
}

// SumPow2 is AddQuant for int16 with scales that are powers of two: operands are shifted
// right, rounding half away from zero, then summed, saturated and limited.
type SumPow2 struct {
	ShiftA, ShiftB uint
	Sign           int32
	Low, High      int32
}

// AddPow2 adds or subtracts 16-bit values whose scales are powers of two.
func AddPow2(dst, a, b []int16, sa, sb int, q *SumPow2) {
	for i := range dst {
		x := RoundingShiftRight(int32(a[i*sa]), q.ShiftA)
		y := RoundingShiftRight(int32(b[i*sb]), q.ShiftB)
		dst[i] = int16(clampS32(x+q.Sign*y, q.Low, q.High))
	}
}

// ProductQuant is the arithmetic of a quantized multiplication or division.
type ProductQuant struct {
	ZeroA, ZeroB    int32
	Out             Multiplier
	Zero, Low, High int32
}

// MulQuant multiplies as LiteRT's reference MUL does.
func MulQuant[T Quant](dst, a, b []T, sa, sb int, q *ProductQuant) {
	for i := range dst {
		p := (int32(a[i*sa]) - q.ZeroA) * (int32(b[i*sb]) - q.ZeroB)
		dst[i] = T(clampS32(q.Out.Mul(p)+q.Zero, q.Low, q.High))
	}
}

// MulFixed multiplies 16-bit fractions and keeps 8 bits, the form of MUL that takes int16
// and gives an 8-bit type: only Zero, Low and High of q count.
func MulFixed[T Quant](dst []T, a, b []int16, sa, sb int, q *ProductQuant) {
	for i := range dst {
		r := RoundingShiftRight(int32(fixedMul(a[i*sa], b[i*sb])), 8)
		dst[i] = T(max(min(r, q.High-q.Zero), q.Low-q.Zero) + q.Zero)
	}
}

// NewQuotientMultiplier is NewMultiplier for DivQuant, which takes shifts beyond 30.
func NewQuotientMultiplier(real float64) Multiplier {
	if real < 1<<30 {
		return NewMultiplier(real)
	}
	frac, exp := math.Frexp(real)
	m := int64(math.Round(frac * (1 << 31)))
	if m == 1<<31 {
		m /= 2
		exp++
	}
	return Multiplier{int32(m), int32(exp)}
}

// DivQuant divides as LiteRT's reference DIV does, by a fixed-point reciprocal; b holds
// no zero point.
func DivQuant[T Quant](dst, a, b []T, sa, sb int, q *ProductQuant) {
	for i := range dst {
		x, y := int32(a[i*sa])-q.ZeroA, int32(b[i*sb])-q.ZeroB
		if y < 0 {
			x, y = -x, -y
		}
		inverse, over := Reciprocal(y, 31)
		headroom := bits.LeadingZeros32(uint32(x^x>>31)) - 1
		quotient := DoublingHighMul(x<<headroom, inverse)
		r := anyShiftRight(DoublingHighMul(quotient, q.Out.M), over+headroom-int(q.Out.Shift))
		dst[i] = T(clampS32(r+q.Zero, q.Low, q.High))
	}
}

// saturatingAdd returns x + y, saturated.
func saturatingAdd(x, y int32) int32 {
	return int32(min(max(int64(x)+int64(y), -1<<31), 1<<31-1))
}
