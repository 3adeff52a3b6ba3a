package dsp

import "math/bits"

// fft is a complex Fourier transform of a power-of-two length: radix 2, decimation in
// time, as in Cooley and Tukey (Math. Comp. 19, 1965).
type fft struct {
	n        int
	cos, sin []float32 // of k/n turns, k < n/2
}

func newFFT(n int) fft {
	f := fft{n: n, cos: make([]float32, n/2), sin: make([]float32, n/2)}
	for k := range n / 2 {
		s, c := sincos(float64(k) / float64(n))
		f.cos[k], f.sin[k] = float32(c), float32(s)
	}
	return f
}

// forward replaces re + i im by its transform, the sum of x[j] e^(-2 pi i j k / n).
// Swapping re and im in the call gives the inverse, not divided by n.
func (f *fft) forward(re, im []float32) {
	n := f.n
	re, im = re[:n], im[:n]
	shift := bits.UintSize - bits.TrailingZeros(uint(n))
	for i := range re {
		if j := int(bits.Reverse(uint(i)) >> shift); j > i {
			re[i], re[j] = re[j], re[i]
			im[i], im[j] = im[j], im[i]
		}
	}
	for half := 1; half < n; half *= 2 {
		stride := n / (2 * half)
		for k := range half {
			c, s := f.cos[k*stride], f.sin[k*stride]
			for i := k; i < n; i += 2 * half {
				j := i + half
				tr := mul32(re[j], c) + mul32(im[j], s)
				ti := mul32(im[j], c) - mul32(re[j], s)
				re[j], im[j] = re[i]-tr, im[i]-ti
				re[i], im[i] = re[i]+tr, im[i]+ti
			}
		}
	}
}

// realFFT is the transform of 2n real numbers by one complex transform of n.
type realFFT struct {
	fft
	cos, sin []float32 // of k/2n turns, k <= n/2
}

func newRealFFT(n int) realFFT {
	h := n / 2
	f := realFFT{fft: newFFT(h), cos: make([]float32, h/2+1), sin: make([]float32, h/2+1)}
	for k := range f.cos {
		s, c := sincos(float64(k) / float64(n))
		f.cos[k], f.sin[k] = float32(c), float32(s)
	}
	return f
}

// forward takes the even samples in re and the odd ones in im, and leaves bins 0 to n-1
// of the 2n there. Bin n, the Nyquist frequency, is real and is left in im[0], since
// bin 0 is real too.
func (f *realFFT) forward(re, im []float32) {
	f.fft.forward(re, im)
	n := f.n
	re[0], im[0] = re[0]+im[0], re[0]-im[0]
	for k := 1; k <= n/2; k++ {
		j := n - k
		// even and odd are the transforms of the even and the odd samples.
		evenRe, evenIm := mul32(0.5, re[k]+re[j]), mul32(0.5, im[k]-im[j])
		oddRe, oddIm := mul32(0.5, im[k]+im[j]), mul32(0.5, re[j]-re[k])
		c, s := f.cos[k], f.sin[k]
		tr := mul32(oddRe, c) + mul32(oddIm, s)
		ti := mul32(oddIm, c) - mul32(oddRe, s)
		re[k], im[k] = evenRe+tr, evenIm+ti
		re[j], im[j] = evenRe-tr, ti-evenIm
	}
}
