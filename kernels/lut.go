package kernels

import "math"

// LUT8 is a function of an 8-bit element, by the bits of its value.
type LUT8 [256]uint8

// NewLUT8 tabulates f between quantized elements, as LiteRT's LUTPopulate does, in
// float32: dequantize, apply, multiply by 1/outScale, round half away from zero.
func NewLUT8[T int8 | uint8](inScale float32, inZero int32, outScale float32, outZero int32, f func(float32) float32) *LUT8 {
	t := new(LUT8)
	low, high := int32(0), int32(255)
	if z := T(0); z-1 < 0 {
		low, high = -128, 127
	}
	inverse := 1 / outScale
	for v := low; v <= high; v++ {
		y := f(float32(inScale * float32(v-inZero)))
		q := float32(math.Round(float64(float32(y*inverse)))) + float32(outZero)
		t[uint8(v)] = uint8(int32(min(max(q, float32(low)), float32(high))))
	}
	return t
}

// Tabulate8 tabulates what f makes of each 8-bit element.
func Tabulate8[Out, In int8 | uint8](f func(dst []Out, src []In)) *LUT8 {
	var src [256]In
	var dst [256]Out
	for i := range src {
		src[i] = In(i)
	}
	f(dst[:], src[:])
	t := new(LUT8)
	for i, v := range dst {
		t[i] = uint8(v)
	}
	return t
}

// Lookup8 applies t to every element.
func Lookup8[Out, In int8 | uint8](dst []Out, src []In, t *LUT8) {
	for i, v := range src {
		dst[i] = Out(t[uint8(v)])
	}
}

// LUT16 is a function of a 16-bit element at every 128th value, interpolated between.
type LUT16 [513]int16

// NewLUT16 tabulates f between quantized elements, as LiteRT's LUTPopulate does in
// float64. Each entry is moved by half the error that interpolation makes midway.
func NewLUT16(inScale float64, inZero int32, outScale float64, outZero int32, f func(float64) float64) *LUT16 {
	return tabulate16(inScale, inZero, outScale, outZero, f, func(x float64) float64 { return x })
}

// NewLUT16F32 is NewLUT16 in float32.
func NewLUT16F32(inScale float32, inZero int32, outScale float32, outZero int32, f func(float32) float32) *LUT16 {
	g := func(x float64) float64 { return float64(f(float32(x))) }
	return tabulate16(float64(inScale), inZero, float64(outScale), outZero, g, func(x float64) float64 { return float64(float32(x)) })
}

// tabulate16 rounds the result of every operation by r. Operations of float32 that are
// done in float64 and then rounded give the same.
func tabulate16(inScale float64, inZero int32, outScale float64, outZero int32, f, r func(float64) float64) *LUT16 {
	mul := func(x, y float64) float64 { return r(float64(x * y)) }
	inMin, inMax := mul(inScale, float64(math.MinInt16-inZero)), mul(inScale, float64(math.MaxInt16-inZero))
	outMin, outMax := mul(outScale, float64(math.MinInt16-outZero)), mul(outScale, float64(math.MaxInt16-outZero))
	step := r(r(inMax-inMin) / 512)
	half := r(step / 2)
	inverse := r(65536 / r(outMax-outMin))
	entry := func(y float64) int16 { return int16(clampS32(toInt32(y), math.MinInt16, math.MaxInt16)) }
	t := new(LUT16)
	for i := range 512 {
		x := r(inMin + mul(float64(i), step))
		y := math.Round(mul(f(x), inverse))
		mid := math.Round(mul(f(r(x+half)), inverse))
		next := mul(f(r(inMin+mul(float64(i+1), step))), inverse)
		bias := math.Round(r(r(math.Round(r(r(next+y)/2))-mid) / 2))
		t[i] = entry(r(y - bias))
	}
	t[512] = entry(math.Round(mul(f(inMax), inverse)))
	return t
}

// Lookup16 applies t to every element.
func Lookup16(dst, src []int16, t *LUT16) {
	for i, v := range src {
		dst[i] = t.At(v)
	}
}

// At returns the function of x.
func (t *LUT16) At(x int16) int16 {
	i := 256 + int(x>>7)
	base := t[i]
	slope := int32(t[i+1] - base)
	return base + int16((slope*int32(x&0x7f)+64)>>7)
}
