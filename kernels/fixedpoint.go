package kernels

import (
	"math"
	"math/bits"
	"unsafe"
)

// Fixed-point functions as LiteRT's reference kernels take them from gemmlowp
// (fixedpoint/fixedpoint.h). A value with n integer bits is raw * 2^(n - bits of the
// type + 1); with 0 integer bits the type spans [-1, 1) and its greatest value stands
// for 1. Every result is exact to the bit, saturations and wraps included.

// Fixed is the raw type of a fixed-point value.
type Fixed interface{ int16 | int32 }

// fixedBits returns the bits of T beside the sign.
func fixedBits[T Fixed]() uint {
	var z T
	return uint(8*unsafe.Sizeof(z)) - 1
}

// fixedMax returns the greatest value of T.
func fixedMax[T Fixed]() T { return T(uint64(1)<<fixedBits[T]() - 1) }

// fixedConst rounds a constant of 32 bits to T.
func fixedConst[T Fixed](c int32) T { return T(RoundingShiftRight(c, 31-fixedBits[T]())) }

// fixedMul returns a*b/2^n, n the bits of T beside the sign, rounded half away from
// zero, saturated.
func fixedMul[T Fixed](a, b T) T {
	n := fixedBits[T]()
	p := int64(a) * int64(b)
	half := int64(1) << (n - 1)
	if p < 0 {
		return T(-((half - p - 1) >> n))
	}
	if p == int64(1)<<(2*n) {
		return fixedMax[T]()
	}
	return T((p + half) >> n)
}

// fixedAdd adds, saturating for int16 and wrapping for int32.
func fixedAdd[T Fixed](a, b T) T {
	s := a + b
	if fixedBits[T]() == 15 && (s < a) != (b < 0) {
		if a < 0 {
			return -fixedMax[T]() - 1
		}
		return fixedMax[T]()
	}
	return s
}

// FixedRescale converts x from one number of integer bits to another, rounding half
// away from zero or saturating.
func FixedRescale[T Fixed](x T, from, to uint) T {
	if from <= to {
		return T(RoundingShiftRight(int32(x), to-from))
	}
	limit := T(int64(1)<<(fixedBits[T]()-(from-to)) - 1)
	switch {
	case x > limit:
		return fixedMax[T]()
	case x < -limit:
		return -fixedMax[T]() - 1
	}
	return x << (from - to)
}

// FixedExp returns e^x with 0 integer bits for x <= 0 with n integer bits, n at most 7
// for int16 and 8 for int32.
func FixedExp[T Fixed](x T, n uint) T {
	if x == 0 {
		return fixedMax[T]()
	}
	frac := fixedBits[T]() - n
	if n > 5 && x < T(-1)<<(5+frac) { // below -32
		return 0
	}
	quarter := T(1) << (frac - 2)
	mod := x&(quarter-1) - quarter // x modulo 1/4, in [-1/4, 0)
	r := fixedExpQuarter(FixedRescale(mod, n, 0))
	rest := mod - x
	// e^-(2^i), i from -2.
	for i, c := range [...]int32{1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242} {
		if int(n) > i-2 && rest&(T(1)<<(frac+uint(i)-2)) != 0 {
			r = fixedMul(r, fixedConst[T](c))
		}
	}
	return r
}

// fixedExpQuarter returns e^a for a in [-1/4, 0), the Taylor series around -1/8.
func fixedExpQuarter[T Fixed](a T) T {
	x := a + T(1)<<(fixedBits[T]()-3)
	x2 := fixedMul(x, x)
	x3 := fixedMul(x2, x)
	x4 := T(RoundingShiftRight(int32(fixedMul(x2, x2)), 2))
	third := fixedConst[T](715827883)
	sum := T(RoundingShiftRight(int32(fixedMul(x4+x3, third)+x2), 1))
	c := fixedConst[T](1895147668) // e^(-1/8)
	return fixedAdd(c, fixedMul(c, x+sum))
}

// fixedReciprocal returns 2 / (1 + a), with 2 integer bits, for a in [0, 1]: Newton and
// Raphson from 48/17 - 32/17 * (1+a)/2.
func fixedReciprocal[T Fixed](a T) T {
	half := T((int64(a) + int64(fixedMax[T]()) + 1) >> 1)
	x := fixedConst[T](1515870810) + fixedMul(half, fixedConst[T](-1010580540))
	one := T(1) << (fixedBits[T]() - 2)
	for range 3 {
		x += FixedRescale(fixedMul(x, one-fixedMul(half, x)), 4, 2)
	}
	return x
}

// FixedOneOverOnePlus returns 1 / (1 + a) for a in [0, 1], all with 0 integer bits.
func FixedOneOverOnePlus[T Fixed](a T) T { return FixedRescale(fixedReciprocal(a), 1, 0) }

// FixedTanh returns tanh(x) with 0 integer bits for x with n integer bits, n at most 6
// for int16 and 7 for int32.
func FixedTanh[T Fixed](x T, n uint) T {
	if x == 0 {
		return 0
	}
	neg := x
	if x > 0 {
		neg = -x
	}
	one := T(1) << (fixedBits[T]() - 2)
	t := FixedRescale(fixedReciprocal(FixedExp(neg, n+1))-one, 2, 0)
	if x < 0 {
		return -t
	}
	return t
}

// FixedLogistic returns 1 / (1 + e^-x) with 0 integer bits for x with n integer bits.
func FixedLogistic[T Fixed](x T, n uint) T {
	if x == 0 {
		return fixedConst[T](1 << 30)
	}
	if x > 0 {
		return FixedOneOverOnePlus(FixedExp(-x, n))
	}
	return fixedMax[T]() - FixedOneOverOnePlus(FixedExp(x, n))
}

// Reciprocal returns 1/x for x > 0 with n integer bits: scale, with 0 integer bits, is
// of [1/2, 1], and 1/x is scale * 2^-over.
func Reciprocal(x int32, n int) (scale int32, over int) {
	headroom := bits.LeadingZeros32(uint32(x))
	a := int32(uint32(x)<<headroom - 1<<31)
	return FixedOneOverOnePlus(a), n - headroom
}

// InvSqrt returns the factor 1/sqrt(x) for x >= 0; 0 counts as 1.
func InvSqrt(x int32) Multiplier {
	if x <= 1 {
		return Multiplier{math.MaxInt32, 0}
	}
	shift := 11
	for x >= 1<<29 {
		x /= 4
		shift++
	}
	pairs := (bits.LeadingZeros32(uint32(x))-1)/2 - 1
	shift -= pairs
	x <<= 2 * pairs
	in := x >> 1 // with 3 integer bits
	half := RoundingShiftRight(in, 1)
	const threeHalves = 1<<28 + 1<<27
	y := int32(1) << 28
	for range 5 {
		y3 := FixedRescale(fixedMul(fixedMul(y, y), y), 9, 3)
		y = FixedRescale(fixedMul[int32](threeHalves, y)-fixedMul(half, y3), 6, 3)
	}
	y = fixedMul(y, 1518500250) // sqrt(1/2)
	if shift < 0 {
		y <<= -shift
		shift = 0
	}
	return Multiplier{y, int32(-shift)}
}
