package kernels

// Window is how a convolution's kernel slides over one image [InH, InW, InC] to give
// OutH*OutW positions. Position (y, x) begins at row y*StrideH - PadTop and column
// x*StrideW - PadLeft; tap (i, j) lies DilationH*i rows and DilationW*j columns further.
// Taps outside the image read padding.
type Window struct {
	InH, InW, InC        int
	KH, KW               int
	StrideH, StrideW     int
	DilationH, DilationW int
	PadTop, PadLeft      int
	OutH, OutW           int
}

// Pointwise reports whether every position reads one pixel of its own, in order, so that
// the image is already what Patches would write.
func (w *Window) Pointwise() bool {
	return w.KH == 1 && w.KW == 1 && w.StrideH == 1 && w.StrideW == 1 &&
		w.PadTop == 0 && w.PadLeft == 0 && w.OutH == w.InH && w.OutW == w.InW
}

// Patches lays out what positions [from, to) of an image read: for each, KH*KW*depth
// elements, the channels [first, first+depth) of its taps, border where a tap lies
// outside. src is the image, dst holds (to-from)*KH*KW*depth elements.
func Patches[T int8 | int16 | float32](dst, src []T, w *Window, first, depth, from, to int, border T) {
	y, x := from/w.OutW, from%w.OutW
	row := w.KW * depth
	whole := depth == w.InC && w.DilationW == 1
	for range to - from {
		top, left := y*w.StrideH-w.PadTop, x*w.StrideW-w.PadLeft
		for i := range w.KH {
			line := dst[:row:row]
			dst = dst[row:]
			iy := top + i*w.DilationH
			switch {
			case iy < 0 || iy >= w.InH:
				fill(line, border)
			case whole && left >= 0 && left+w.KW <= w.InW:
				copy(line, src[(iy*w.InW+left)*depth:])
			default:
				for j := range w.KW {
					tap := line[j*depth : (j+1)*depth]
					ix := left + j*w.DilationW
					if ix < 0 || ix >= w.InW {
						fill(tap, border)
						continue
					}
					copy(tap, src[(iy*w.InW+ix)*w.InC+first:])
				}
			}
		}
		if x++; x == w.OutW {
			x, y = 0, y+1
		}
	}
}

func fill[T int8 | int16 | float32](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}
