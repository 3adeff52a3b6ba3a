package sim

import "math"

// axes of the accelerometer: x and y radial, 90 degrees apart, z along the shaft.
const axes = 3

// mode is a lightly damped structural resonance. Its state is the complex amplitude
// of a decaying rotation, exact between samples, so that an impact may fall anywhere
// between two of them.
type mode struct {
	re, im   float64
	turnRe   float64 // one sample of decay and rotation
	turnIm   float64
	decay    float64 // of the amplitude, a sample
	cycles   float64 // of the damped oscillation, a sample
	rough    float64 // excitation by rolling noise for an output of 1 rms
	toward   [axes]float64
	resolved bool // below the sensor's bandwidth
}

// newMode builds a resonance at hertz with the given share of critical damping.
func newMode(hertz, damping, rate float64, toward [axes]float64) mode {
	m := mode{toward: toward, resolved: hertz < mul(0.45, rate)}
	m.decay = mul(2*math.Pi, mul(damping, hertz)) / rate
	m.cycles = mul(hertz, math.Sqrt(1-mul(damping, damping))) / rate
	m.turnRe, m.turnIm = m.after(1)
	m.rough = math.Sqrt(mul(2, 1-exp(mul(-2, m.decay))))
	return m
}

// after is what a unit impact has become after a number of samples.
func (m *mode) after(samples float64) (re, im float64) {
	a := exp(-mul(m.decay, samples))
	sin, cos := sincos(mul(m.cycles, samples))
	return mul(a, cos), mul(a, sin)
}

// step advances by one sample under a steady push and returns the acceleration.
func (m *mode) step(push float64) float64 {
	re := mul(m.re, m.turnRe) - mul(m.im, m.turnIm)
	m.im = mul(m.re, m.turnIm) + mul(m.im, m.turnRe)
	m.re = re + mul(push, m.rough)
	return m.im
}

// hit adds an impact that happened ago samples before now.
func (m *mode) hit(strength, ago float64) {
	re, im := m.after(ago)
	m.re += mul(strength, re)
	m.im += mul(strength, im)
}
