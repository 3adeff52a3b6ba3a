package kernels

// A depthwise convolution gives each output channel a kernel of its own over one input
// channel: output channel o reads input channel o / (channels out / channels in). Weights
// are [KH*KW][channels out].
//
// The routines compute one output position. taps holds, for every tap in order, the
// input's pixel of w.InC elements, or a row of padding; see Taps.

// Taps collects in taps [KH*KW] what position (y, x) of the image src reads; border
// stands for taps outside and has w.InC elements.
func Taps[T int8 | int16 | float32](taps [][]T, src []T, w *Window, y, x int, border []T) {
	top, left := y*w.StrideH-w.PadTop, x*w.StrideW-w.PadLeft
	for i := range w.KH {
		iy := top + i*w.DilationH
		line := taps[i*w.KW : (i+1)*w.KW]
		if iy < 0 || iy >= w.InH {
			for j := range line {
				line[j] = border
			}
			continue
		}
		for j := range line {
			ix := left + j*w.DilationW
			if ix < 0 || ix >= w.InW {
				line[j] = border
				continue
			}
			at := (iy*w.InW + ix) * w.InC
			line[j] = src[at : at+w.InC]
		}
	}
}

// DwconvS8 writes acc[o] = bias[o] + sum over taps of weight * input, modulo 2^32. What a
// zero point of the input adds belongs into bias; weights hold values less their zero
// point, which is why they are 16 bits wide.
func DwconvS8(acc []int32, taps [][]int8, weights []int16, bias []int32) {
	dwconvS8Generic(acc, taps, weights, bias)
}

// DwconvS16 is DwconvS8 for int16 activations.
func DwconvS16(acc []int64, taps [][]int16, weights []int8, bias []int64) {
	dwconvS16Generic(acc, taps, weights, bias)
}

// DwconvF32 writes dst[o] = bias[o] with weight * input of every tap added in order by
// FMA, then clamped to [lo, hi]. bias may be nil for zeros.
func DwconvF32(dst []float32, taps [][]float32, weights, bias []float32, lo, hi float32) {
	dwconvF32Generic(dst, taps, weights, bias, lo, hi)
}
