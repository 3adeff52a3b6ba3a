package kernels

import (
	"math"
	"math/bits"
)

// SinF32 returns the sine of x in radians; NaN for an infinity.
func SinF32(x float32) float32 {
	q, r := quadrant(x)
	y := sinPoly(r)
	if q&1 != 0 {
		y = cosPoly(r)
	}
	if q&2 != 0 {
		y = -y
	}
	return y
}

// CosF32 returns the cosine of x in radians; NaN for an infinity.
func CosF32(x float32) float32 {
	q, r := quadrant(x)
	y := cosPoly(r)
	if q&1 != 0 {
		y = sinPoly(r)
	}
	if (q+1)&2 != 0 {
		y = -y
	}
	return y
}

// sinPoly returns sin(r) for |r| <= pi/4 (minimax, as math_f32.go says).
func sinPoly(r float32) float32 {
	t := float32(r * r)
	p := FMA(0x1.6cd83ap-19, t, -0x1.a00f9ep-13)
	p = FMA(p, t, 0x1.111108p-7)
	p = FMA(p, t, -0x1.555556p-3)
	return FMA(float32(r*t), p, r)
}

// cosPoly returns cos(r) for |r| <= pi/4.
func cosPoly(r float32) float32 {
	t := float32(r * r)
	p := FMA(0x1.9a020cp-16, t, -0x1.6c0c8ap-10)
	p = FMA(p, t, 0x1.55554ap-5)
	return FMA(float32(t*t), p, FMA(-0.5, t, 1))
}

// quadrant returns q and r with x = q*pi/2 + r modulo 2*pi, |r| <= pi/4 and a bit more.
func quadrant(x float32) (q uint, r float32) {
	b := math.Float32bits(x)
	a := math.Float64frombits(math.Float64bits(float64(x)) &^ (1 << 63))
	var n uint64
	var f float64
	switch {
	case x-x != 0:
		return 0, float32(math.NaN())
	case a < 0x1p+25:
		// pi/2 in two parts, the first of 28 bits, so that n times it is exact.
		n = uint64(float64(a*(2/math.Pi)) + 0.5)
		f = a - float64(float64(n)*0x1.921fb54p+0)
		f -= float64(float64(n) * 0x1.10b4611a62633p-30)
	default:
		n, f = reduce(b)
	}
	if b&signB != 0 {
		return uint(-n) & 3, float32(-f)
	}
	return uint(n) & 3, float32(f)
}

// reduce is quadrant for |x| >= 2^25 by the digits of 2/pi that matter (Payne and Hanek,
// "Radian reduction for trigonometric functions", SIGNUM Newsletter 18, 1983). b holds
// the bits of x.
func reduce(b uint32) (n uint64, f float64) {
	// 2/pi = sum of twoOverPi[i] * 2^(-64*(i+1)).
	twoOverPi := [...]uint64{0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561}
	m := uint64(b&(1<<23-1) | 1<<23)
	// |x| = m * 2^e. Digits of 2/pi of weight 2^(2-e) and more make multiples of 4.
	skip := uint(b>>23&0xff) - 150 - 2
	w, s := skip/64, skip%64
	hi := twoOverPi[w]<<s | twoOverPi[w+1]>>1>>(63-s)
	lo := twoOverPi[w+1]<<s | twoOverPi[w+2]>>1>>(63-s)
	// x*2/pi modulo 4 is (hi, lo) * m * 2^-126: two bits of integer, then the fraction.
	h, l := bits.Mul64(lo, m)
	h += hi * m
	n = h >> 62
	h = h<<2 | l>>62
	if h>>63 != 0 {
		n++
	}
	return n, float64(float64(int64(h))*0x1p-64) * (math.Pi / 2)
}
