package kernels

// Layout is a copy of elements between two layouts: nested loops with a stride on each
// side. Loops that are contiguous on both sides are one.
type Layout struct {
	rank     int
	dims     [maxLoops]int
	src, dst [maxLoops]int // strides in elements
	from, to int           // where the copy starts
	empty    bool
}

// NewLayout returns the copy of dims elements, at most 8 loops, that starts at from in
// the source and at to in the destination.
func NewLayout(dims, src, dst []int, from, to int) Layout {
	l := Layout{from: from, to: to}
	for i, d := range dims {
		if d == 0 {
			l.empty = true
		}
		if d == 1 {
			continue
		}
		k := l.rank - 1
		if k >= 0 && l.src[k] == src[i]*d && l.dst[k] == dst[i]*d {
			l.dims[k] *= d
		} else {
			l.rank++
			k++
			l.dims[k] = d
		}
		l.src[k], l.dst[k] = src[i], dst[i]
	}
	if l.rank == 0 {
		l.rank = 1
		l.dims[0], l.src[0], l.dst[0] = 1, 1, 1
	}
	return l
}

// Strides returns the strides of a row-major tensor.
func Strides(shape []int) []int {
	s := make([]int, len(shape))
	n := 1
	for i := len(shape) - 1; i >= 0; i-- {
		s[i] = n
		n *= shape[i]
	}
	return s
}

// Copy copies src to dst as l says.
func Copy[T any](dst, src []T, l *Layout) {
	if l.empty {
		return
	}
	last := l.rank - 1
	n, ss, ds := l.dims[last], l.src[last], l.dst[last]
	var at [maxLoops]int
	from, to := l.from, l.to
	for {
		if ss == 1 && ds == 1 {
			copy(dst[to:to+n], src[from:from+n])
		} else {
			f, t := from, to
			for range n {
				dst[t] = src[f]
				f += ss
				t += ds
			}
		}
		k := last - 1
		for ; k >= 0; k-- {
			at[k]++
			from += l.src[k]
			to += l.dst[k]
			if at[k] < l.dims[k] {
				break
			}
			from -= l.dims[k] * l.src[k]
			to -= l.dims[k] * l.dst[k]
			at[k] = 0
		}
		if k < 0 {
			return
		}
	}
}

// Fill sets every element of dst.
func Fill[T any](dst []T, v T) {
	for i := range dst {
		dst[i] = v
	}
}
