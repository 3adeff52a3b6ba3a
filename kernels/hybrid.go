package kernels

import "math"

// Hybrid operators multiply float activations with int8 weights: they quantize the
// activations of each batch on the way in and scale int32 accumulators on the way out.
// The float operations and their order are those of LiteRT's reference kernels
// (portable_tensor_utils.cc), each rounded by itself.

// QuantizeSymmetric writes src as int8 within [-127, 127] and returns the scale.
func QuantizeSymmetric(dst []int8, src []float32) (scale float32) {
	lo, hi := rangeF32(src)
	r := max(absF32(lo), absF32(hi))
	if r == 0 {
		clear(dst[:len(src)])
		return 1
	}
	inv := 127 / r
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = roundS8(float32(v*inv), -127)
	}
	return r / 127
}

// QuantizeAsymmetric writes src as int8 over the whole type and returns scale and zero
// point: the range is widened to hold 0, which is represented exactly.
func QuantizeAsymmetric(dst []int8, src []float32) (scale float32, zero int32) {
	lo, hi := rangeF32(src)
	rmin, rmax := float64(min(0, lo)), float64(max(0, hi))
	if rmin == rmax {
		clear(dst[:len(src)])
		return 1, 0
	}
	real := (rmax - rmin) / 255
	z := 127 - rmax/real
	if 128+math.Abs(rmin/real) < 127+math.Abs(rmax/real) {
		z = -128 - rmin/real
	}
	switch {
	case z <= -128:
		zero = -128
	case z >= 127:
		zero = 127
	case z == z:
		zero = int32(math.Round(z))
	}
	scale = float32(real)
	inv := 1 / scale
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = roundS8(float32(zero)+float32(v*inv), -128)
	}
	return scale, zero
}

// rangeF32 returns the least and the greatest value, found by comparisons that a NaN
// fails; zeros for no values.
func rangeF32(s []float32) (lo, hi float32) {
	if len(s) == 0 {
		return 0, 0
	}
	lo, hi = s[0], s[0]
	for _, v := range s[1:] {
		if v < lo {
			lo = v
		}
		if v > hi {
			hi = v
		}
	}
	return lo, hi
}

func absF32(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

// roundS8 rounds half away from zero and limits to [lo, 127]; a NaN gives lo.
func roundS8(x float32, lo int8) int8 {
	switch {
	case x >= 127:
		return 127
	case x >= 0:
		return int8(float64(x) + 0.5)
	case x > float32(lo):
		return int8(float64(x) - 0.5)
	}
	return lo
}

// DequantS32 writes dst[j] = acc[j]*scales[j]*s + bias[j] in that order, clamped to
// [lo, hi]; bias may be nil for zeros.
func DequantS32(dst []float32, acc []int32, scales []float32, s float32, bias []float32, lo, hi float32) {
	dst, scales = dst[:len(acc)], scales[:len(acc)]
	for j, a := range acc {
		v := float32(float32(float32(a)*scales[j]) * s)
		if bias != nil {
			v += bias[j]
		}
		dst[j] = ClampF32(v, lo, hi)
	}
}

// ScaleF32 writes dst[j] = a[j]*s.
func ScaleF32(dst, a []float32, s float32) {
	dst = dst[:len(a)]
	for j, v := range a {
		dst[j] = float32(v * s)
	}
}

// SumsS8 writes the sum of each row of b [n][k].
func SumsS8(dst []int32, b []int8, n, k int) {
	for j := range dst[:n] {
		sum := int32(0)
		for _, w := range b[j*k : (j+1)*k] {
			sum += int32(w)
		}
		dst[j] = sum
	}
}
