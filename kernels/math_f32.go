package kernels

import "math"

// Elementary functions of float32. Every step is one IEEE operation, a fused
// multiply-add or a multiplication or addition rounded by itself, so that a native
// version reproduces every bit lane by lane. Errors are below 1.1 ulp for ExpF32 and
// LogF32, 1.6 for SinF32 and CosF32, 2.5 for the others (math_f32_test.go measures them). A NaN gives a
// NaN.
//
// The polynomials are minimax fits of our own (Remez exchange in 40 digits, relative
// error of the whole function, coefficients then rounded to float32). The splits of
// ln 2 and the plan of each function are those of Cody and Waite, "Software Manual for
// the Elementary Functions" (1980).

const (
	log2e    = 0x1.715476p+0
	ln2Hi    = 0x1.62e4p-1     // 15 bits, so that n*ln2Hi is exact for |n| < 2^9
	ln2Lo    = 0x1.7f7d1cp-20  // ln 2 - ln2Hi
	roundF32 = 0x1.8p+23       // adding and subtracting it rounds to an integer
	expHi    = 0x1.62e42ep+6   // the greatest x with a finite exponential
	expLo    = -0x1.9fe368p+6  // the least x whose exponential does not round to 0
	tanhH    = 0x1.205966p+3   // tanh rounds to 1 from here on
	sqrt2    = 0x1.6a09e6p+0   // for LogF32
	signB    = uint32(1) << 31 // the sign of a float32
)

// ExpF32 returns e^x.
func ExpF32(x float32) float32 {
	switch {
	case x != x:
		return x
	case x > expHi:
		return float32(math.Inf(1))
	case x < expLo:
		return 0
	}
	n, p := expm1Part(x)
	y := p + 1
	// Two factors, so that both are normal and a subnormal result is rounded once.
	k := int32(n)
	return float32(float32(y*pow2(k>>1)) * pow2(k-k>>1))
}

// expm1Part returns n and p with e^x = 2^n * (1 + p), |p| < 0.42; n is an integer.
func expm1Part(x float32) (n, p float32) {
	n = float32(float32(x*log2e)+roundF32) - roundF32
	r := FMA(n, -ln2Lo, FMA(n, -ln2Hi, x))
	// (e^r - 1 - r) / r^2 on |r| <= ln(2)/2.
	q := FMA(0x1.6d9996p-10, r, 0x1.122864p-7)
	q = FMA(q, r, 0x1.555486p-5)
	q = FMA(q, r, 0x1.5554aep-3)
	q = FMA(q, r, 0.5)
	return n, FMA(float32(r*r), q, r)
}

// pow2 returns 2^n for n in [-126, 127].
func pow2(n int32) float32 { return math.Float32frombits(uint32(n+127) << 23) }

// TanhF32 returns the hyperbolic tangent of x as -m / (m + 2), m = e^(-2|x|) - 1.
func TanhF32(x float32) float32 {
	sign := math.Float32bits(x) & signB
	a := math.Float32frombits(math.Float32bits(x) &^ signB)
	if a != a {
		return x
	}
	n, p := expm1Part(-2 * min(a, tanhH))
	s := pow2(int32(n))
	m := FMA(s, p, s-1)
	y := -m / (m + 2)
	return math.Float32frombits(math.Float32bits(y)&^signB | sign)
}

// LogisticF32 returns 1 / (1 + e^-x), computed from e^-|x| so that both tails are exact.
func LogisticF32(x float32) float32 {
	a := math.Float32frombits(math.Float32bits(x) | signB) // -|x|
	e := ExpF32(a)
	if x >= 0 {
		return 1 / (1 + e)
	}
	return e / (1 + e)
}

// LogF32 returns the natural logarithm of x: -Inf at 0, NaN below.
func LogF32(x float32) float32 {
	switch {
	case x != x || x > math.MaxFloat32:
		return x
	case x == 0:
		return float32(math.Inf(-1))
	case x < 0:
		return float32(math.NaN())
	}
	k := int32(0)
	if x < 0x1p-126 {
		x *= 0x1p+24
		k = -24
	}
	b := math.Float32bits(x)
	k += int32(b>>23) - 127
	m := math.Float32frombits(b&(1<<23-1) | 127<<23)
	if m > sqrt2 {
		m *= 0.5
		k++
	}
	f := m - 1
	// (log(1+f) - f + f^2/2) / f^3 on [sqrt(1/2) - 1, sqrt(2) - 1].
	p := FMA(0x1.1b432ep-4, f, -0x1.e2e9bep-4)
	p = FMA(p, f, 0x1.e65078p-4)
	p = FMA(p, f, -0x1.fb4326p-4)
	p = FMA(p, f, 0x1.2332c2p-3)
	p = FMA(p, f, -0x1.5562e4p-3)
	p = FMA(p, f, 0x1.99a546p-3)
	p = FMA(p, f, -0x1.ffffeep-3)
	p = FMA(p, f, 0x1.555546p-2)
	f2 := float32(f * f)
	n := float32(k)
	y := FMA(n, ln2Lo, float32(float32(f2*f)*p))
	y = FMA(-0.5, f2, y)
	return FMA(n, ln2Hi, f+y)
}
