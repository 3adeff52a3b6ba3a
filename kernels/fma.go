package kernels

import "math"

// FMA returns a*b + c with one rounding, to nearest even, subnormals kept: the step that
// every float accumulation is made of. It equals the hardware's fused multiply-add on
// every input except the payload of a NaN.
//
// The product of two float32 is exact in float64. Adding c rounds once to 53 bits and
// converting rounds again to 24; the two roundings differ from one only when the first
// ends halfway between two float32, or where float32 is subnormal and halfway lies
// elsewhere. Those cases are done again with the first rounding to odd, which keeps the
// lost part's sign (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums",
// IEEE TC 57(4), 2008).
func FMA(a, b, c float32) float32 {
	s := float64(a)*float64(b) + float64(c)
	if u := math.Float64bits(s); u&(1<<29-1) == 1<<28 || u&(0x7ff<<52) < (1023-126)<<52 {
		return fmaOdd(a, b, c)
	}
	return float32(s)
}

// fmaOdd is FMA with the sum in float64 rounded to odd.
func fmaOdd(a, b, c float32) float32 {
	p, q := float64(a)*float64(b), float64(c)
	s := p + q
	// TwoSum (Knuth): e is exactly what the addition lost.
	t := s - p
	e := (p - (s - t)) + (q - t)
	if u := math.Float64bits(s); e != 0 && u&1 == 0 && !math.IsInf(s, 0) {
		if (e > 0) == (s > 0) {
			s = math.Float64frombits(u + 1)
		} else {
			s = math.Float64frombits(u - 1)
		}
	}
	return float32(s)
}
