package dsp

// envelope demodulates a band: its bins alone, moved to zero frequency and transformed
// back at a half of the rate, are the analytic signal of the band, whose square does not
// alias there while the band is at most a quarter of the rate wide.
type envelope struct {
	lo, hi int // bins of the band
	back   fft
	real   realFFT
	re, im []float32
	hann2  []float32 // square of the window at half the rate
	lines  []float32 // amplitude of bin 1 and up of the envelope's spectrum
}

func newEnvelope(c Config, hann []float32) envelope {
	m := c.Window / 2
	e := envelope{
		back:  newFFT(m),
		real:  newRealFFT(m),
		re:    make([]float32, m),
		im:    make([]float32, m),
		hann2: make([]float32, m),
		lines: make([]float32, m/2-1),
	}
	e.lo, e.hi = c.demodulated()
	for i := range e.hann2 {
		e.hann2[i] = mul32(hann[2*i], hann[2*i])
	}
	return e
}

// demodulate takes a channel's bins, fills lines and returns the mean of the envelope.
func (e *envelope) demodulate(re, im []float32) float32 {
	clear(e.re)
	clear(e.im)
	copy(e.re, re[e.lo:e.hi])
	copy(e.im, im[e.lo:e.hi])
	e.back.forward(e.im, e.re) // swapped: the inverse
	m := len(e.re)
	// Of the 2m samples' transform a sine of amplitude a is the analytic signal a e^ix
	// after division by m, and its mean square is a half of the square of that.
	norm := float32(0.5 / mul(float64(m), float64(m)))
	var sum float64
	for i := range m {
		v := mul32(mul32(e.re[i], e.re[i])+mul32(e.im[i], e.im[i]), norm)
		e.re[i] = v
		sum += float64(v)
	}
	// The squared Hann window has the mean 3/8. Taking away what a constant envelope would
	// be under it keeps the mean out of the first bins.
	area := mul(float64(m), 0.375)
	mean := float32(sum / area)
	for i := range m / 2 {
		even := e.re[2*i] - mul32(mean, e.hann2[2*i])
		odd := e.re[2*i+1] - mul32(mean, e.hann2[2*i+1])
		e.re[i], e.im[i] = even, odd
	}
	e.real.forward(e.re[:m/2], e.im[:m/2])
	return e.amplitudes(mean, float32(2/area))
}

// amplitudes fills lines from the bins; |x| by the exact square root.
func (e *envelope) amplitudes(mean, norm float32) float32 {
	for k := range e.lines {
		re, im := e.re[k+1], e.im[k+1]
		e.lines[k] = mul32(sqrt32(mul32(re, re)+mul32(im, im)), norm)
	}
	return mean
}
