package kernels

import (
	"math"
	"math/bits"
	"unsafe"
)

// SoftmaxF32 normalises rows of depth elements: e^((x - max) * beta), divided by its sum.
func SoftmaxF32(dst, src []float32, depth int, beta float32) {
	for ; len(src) >= depth && depth > 0; dst, src = dst[depth:], src[depth:] {
		m := float32(-math.MaxFloat32)
		for _, v := range src[:depth] {
			if m < v {
				m = v
			}
		}
		row := dst[:depth]
		for i, v := range src[:depth] {
			row[i] = ExpF32(float32((v - m) * beta))
		}
		sum := SumF32(row)
		for i := range row {
			row[i] /= sum
		}
	}
}

// softmaxBits are the integer bits of scaled differences and of the sum of exponentials.
const (
	softmaxDiffBits = 5
	softmaxSumBits  = 12
)

// SoftmaxScale is the arithmetic of a softmax of 8-bit elements.
type SoftmaxScale struct {
	Mul     Multiplier // Shift at least 0
	DiffMin int32      // differences below it give 0
}

// NewSoftmaxScale scales differences of the input to 5 integer bits, as LiteRT's
// PreprocessSoftmaxScaling does. It reports whether the factor is great enough to be held.
func NewSoftmaxScale(beta, scale float32) (SoftmaxScale, bool) {
	real := min(float64(beta)*float64(scale)*(1<<(31-softmaxDiffBits)), 1<<31-1)
	if !(real > 1) {
		return SoftmaxScale{}, false
	}
	m := NewMultiplier(real)
	// NewMultiplier limits the shift to 30; the real factor may need 31.
	if real >= 1<<30 {
		m = Multiplier{int32(min(int64(math.Round(real)), math.MaxInt32)), 31}
	}
	radius := math.Floor(float64((1<<softmaxDiffBits-1)<<(31-softmaxDiffBits)) / float64(int64(1)<<m.Shift))
	return SoftmaxScale{m, int32(-radius)}, true
}

// exp returns e^(diff * scale) with 0 integer bits.
func (s *SoftmaxScale) exp(diff int32) int32 {
	return FixedExp(DoublingHighMul(diff<<s.Mul.Shift, s.Mul.M), softmaxDiffBits)
}

// SoftmaxQuant normalises rows of depth 8-bit elements in fixed point, as LiteRT's
// reference kernel does. The output's least value stands for 0.
func SoftmaxQuant[In int8 | uint8, Out Quant](dst []Out, src []In, depth int, s *SoftmaxScale) {
	var z Out
	width := int(unsafe.Sizeof(z)) * 8
	low := int32(0)
	high := int32(1)<<width - 1
	if z--; z < 0 { // a signed type
		low = -(int32(1) << (width - 1))
		high += low
	}
	for ; len(src) >= depth && depth > 0; dst, src = dst[depth:], src[depth:] {
		m := src[0]
		for _, v := range src[:depth] {
			m = max(m, v)
		}
		sum := int32(0)
		for _, v := range src[:depth] {
			if d := int32(v) - int32(m); d >= s.DiffMin {
				sum += FixedRescale(s.exp(d), 0, softmaxSumBits)
			}
		}
		inverse, over := Reciprocal(sum, softmaxSumBits)
		shift := max(over+31-width, 0)
		for i, v := range src[:depth] {
			d := int32(v) - int32(m)
			if d < s.DiffMin || shift > 31 {
				dst[i] = Out(low)
				continue
			}
			r := RoundingShiftRight(DoublingHighMul(inverse, s.exp(d)), uint(shift))
			dst[i] = Out(clampS32(r+low, low, high))
		}
	}
}

// SoftmaxS16 normalises rows of depth 16-bit elements by two tables: exp over [-10, 0]
// and 1/(1+x) over [0, 1]. scale brings a difference of 10.0 to 65535.
func SoftmaxS16(dst, src []int16, depth int, scale Multiplier, exp, inverse *LUT16) {
	for ; len(src) >= depth && depth > 0; dst, src = dst[depth:], src[depth:] {
		m := src[0]
		for _, v := range src[:depth] {
			m = max(m, v)
		}
		sum := int32(0)
		row := dst[:depth]
		for i, v := range src[:depth] {
			d := scale.Mul(int32(v)-int32(m)) + 32767
			row[i] = exp.At(int16(clampS32(d, math.MinInt16, math.MaxInt16)))
			sum += int32(row[i])
		}
		// The sum is normalised to [1, 2) with 16 bits; the table takes what is over 1.
		headroom := bits.LeadingZeros32(uint32(sum))
		x := int32((int64(sum)<<max(headroom-1, 0) + 1<<13) >> 14)
		inv := int64(inverse.At(int16(clampS32(x-(1<<15+1<<16), math.MinInt16, math.MaxInt16))))
		shift := uint(max(31-headroom, 1))
		for i, e := range row {
			r := int32((int64(e)*inv + int64(1)<<(shift-1)) >> shift)
			row[i] = int16(clampS32(r, 0, math.MaxInt16))
		}
	}
}
