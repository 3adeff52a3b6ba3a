package sim

import "math"

// sensor turns acceleration into what a digital accelerometer reports.
type sensor struct {
	options Options
	noise   random
	down    [axes]float64
	sigma   float64    // g rms an axis, now
	levels  [4]float64 // g rms an axis that each state asks for; below 0 until it is measured
	smooth  float64    // part of the way to the level asked for that a sample goes
	limit   float64    // g
	lsb     float64    // g
}

func newSensor(o Options, down [axes]float64) sensor {
	s := sensor{options: o, noise: newRandom(o.Seed, streamNoise), down: down, limit: o.Range, lsb: o.LSB}
	s.smooth = 1 / mul(change, o.Rate)
	for i := range s.levels {
		s.levels[i] = -1
	}
	s.sigma = s.level(o.State)
	return s
}

// level is the noise that a state asks for, in g rms an axis: Off asks for that of Normal.
// The first time it measures the noise-free motor in that state.
func (s *sensor) level(state State) float64 {
	if state == Off {
		state = Normal
	}
	if s.levels[state] < 0 {
		s.levels[state] = noiseLevel(power(s.options, state), s.options.SNR)
	}
	return s.levels[state]
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

// sample adds gravity and noise, clips to the range and rounds to the resolution. The
// noise moves smoothly to a level.
func (s *sensor) sample(level float64, a [axes]float64, out []float32) {
	s.sigma += mul(level-s.sigma, s.smooth)
	for i, v := range a {
		v += s.down[i] + mul(s.sigma, s.noise.normal())
		v = mul(math.Floor(v/s.lsb+0.5), s.lsb)
		out[i] = float32(min(max(v, -s.limit), s.limit-s.lsb))
	}
}
