package sim

import "math"

// sensor turns acceleration into what a digital accelerometer reports.
type sensor struct {
	noise  random
	down   [axes]float64
	sigma  float64    // g rms an axis, now
	levels [4]float64 // g rms an axis that each state asks for
	smooth float64    // part of the way to the level asked for that a sample goes
	limit  float64    // g
	lsb    float64    // g
}

// newSensor measures the noise-free motor in each state, so that the noise can have
// the power that the options ask for.
func newSensor(o Options, down [axes]float64) sensor {
	s := sensor{noise: newRandom(o.Seed, streamNoise), down: down, limit: o.Range, lsb: o.LSB}
	s.smooth = 1 / mul(change, o.Rate)
	for _, state := range States() {
		of := state
		if of == Off {
			of = Normal
		}
		s.levels[state] = noiseLevel(power(o, of), o.SNR)
	}
	s.sigma = s.levels[o.State]
	return s
}

// noiseLevel is the noise of one axis, in g rms, that stands ratio dB below a vibration
// of the given power, which is that of all axes together.
func noiseLevel(power, ratio float64) float64 {
	if math.IsInf(ratio, 1) {
		return 0
	}
	return math.Sqrt(mul(power/axes, exp(mul(ratio, -math.Ln10/10))))
}

// power is the mean square of the motor's vibration over two seconds in a state, in g2,
// the sum of all axes, without gravity.
func power(o Options, state State) float64 {
	m := newMotor(o, state)
	var sum float64
	frames := int(2 * o.Rate)
	settle := int(o.Rate / 10) // the resonances start from rest
	for i := range frames + settle {
		a := m.step(state)
		if i >= settle {
			for _, v := range a {
				sum += mul(v, v)
			}
		}
	}
	return sum / float64(frames)
}

// sample adds gravity and noise, clips to the range and rounds to the resolution.
func (s *sensor) sample(state State, a [axes]float64, out []float32) {
	s.sigma += mul(s.levels[state]-s.sigma, s.smooth)
	for i, v := range a {
		v += s.down[i] + mul(s.sigma, s.noise.normal())
		v = mul(math.Floor(v/s.lsb+0.5), s.lsb)
		out[i] = float32(min(max(v, -s.limit), s.limit-s.lsb))
	}
}
