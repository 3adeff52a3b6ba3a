package signal

import "math"

// The twiddles of KISS FFT are sines and cosines of float64 angles, rounded to 15
// fractional bits by floor(x + 0.5). Where a sine is 1/2 a single bit of the angle
// decides, and where Go's math fuses a multiplication with an addition depends on the
// CPU. So the functions here add and multiply in pairs of float64, whose sum has 100 bits
// and more: what they return is the function's true value, rounded.

// pairAngle is the angle -2 pi k/n, rounded as KISS FFT rounds it.
func pairAngle(k, n int) float64 {
	a := -2 * math.Pi * float64(k)
	return a / float64(n)
}

// lastAngle is the angle -pi ((k+1)/n + 1/2), rounded as KISS FFT rounds it.
func lastAngle(k, n int) float64 {
	q := float64(k+1)/float64(n) + 0.5
	return -math.Pi * q
}

// twiddle returns e^(i*angle).
func twiddle(angle float64) complex16 {
	sin, cos := sinCos(angle)
	return complex16{fix15(cos), fix15(sin)}
}

func fix15(x float64) int16 {
	y := x * math.MaxInt16
	return int16(math.Floor(y + 0.5))
}

// sinCos returns the sine and the cosine of x, |x| < 100.
func sinCos(x float64) (sin, cos float64) {
	// pi/2 in three parts.
	const p1, p2, p3 = 0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110
	q := math.Floor(float64(x*(2/math.Pi)) + 0.5)
	r := add(add(pair{x, 0}, multiply(pair{-q, 0}, pair{p1, 0})), multiply(pair{-q, 0}, pair{p2, p3}))
	// The Taylor series to r^27 / 27!, |r| < 0.8.
	s, c := pair{0, 0}, pair{0, 0}
	term := pair{1, 0}
	for n := 0; n < 28; n++ {
		switch n & 3 {
		case 0:
			c = add(c, term)
		case 1:
			s = add(s, term)
		case 2:
			c = add(c, pair{-term.hi, -term.lo})
		case 3:
			s = add(s, pair{-term.hi, -term.lo})
		}
		term = divide(multiply(term, r), float64(n+1))
	}
	sin, cos = s.hi, c.hi
	switch int(q) & 3 {
	case 1:
		sin, cos = cos, -sin
	case 2:
		sin, cos = -sin, -cos
	case 3:
		sin, cos = -cos, sin
	}
	return sin, cos
}

// pair is the sum of two float64, of which hi is the sum rounded (T. J. Dekker, "A
// floating-point technique for extending the available precision", Numerische Mathematik
// 18, 1971).
type pair struct{ hi, lo float64 }

func add(a, b pair) pair {
	hi := a.hi + b.hi
	v := hi - a.hi
	lo := (a.hi - (hi - v)) + (b.hi - v)
	return normal(hi, lo+(a.lo+b.lo))
}

func multiply(a, b pair) pair {
	hi := a.hi * b.hi
	lo := math.FMA(a.hi, b.hi, -hi)
	return normal(hi, math.FMA(a.hi, b.lo, math.FMA(a.lo, b.hi, lo)))
}

func divide(a pair, b float64) pair {
	hi := a.hi / b
	lo := (math.FMA(-hi, b, a.hi) + a.lo) / b
	return normal(hi, lo)
}

// normal makes a pair of two numbers of which the second is much the smaller.
func normal(hi, lo float64) pair {
	s := hi + lo
	return pair{s, lo - (s - hi)}
}
