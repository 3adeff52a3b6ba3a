package sim

import "math"

// The arithmetic here is rounded operation by operation, so that a seed gives the
// same samples on every processor: float64(a*b) + c forbids the fused multiply-add
// that Go's compiler may otherwise choose, and math.Sin and math.Exp, which are
// assembly on some architectures, are not used. math.Sqrt and math.Floor are exact.

// mul is a*b rounded once.
func mul(a, b float64) float64 { return float64(a * b) }

// frac is the part of x above its floor, in [0,1).
func frac(x float64) float64 { return x - math.Floor(x) }

// sincos gives the sine and cosine of x turns. Its error is below 1e-13.
func sincos(x float64) (sin, cos float64) {
	q := math.Floor(mul(x, 4) + 0.5) // nearest quarter turn
	r := mul(x-mul(q, 0.25), 2*math.Pi)
	s, c := kernelSin(r), kernelCos(r)
	switch int64(q) & 3 {
	case 1:
		return c, -s
	case 2:
		return -s, -c
	case 3:
		return -c, s
	}
	return s, c
}

// kernelSin is the Taylor series of sin to x^15 for |x| <= pi/4.
func kernelSin(x float64) float64 {
	z := mul(x, x)
	p := mul(z, -1.0/1307674368000) + 1.0/6227020800
	p = mul(p, z) - 1.0/39916800
	p = mul(p, z) + 1.0/362880
	p = mul(p, z) - 1.0/5040
	p = mul(p, z) + 1.0/120
	p = mul(p, z) - 1.0/6
	return x + mul(mul(p, z), x)
}

// kernelCos is the Taylor series of cos to x^16 for |x| <= pi/4.
func kernelCos(x float64) float64 {
	z := mul(x, x)
	p := mul(z, 1.0/20922789888000) - 1.0/87178291200
	p = mul(p, z) + 1.0/479001600
	p = mul(p, z) - 1.0/3628800
	p = mul(p, z) + 1.0/40320
	p = mul(p, z) - 1.0/720
	p = mul(p, z) + 1.0/24
	p = mul(p, z) - 0.5
	return mul(p, z) + 1
}

// exp is e^x for |x| < 700, by reduction to |r| <= ln2/2 and the Taylor series to
// r^13. Its relative error is below 1e-14.
func exp(x float64) float64 {
	k := math.Floor(mul(x, math.Log2E) + 0.5)
	r := x - mul(k, math.Ln2)
	p := 1.0
	for n := 13; n > 0; n-- {
		p = mul(p, r/float64(n)) + 1
	}
	return math.Ldexp(p, int(k))
}
