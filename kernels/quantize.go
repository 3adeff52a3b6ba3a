package kernels

import "math"

// QuantizeF32 returns round(x / scale) + zero limited to [lo, hi]; the division is one of
// float32, and rounding is half away from zero. Beyond 32 bits it saturates; a NaN gives
// the zero point.
func QuantizeF32[T Quant](dst []T, src []float32, scale float32, zero, lo, hi int32) {
	for i, x := range src {
		dst[i] = T(clampS32(saturatingAdd(toInt32(math.Round(float64(x/scale))), zero), lo, hi))
	}
}

// toInt32 converts towards zero, saturating; a NaN gives 0.
func toInt32(x float64) int32 {
	switch {
	case x >= 1<<31-1:
		return math.MaxInt32
	case x <= -1<<31:
		return math.MinInt32
	case x != x:
		return 0
	}
	return int32(x)
}

// DequantizeQuant returns scale * (x - zero), rounded once.
func DequantizeQuant[T Quant](dst []float32, src []T, scale float32, zero int32) {
	for i, v := range src {
		dst[i] = scale * float32(int32(v)-zero)
	}
}

// Float16 returns the value of a half-precision float, exactly.
func Float16(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exp, frac := uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exp {
	case 0: // zero or subnormal: frac * 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(frac)*0x1p-24))
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}

// Half returns x as a half-precision float, to nearest even.
func Half(x float32) uint16 {
	b := math.Float32bits(x)
	sign, b := uint16(b>>16&0x8000), b&^signB
	switch {
	case b > 0x7f800000: // NaN
		return sign | 0x7e00
	case b >= 0x477ff000: // 65520 and more round to infinity
		return sign | 0x7c00
	case b < 0x38800000: // subnormal: adding 2^-1 rounds at 2^-24
		return sign | uint16(math.Float32bits(math.Float32frombits(b)+0.5)-math.Float32bits(0.5))
	}
	b += 0xfff + b>>13&1
	return sign | uint16(b>>13-(127-15)<<10)
}

// NarrowF16 rounds floats to half precision.
func NarrowF16(dst []uint16, src []float32) {
	for i, x := range src {
		dst[i] = Half(x)
	}
}

// DequantizeF16 widens half-precision floats.
func DequantizeF16(dst []float32, src []uint16) {
	for i, h := range src {
		dst[i] = Float16(h)
	}
}

// CastInt converts integers to numbers, wrapping where the result is a narrower integer.
func CastInt[Out Number, In int8 | uint8 | int16 | uint16 | int32 | uint32 | int64](dst []Out, src []In) {
	for i, v := range src {
		dst[i] = Out(v)
	}
}

// CastF32 converts floats to integers of [lo, hi] towards zero, saturating; a NaN gives hi.
func CastF32[Out int8 | uint8 | int16 | uint16 | int32 | uint32 | int64](dst []Out, src []float32, lo, hi Out) {
	l, h := float64(lo), float64(hi)
	for i, x := range src {
		switch v := float64(x); {
		case v <= l:
			dst[i] = lo
		case v < h:
			dst[i] = Out(v)
		default:
			dst[i] = hi
		}
	}
}

// CastBool gives 1 for everything but 0.
func CastBool[In Number](dst []uint8, src []In) {
	for i, v := range src {
		dst[i] = 0
		if v != 0 {
			dst[i] = 1
		}
	}
}
