package dsp

import "math"

// mul is a*b rounded once, so that no compiler joins it with an addition.
func mul(a, b float64) float64 { return float64(a * b) }

// mul32 is a*b rounded once in float32.
func mul32(a, b float32) float32 { return float32(a * b) }

// sincos gives the sine and cosine of x turns with an error below 1e-13, by the Taylor
// series about the nearest quarter turn.
func sincos(x float64) (sin, cos float64) {
	q := math.Floor(mul(x, 4) + 0.5)
	r := mul(x-mul(q, 0.25), 2*math.Pi)
	z := mul(r, r)
	s, c := 1.0, 1.0
	for n := 16.0; n > 0; n -= 2 {
		s = 1 - mul(s, z/mul(n, n+1))
		c = 1 - mul(c, z/mul(n, n-1))
	}
	s = mul(s, r)
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

// log10 is the decimal logarithm of a positive normal x, with an error below 1e-9 before
// it is rounded. With x = m 2^e and m in [1/sqrt2, sqrt2), ln m is 2 artanh((m-1)/(m+1)).
func log10(x float32) float32 {
	bits := math.Float32bits(x)
	e := int(bits>>23) - 127
	m := float64(math.Float32frombits(bits&0x7fffff | 127<<23))
	if m > math.Sqrt2 {
		m, e = mul(m, 0.5), e+1
	}
	s := (m - 1) / (m + 1)
	z := mul(s, s)
	p := mul(z, 1.0/11) + 1.0/9
	p = mul(p, z) + 1.0/7
	p = mul(p, z) + 1.0/5
	p = mul(p, z) + 1.0/3
	p = mul(p, z) + 1
	return float32(mul(mul(s, p), 2/math.Ln10) + mul(float64(e), math.Ln2/math.Ln10))
}

// sqrt32 is the correctly rounded square root: 53 bits hold more than twice the 24 of
// float32, so rounding twice is rounding once (Figueroa, SIGNUM Newsl. 30, 1995).
func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }
