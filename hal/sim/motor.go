package sim

import "math"

const (
	gravity   = 9.80665 // m/s2 in one g
	ratedHz   = 25.0    // shaft frequency at which strengths are given: 1500 rpm
	harmonics = 9       // of the shaft, the fan's blade pass among them
	micron    = 1e-6    // metres
	droop     = 0.03    // loss of speed from no load to full load (slip)
	runUp     = 0.7     // time constant of the speed under power, in s
	runDown   = 1.0     // time constant of the speed without power, in s
	friction  = 3.0     // deceleration by dry friction, in Hz/s
	change    = 0.6     // time constant at which a fault grows or is repaired, in s
	loadLag   = 0.25    // time constant at which the load follows its steps, in s
	loadStep  = 6.0     // mean time between load steps, in s
	drift     = 4.0     // time constant of the slow drift of speed and load, in s
)

// build is what makes one motor with its sensor different from the next of its kind.
// Displacements are those that unbalance per mass would have; accelerations follow
// with the square of the angular frequency.
type build struct {
	mount    float64                         // gain of the mounting and of the sensor's place
	residual float64                         // m; a well balanced rotor, near ISO 21940-11 grade G 6.3
	heavy    float64                         // m; what the imbalance state adds (ISO 10816-1 zones C and D)
	spot     [2]float64                      // direction of the added unbalance, as cosine and sine
	stiff    float64                         // ratio of the vertical to the horizontal radial response
	lines    [axes][harmonics + 1][2]float64 // m; misalignment, looseness and fan, by order, cosine and sine
	hum      [axes]float64                   // g at twice the line frequency under full load
	rough    float64                         // g rms of rolling and flow noise at rated speed
	impact   float64                         // g of a bearing impact at rated speed and full load
	down     [axes]float64                   // direction of gravity
	modes    [2]mode
	striker  striker
}

// newBuild draws a motor from its seed.
func newBuild(o Options) build {
	r := newRandom(o.Seed, streamBuild)
	var b build
	b.mount = r.ratio(-0.6, 0.6)                // 0.55 to 1.8
	b.residual = mul(r.ratio(1.4, 2.4), micron) // 4 to 11
	b.heavy = mul(r.ratio(3.95, 4.9), micron)   // 52 to 134: 6 to 15 mm/s rms at 1500 rpm
	sin, cos := sincos(r.unit())
	b.spot = [2]float64{cos, sin}
	b.stiff = r.between(0.6, 1)
	line := func(axis, order int, logLo, logHi float64) {
		a := mul(r.ratio(logLo, logHi), micron)
		sin, cos := sincos(r.unit())
		b.lines[axis][order][0] += mul(a, cos)
		b.lines[axis][order][1] += mul(a, sin)
	}
	blades := 5 + int(r.pcg.Uint64()%5)
	for axis := range axes {
		line(axis, 2, 0.7, 2.3) // parallel and angular misalignment
		line(axis, 3, 0, 1.6)
		line(axis, 4, -1, 0.7) // looseness
		line(axis, 5, -1, 0.7)
		line(axis, 6, -1, 0.7)
		line(axis, blades, 0, 1.4)
	}
	line(2, 1, 0, 1.6) // angular misalignment shows along the shaft
	for axis := range axes {
		b.hum[axis] = r.ratio(-5.3, -3.5) // 5 to 30 mg
	}
	b.rough = r.ratio(-5.3, -3.7)  // 5 to 25 mg
	b.impact = r.ratio(-1.7, -0.5) // 0.18 to 0.6 g
	b.modes[0] = newMode(r.between(720, 980), r.between(0.02, 0.05), o.Rate, [axes]float64{r.between(0.6, 1), r.between(0.4, 1), r.between(0.1, 0.4)})
	b.modes[1] = newMode(r.between(1060, 1380), r.between(0.02, 0.05), o.Rate, [axes]float64{r.between(0.2, 0.7), r.between(0.3, 0.8), r.between(0.4, 0.9)})
	b.down = tilted(r.between(-0.03, 0.03), r.between(-0.03, 0.03))
	fault := o.Fault
	if drawn := 1 + Fault(r.pcg.Uint64()%3); fault == AnyFault {
		fault = drawn
	}
	b.striker = newStriker(o.Bearing, fault, r)
	return b
}

// tilted is the direction of gravity for a y axis that points up but for small
// rotations about z and x, in turns.
func tilted(aboutZ, aboutX float64) [axes]float64 {
	sz, cz := sincos(aboutZ)
	sx, cx := sincos(aboutX)
	return [axes]float64{sz, mul(cz, cx), mul(cz, sx)}
}

// motor is the moving machine, without the sensor's noise.
type motor struct {
	build
	options Options
	motion  random

	hertz  float64 // of the shaft
	theta  float64 // of the shaft, in turns
	line   float64 // phase of twice the line, in turns
	power  float64 // 0 without supply, 1 with
	heavyW float64 // share of the imbalance fault that has grown, 0 to 1
	faultW float64 // share of the bearing fault that has grown, 0 to 1
	load   float64
	shift  float64    // last load step
	wander [2]float64 // slow drift of speed and load, about 1
	dt     float64
}

// newMotor is a motor that has run in a state for long.
func newMotor(o Options, state State) *motor {
	m := &motor{build: newBuild(o), options: o, motion: newRandom(o.Seed, streamMotion), dt: 1 / o.Rate}
	m.load = o.Load
	m.theta, m.line = m.motion.unit(), m.motion.unit()
	m.wander = [2]float64{m.motion.normal(), m.motion.normal()}
	if state.running() {
		m.power, m.hertz = 1, o.Speed/60
	}
	m.heavyW, m.faultW = weight(state == Imbalance), weight(state == Bearing)
	return m
}

func weight(on bool) float64 {
	if on {
		return 1
	}
	return 0
}

// approach moves x toward a target with a time constant.
func (m *motor) approach(x, target, seconds float64) float64 {
	return x + mul(target-x, m.dt/seconds)
}

// step advances by one sample and returns the vibration, in g, without gravity.
func (m *motor) step(state State) [axes]float64 {
	m.turn(state)
	turns := mul(m.hertz, m.dt)
	m.theta = frac(m.theta + turns)
	m.line = frac(m.line + mul(mul(2, m.options.Line), m.dt))

	var a [axes]float64
	m.rotation(&a)
	sin, cos := sincos(m.line)
	strength := mul(m.power, 0.5+mul(0.5, m.load))
	a[0] += mul(mul(m.hum[0], strength), cos)
	a[1] += mul(mul(m.hum[1], strength), sin)
	a[2] += mul(mul(m.hum[2], strength), mul(0.3, cos))
	m.structure(&a, turns)
	for i := range a {
		a[i] = mul(a[i], m.mount)
	}
	return a
}

// turn lets speed, load and faults follow the state.
func (m *motor) turn(state State) {
	kick := math.Sqrt(2 * m.dt / drift)
	for i := range m.wander {
		m.wander[i] = m.approach(m.wander[i], 0, drift) + mul(kick, m.motion.normal())
	}
	if m.motion.unit() < m.dt/loadStep {
		m.shift = m.motion.between(-0.15, 0.15)
	}
	load := m.options.Load + m.shift + mul(0.03, m.wander[1])
	m.load = m.approach(m.load, min(max(load, 0), 1), loadLag)

	if state.running() {
		slip := 1 - mul(droop, m.load-m.options.Load) + mul(0.002, m.wander[0])
		m.hertz = m.approach(m.hertz, mul(m.options.Speed/60, slip), runUp)
	} else {
		m.hertz = max(m.approach(m.hertz, 0, runDown)-mul(friction, m.dt), 0)
	}
	m.power = m.approach(m.power, weight(state.running()), 0.05)
	m.heavyW = m.approach(m.heavyW, weight(state == Imbalance), change)
	m.faultW = m.approach(m.faultW, weight(state == Bearing), change)
}

// rotation adds the shaft's harmonics. An unbalance pulls with m r w2 along x at angle
// theta and along y a quarter turn later; the other orders grow with speed alike, and
// with the torque that the coupling carries.
func (m *motor) rotation(a *[axes]float64) {
	if m.hertz == 0 {
		return
	}
	omega := mul(2*math.Pi, m.hertz)
	square := mul(omega, omega) / gravity // g for a metre
	sin, cos := sincos(m.theta)

	heavy := mul(m.heavy, m.heavyW)
	re := m.residual + mul(heavy, m.spot[0])
	im := mul(heavy, m.spot[1])
	x := mul(re, cos) - mul(im, sin)
	y := mul(re, sin) + mul(im, cos)
	a[0] += mul(square, x)
	a[1] += mul(mul(square, m.stiff), y)
	a[2] += mul(mul(square, 0.06), x)

	torque := mul(square, 0.5+m.load)
	kc, ks := 1.0, 0.0
	for k := 1; k <= harmonics; k++ {
		kc, ks = mul(kc, cos)-mul(ks, sin), mul(kc, sin)+mul(ks, cos)
		if mul(float64(k), m.hertz) > mul(0.45, m.options.Rate) {
			break
		}
		for axis := range axes {
			l := &m.lines[axis][k]
			a[axis] += mul(torque, mul(l[0], kc)-mul(l[1], ks))
		}
	}
}

// structure adds the resonances, driven by rolling noise and by bearing impacts.
func (m *motor) structure(a *[axes]float64, turns float64) {
	speed := m.hertz / ratedHz
	push := mul(mul(m.rough, speed), 0.7+mul(0.6, m.load))
	strength, ago := m.striker.strike(turns, m.load, m.motion)
	strength = mul(mul(strength, m.impact), mul(m.faultW, mul(speed, 0.4+mul(0.6, m.load))))
	for i := range m.modes {
		d := &m.modes[i]
		if !d.resolved {
			continue
		}
		d.step(mul(push, m.motion.normal()))
		if strength != 0 {
			d.hit(strength, ago)
		}
		for axis := range axes {
			a[axis] += mul(d.im, d.toward[axis])
		}
	}
}
