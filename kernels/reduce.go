package kernels

import "math"

// Reduction is the loops of an operator that reduces some axes of a tensor. Axes of size
// 1 are dropped and neighbours that are both reduced, or both kept, are one.
type Reduction struct {
	rank    int
	dims    [maxLoops]int
	out     [maxLoops]int // strides in the output, 0 where reduced
	Outputs int           // elements of the output
	Count   int           // elements that each output is made of
}

// NewReduction returns the loops for a tensor of the given shape, at most 8 dimensions.
func NewReduction(shape []int, reduced []bool) Reduction {
	r := Reduction{Outputs: 1, Count: 1}
	var kept [maxLoops]bool
	for i, d := range shape {
		if reduced[i] {
			r.Count *= d
		} else {
			r.Outputs *= d
		}
		if d == 1 {
			continue
		}
		if k := r.rank - 1; k >= 0 && kept[k] == !reduced[i] {
			r.dims[k] *= d
			continue
		}
		r.dims[r.rank], kept[r.rank] = d, !reduced[i]
		r.rank++
	}
	if r.rank == 0 {
		r.rank = 1
		r.dims[0], kept[0] = 1, true
	}
	n := 1
	for k := r.rank - 1; k >= 0; k-- {
		if kept[k] {
			r.out[k] = n
			n *= r.dims[k]
		}
	}
	return r
}

// rows calls f for every innermost run of n elements at in, which goes into the output
// at out: into one element when it is reduced, else into n.
func (r *Reduction) rows(f func(out, in, n int, reduced bool)) {
	if r.Count == 0 || r.Outputs == 0 {
		return
	}
	last := r.rank - 1
	n := r.dims[last]
	reduced := r.out[last] == 0
	var at [maxLoops]int
	out, in := 0, 0
	for {
		f(out, in, n, reduced)
		in += n
		k := last - 1
		for ; k >= 0; k-- {
			at[k]++
			out += r.out[k]
			if at[k] < r.dims[k] {
				break
			}
			out -= r.dims[k] * r.out[k]
			at[k] = 0
		}
		if k < 0 {
			return
		}
	}
}

// ReduceSumF32 sums: innermost runs by SumF32, everything else in order.
func ReduceSumF32(dst, src []float32, r *Reduction) {
	clear(dst)
	r.rows(func(out, in, n int, reduced bool) {
		if reduced {
			dst[out] += SumF32(src[in : in+n])
			return
		}
		acc := dst[out : out+n]
		for i, v := range src[in : in+n] {
			acc[i] += v
		}
	})
}

// MeanF32 is ReduceSumF32, divided by the count; NaN where that is 0.
func MeanF32(dst, src []float32, r *Reduction) {
	ReduceSumF32(dst, src, r)
	n := float32(r.Count)
	for i := range dst {
		dst[i] /= n
	}
}

// ReduceSumInt sums in a type of its own, wrapping.
func ReduceSumInt[A int32 | int64, T Quant | int32 | int64](dst []A, src []T, r *Reduction) {
	clear(dst)
	r.rows(func(out, in, n int, reduced bool) {
		if reduced {
			var s A
			for _, v := range src[in : in+n] {
				s += A(v)
			}
			dst[out] += s
			return
		}
		acc := dst[out : out+n]
		for i, v := range src[in : in+n] {
			acc[i] += A(v)
		}
	})
}

// MeanInt divides sums by the count, towards zero; 0 where that is 0.
func MeanInt[T int32 | int64](dst []T, sum []int64, r *Reduction) {
	n := int64(max(r.Count, 1))
	for i := range dst {
		dst[i] = T(sum[i] / n)
	}
}

// RequantizeSum scales quantized sums: each loses zeroIn, the input's zero point times
// the count, is multiplied by m and gets the output's zero point.
func RequantizeSum[T Quant](dst []T, sum []int32, m Multiplier, zeroIn, zeroOut, lo, hi int32) {
	for i := range dst {
		dst[i] = T(clampS32(m.Mul(sum[i]-zeroIn)+zeroOut, lo, hi))
	}
}

// ScaleSum scales quantized sums in float32: round(sum * scale + bias) + zero, half away
// from zero, each step rounded. It is what LiteRT's optimised SUM computes; its reference
// takes int8 and int16 for uint8.
func ScaleSum[T Quant](dst []T, sum []int32, scale, bias float32, zero, lo, hi int32) {
	for i, s := range sum[:len(dst)] {
		y := float32(float32(s)*scale) + bias
		dst[i] = T(clampS32(saturatingAdd(toInt32(math.Round(float64(y))), zero), lo, hi))
	}
}

// MeanMultiplier returns m divided by n as LiteRT's reference MEAN does: with as many
// bits as fit, rounded down.
func MeanMultiplier(m Multiplier, n int) Multiplier {
	if n == 0 {
		return m
	}
	shift := int32(0)
	for v := n; v > 1; v >>= 1 {
		shift++
	}
	shift = min(shift, 32, 31+m.Shift)
	return Multiplier{int32(int64(m.M) << shift / int64(n)), m.Shift - shift}
}

// ReduceMax keeps the greatest. It starts from start, or from the first element when a
// single output takes the whole tensor; an element that does not compare is passed over.
func ReduceMax[T Number](dst, src []T, start T, r *Reduction) {
	r.begin(func(first bool) {
		Fill(dst, start)
		if first {
			dst[0] = src[0]
		}
	})
	r.rows(func(out, in, n int, reduced bool) {
		if reduced {
			m := dst[out]
			for _, v := range src[in : in+n] {
				if v > m {
					m = v
				}
			}
			dst[out] = m
			return
		}
		acc := dst[out : out+n]
		for i, v := range src[in : in+n] {
			if v > acc[i] {
				acc[i] = v
			}
		}
	})
}

// ReduceMin keeps the least, otherwise as ReduceMax.
func ReduceMin[T Number](dst, src []T, start T, r *Reduction) {
	r.begin(func(first bool) {
		Fill(dst, start)
		if first {
			dst[0] = src[0]
		}
	})
	r.rows(func(out, in, n int, reduced bool) {
		if reduced {
			m := dst[out]
			for _, v := range src[in : in+n] {
				if v < m {
					m = v
				}
			}
			dst[out] = m
			return
		}
		acc := dst[out : out+n]
		for i, v := range src[in : in+n] {
			if v < acc[i] {
				acc[i] = v
			}
		}
	})
}

// begin calls f with whether one output takes the whole of a tensor that has elements.
func (r *Reduction) begin(f func(first bool)) { f(r.Outputs == 1 && r.Count > 0) }
