package kernels

// Pool is the geometry of a pooling operator over tensors [batch, height, width, depth].
type Pool struct {
	Batch, InH, InW, Depth int
	OutH, OutW             int
	StrideH, StrideW       int
	FilterH, FilterW       int
	PadTop, PadLeft        int
}

// windows calls f for every output pixel, at out, with the rows [y0, y1) and columns
// [x0, x1) of the window that lie inside input batch b. Every window holds a pixel.
func (p *Pool) windows(f func(out, b, y0, y1, x0, x1 int)) {
	out := 0
	for b := range p.Batch {
		for oy := range p.OutH {
			y := oy*p.StrideH - p.PadTop
			y0, y1 := max(y, 0), min(y+p.FilterH, p.InH)
			for ox := range p.OutW {
				x := ox*p.StrideW - p.PadLeft
				f(out, b, y0, y1, max(x, 0), min(x+p.FilterW, p.InW))
				out += p.Depth
			}
		}
	}
}

// pixel returns the place of a pixel of the input.
func (p *Pool) pixel(b, y, x int) int { return ((b*p.InH+y)*p.InW + x) * p.Depth }

// AveragePoolF32 adds the taps of each window in order, from 0, and divides by their number.
func AveragePoolF32(dst, src []float32, p *Pool, lo, hi float32) {
	p.windows(func(out, b, y0, y1, x0, x1 int) {
		acc := dst[out : out+p.Depth]
		clear(acc)
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				at := p.pixel(b, y, x)
				for c, v := range src[at : at+p.Depth] {
					acc[c] += v
				}
			}
		}
		n := float32((y1 - y0) * (x1 - x0))
		for c := range acc {
			acc[c] = ClampF32(acc[c]/n, lo, hi)
		}
	})
}

// AveragePoolQuant averages quantized elements, rounding half away from zero. acc holds
// p.Depth elements.
func AveragePoolQuant[T Quant](dst, src []T, acc []int32, p *Pool, lo, hi int32) {
	acc = acc[:p.Depth]
	p.windows(func(out, b, y0, y1, x0, x1 int) {
		clear(acc)
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				at := p.pixel(b, y, x)
				for c, v := range src[at : at+p.Depth] {
					acc[c] += int32(v)
				}
			}
		}
		n := int32((y1 - y0) * (x1 - x0))
		d := dst[out : out+p.Depth]
		for c, v := range acc {
			if v > 0 {
				v += n / 2
			} else {
				v -= n / 2
			}
			d[c] = T(clampS32(v/n, lo, hi))
		}
	})
}

// MaxPoolF32 keeps the greatest tap, at least the least finite float; a NaN is passed over.
func MaxPoolF32(dst, src []float32, p *Pool, lo, hi float32) {
	MaxPool(dst, src, p, -0x1.fffffep+127)
	for i, v := range dst {
		dst[i] = ClampF32(v, lo, hi)
	}
}

// MaxPoolQuant keeps the greatest tap, limited to [lo, hi].
func MaxPoolQuant[T Quant](dst, src []T, p *Pool, lo, hi T) {
	MaxPool(dst, src, p, lo)
	for i, v := range dst {
		dst[i] = min(v, hi)
	}
}

// MaxPool keeps the greatest of start and the taps.
func MaxPool[T Number](dst, src []T, p *Pool, start T) {
	p.windows(func(out, b, y0, y1, x0, x1 int) {
		acc := dst[out : out+p.Depth]
		Fill(acc, start)
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				at := p.pixel(b, y, x)
				for c, v := range src[at : at+p.Depth] {
					if acc[c] < v {
						acc[c] = v
					}
				}
			}
		}
	})
}
