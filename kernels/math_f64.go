package kernels

import "math"

// ExpF64 returns e^x to about an ulp, with the same bits on every CPU: the standard
// library's has assembly on some. For tables made at bind.
func ExpF64(x float64) float64 {
	switch {
	case x != x:
		return x
	case x > 709.79:
		return math.Inf(1)
	case x < -745.2:
		return 0
	}
	const ln2Hi, ln2Lo = 0x1.62e42feep-1, 0x1.a39ef35793c76p-33
	n := math.Floor(float64(x*math.Log2E) + 0.5)
	r := x - float64(n*ln2Hi)
	r -= float64(n * ln2Lo)
	// The Taylor series to r^14 / 14!, |r| < 0.35.
	y := 1.0
	for k := 14.0; k > 0; k-- {
		y = float64(float64(y*r)/k) + 1
	}
	return math.Ldexp(y, int(n))
}

// ExpRoundF32 returns e^x rounded from float64, as a good C library's expf.
func ExpRoundF32(x float32) float32 { return float32(ExpF64(float64(x))) }

// TanhRoundF32 returns tanh(x) rounded from float64.
func TanhRoundF32(x float32) float32 {
	v := float64(x)
	a := math.Abs(v)
	switch {
	case a < 1e-2:
		q := float64(v * v)
		return float32(v - float64(float64(v*q)*(1.0/3-float64(q*(2.0/15)))))
	case a > 20:
		return float32(math.Copysign(1, v))
	}
	e := ExpF64(2 * a)
	return float32(math.Copysign((e-1)/(e+1), v))
}
