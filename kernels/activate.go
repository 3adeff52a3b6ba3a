package kernels

// Activations, element by element.

// MapF32 applies f to every element.
func MapF32(dst, src []float32, f func(float32) float32) {
	for i, v := range src {
		dst[i] = f(v)
	}
}

// ReluF32 limits elements to [lo, hi]; a NaN stays.
func ReluF32(dst, src []float32, lo, hi float32) {
	for i, v := range src {
		dst[i] = ClampF32(v, lo, hi)
	}
}

// LeakyReluF32 multiplies elements that are not above 0 by alpha.
func LeakyReluF32(dst, src []float32, alpha float32) {
	for i, v := range src {
		if !(v > 0) {
			v *= alpha
		}
		dst[i] = v
	}
}

// HardSwishF32 returns x * min(6, max(0, x+3)) / 6, each step rounded. A NaN gives a NaN.
func HardSwishF32(dst, src []float32) {
	for i, v := range src {
		dst[i] = float32(v*ClampF32(v+3, 0, 6)) / 6
	}
}

// Rescale is the arithmetic of a quantized element that is multiplied.
type Rescale struct {
	ZeroIn          int32
	Mul             Multiplier
	Zero, Low, High int32 // the output's
}

// RescaleQuant multiplies and limits: RELU and its like, and the QUANTIZE of quantized
// elements.
func RescaleQuant[In Quant | int32, Out Quant | int32](dst []Out, src []In, q *Rescale) {
	for i, v := range src {
		dst[i] = Out(clampS32(q.Mul.Mul(int32(v)-q.ZeroIn)+q.Zero, q.Low, q.High))
	}
}

// LeakyReluQuant multiplies elements below the zero point by a factor of their own,
// sign times alpha.
func LeakyReluQuant[T Quant](dst, src []T, q *Rescale, alpha Multiplier, sign int32) {
	for i, v := range src {
		x := int32(v) - q.ZeroIn
		if x >= 0 {
			x = q.Mul.Mul(x)
		} else {
			x = sign * alpha.Mul(x)
		}
		dst[i] = T(clampS32(x+q.Zero, q.Low, q.High))
	}
}

// HardSwish is the arithmetic of a quantized hard swish (LiteRT's HardSwishParams).
type HardSwish struct {
	ZeroIn, ZeroOut int16
	Out, Reluish    int16 // factors of 16 bits
	OutShift        uint  // to the right
	ReluishShift    int   // to the left where positive
}

// NewHardSwish returns the arithmetic for these scales. It reports whether the output's
// factor is at most 1, as the reference asks.
func NewHardSwish(inScale float32, inZero int32, outScale float32, outZero int32) (HardSwish, bool) {
	hires := float32(inScale * (1.0 / 128))
	out := NewMultiplier(float64(hires / outScale))
	reluish := NewMultiplier(float64(hires / (3.0 / 32768)))
	h := HardSwish{
		ZeroIn: int16(inZero), ZeroOut: int16(outZero),
		Out: out.high16(), Reluish: reluish.high16(),
		OutShift: uint(max(-out.Shift, 0)), ReluishShift: int(reluish.Shift),
	}
	return h, out.Shift <= 0
}

// high16 returns the factor's upper 16 bits, rounded.
func (m Multiplier) high16() int16 {
	if m.M >= 1<<31-1-1<<15 {
		return 1<<15 - 1
	}
	return int16((m.M + 1<<15) >> 16)
}

// HardSwishQuant computes hard swish in 16-bit fixed point, as LiteRT's reference does.
func HardSwishQuant[T int8 | uint8](dst, src []T, h *HardSwish) {
	low, high := int16(0), int16(255)
	if z := T(0); z-1 < 0 {
		low, high = -128, 127
	}
	for i, v := range src {
		x := (int16(v) - h.ZeroIn) << 7
		y := fixedMul(x, h.Out)
		// x on the scale where 3.0 is 32768, saturated, then moved to [0, 1].
		r := x
		if h.ReluishShift > 0 {
			r = saturatingLeft16(r, uint(h.ReluishShift-1))
		}
		r = fixedMul(r, h.Reluish)
		if h.ReluishShift > 0 {
			r = saturatingLeft16(r, 1)
		} else {
			r = int16(RoundingShiftRight(int32(r), uint(-h.ReluishShift)))
		}
		r = int16((int32(r) + 1<<15) >> 1)
		p := int16(int32(r) * int32(y) / (1 << 15)) // towards zero; r is never -32768
		o := int16(RoundingShiftRight(int32(p), h.OutShift)) + h.ZeroOut
		dst[i] = T(max(min(o, high), low))
	}
}

// saturatingLeft16 returns x * 2^n, saturated to 16 bits.
func saturatingLeft16(x int16, n uint) int16 {
	return int16(min(max(int64(x)<<min(n, 32), -1<<15), 1<<15-1))
}
