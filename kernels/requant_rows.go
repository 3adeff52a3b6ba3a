package kernels

import "math"

// Requant turns accumulators into quantized outputs: each is scaled by its channel's
// factor, moved to ZeroPoint and clamped to [Min, Max]. Mul holds the factors for the
// fixed-point rounding of Multiplier; where it is nil, Real holds them for a product in
// float64 rounded half away from zero, as LiteRT's reference FULLY_CONNECTED does it.
type Requant struct {
	Mul                 []Multiplier
	Real                []float64
	ZeroPoint, Min, Max int32
}

// S8 requantizes one row of accumulators, a channel each.
func (r *Requant) S8(dst []int8, acc []int32) {
	dst = dst[:len(acc)]
	if r.Mul == nil {
		real := r.Real[:len(acc)]
		for j, a := range acc {
			dst[j] = int8(clampS32(roundS32(float64(a)*real[j])+r.ZeroPoint, r.Min, r.Max))
		}
		return
	}
	mul := r.Mul[:len(acc)]
	for j, a := range acc {
		dst[j] = int8(clampS32(mul[j].Mul(a)+r.ZeroPoint, r.Min, r.Max))
	}
}

// S16 requantizes one row of accumulators of 64 bits. Where narrow is set, they are taken
// modulo 2^32, as the reference's kernels for biases of 32 bits keep them.
func (r *Requant) S16(dst []int16, acc []int64, narrow bool) {
	dst = dst[:len(acc)]
	for j, a := range acc {
		if narrow {
			a = int64(int32(a))
		}
		var v int32
		switch {
		case r.Mul == nil:
			v = roundS32(float64(a) * r.Real[j])
		case narrow:
			v = r.Mul[j].Mul(int32(a))
		default:
			v = r.Mul[j].Mul64(a)
		}
		dst[j] = int16(clampS32(v+r.ZeroPoint, r.Min, r.Max))
	}
}

// roundS32 rounds half away from zero, saturated. It leaves room for a zero point.
func roundS32(x float64) int32 {
	const limit = 1 << 30
	return int32(math.Round(min(max(x, -limit), limit)))
}

// Rows8 requantizes m rows of n accumulators; row i goes to dst[i*stride:], and the
// factors are those of the channels from first on.
func (r *Requant) Rows8(dst []int8, stride int, acc []int32, first, m, n int) {
	q := r.from(first)
	for i := range m {
		q.S8(dst[i*stride:i*stride+n], acc[i*n:(i+1)*n])
	}
}

// Rows16 is Rows8 for int16.
func (r *Requant) Rows16(dst []int16, stride int, acc []int64, first, m, n int, narrow bool) {
	q := r.from(first)
	for i := range m {
		q.S16(dst[i*stride:i*stride+n], acc[i*n:(i+1)*n], narrow)
	}
}

// from returns r for the channels from first on.
func (r *Requant) from(first int) Requant {
	q := *r
	if q.Mul != nil {
		q.Mul = q.Mul[first:]
	} else {
		q.Real = q.Real[first:]
	}
	return q
}
