package kernels

// maxLoops bounds the nested loops of a broadcast, a copy or a reduction.
const maxLoops = 8

// Broadcast is the loops of an operator with two operands that stretch to one shape.
// Neighbouring dimensions that stretch alike are one loop.
type Broadcast struct {
	rank int
	dims [maxLoops]int
	a, b [maxLoops]int // strides in elements, 0 where the operand is stretched
}

// NewBroadcast returns the loops for operands of shapes a and b, aligned at the last
// dimension, and a result of shape out, which they stretch to; at most 8 dimensions.
func NewBroadcast(a, b, out []int) Broadcast {
	var sa, sb [maxLoops]int
	stretch(sa[:len(out)], a)
	stretch(sb[:len(out)], b)
	bc := Broadcast{}
	for i, d := range out {
		if d == 1 {
			continue
		}
		k := bc.rank - 1
		if k >= 0 && bc.a[k] == sa[i]*d && bc.b[k] == sb[i]*d {
			bc.dims[k] *= d
		} else {
			bc.rank++
			k++
			bc.dims[k] = d
		}
		bc.a[k], bc.b[k] = sa[i], sb[i]
	}
	if bc.rank == 0 { // one element
		bc.rank = 1
		bc.dims[0], bc.a[0], bc.b[0] = 1, 1, 1
	}
	return bc
}

// stretch sets the strides of an operand of the given shape, aligned at the end of
// strides; 0 for dimensions of 1 and those that are missing.
func stretch(strides, shape []int) {
	n := 1
	for i := range shape {
		j := len(shape) - 1 - i
		if d := shape[j]; d != 1 {
			strides[len(strides)-1-i] = n
			n *= d
		}
	}
}

// Each calls row for every innermost run: dst[i] from a[i*sa] and b[i*sb], where a
// stride is 1, or 0 for one element that serves the whole run.
func Each[T, U any](bc *Broadcast, dst []U, a, b []T, row func(dst []U, a, b []T, sa, sb int)) {
	last := bc.rank - 1
	n, sa, sb := bc.dims[last], bc.a[last], bc.b[last]
	la, lb := n*sa, n*sb
	if sa == 0 {
		la = 1
	}
	if sb == 0 {
		lb = 1
	}
	var at [maxLoops]int
	ia, ib := 0, 0
	for o := 0; o+n <= len(dst) && n > 0; o += n {
		row(dst[o:o+n], a[ia:ia+la], b[ib:ib+lb], sa, sb)
		for k := last - 1; k >= 0; k-- {
			at[k]++
			ia += bc.a[k]
			ib += bc.b[k]
			if at[k] < bc.dims[k] {
				break
			}
			ia -= bc.dims[k] * bc.a[k]
			ib -= bc.dims[k] * bc.b[k]
			at[k] = 0
		}
	}
}
