package sim

import "math"

// Geometry describes a rolling bearing whose inner race turns with the shaft.
type Geometry struct {
	Balls   int
	Ball    float64 // diameter of a ball, in mm
	Pitch   float64 // diameter of the circle of ball centres, in mm
	Contact float64 // contact angle, in degrees
}

// SKF6205 is the deep-groove ball bearing of the Case Western Reserve University
// bearing data (drive end, 6205-2RS JEM): nine balls of 0.3126 in on 1.537 in.
func SKF6205() Geometry { return Geometry{Balls: 9, Ball: 7.940, Pitch: 39.040} }

// Orders are the fault frequencies of a bearing in multiples of the shaft's frequency.
type Orders struct {
	BPFO float64 // a ball passes a point of the outer race
	BPFI float64 // a ball passes a point of the inner race
	BSF  float64 // a ball turns about itself; a fault on it strikes twice a turn
	FTF  float64 // the cage turns
}

// Orders gives the kinematic fault frequencies: Randall and Antoni, "Rolling element
// bearing diagnostics: a tutorial", Mech. Syst. Signal Process. 25 (2011), eqs 1 to 4.
func (g Geometry) Orders() Orders {
	_, cos := sincos(g.Contact / 360)
	ratio := mul(g.Ball/g.Pitch, cos)
	n := float64(g.Balls) / 2
	return Orders{
		BPFO: mul(n, 1-ratio),
		BPFI: mul(n, 1+ratio),
		BSF:  mul(g.Pitch/(2*g.Ball), 1-mul(ratio, ratio)),
		FTF:  mul(0.5, 1-ratio),
	}
}

// Fault is the place of a local bearing fault.
type Fault uint8

// The places of a fault.
const (
	AnyFault  Fault = iota // drawn from the seed
	OuterRace              // strikes at BPFO, always in the load zone
	InnerRace              // strikes at BPFI, carried through the load zone once a turn
	BallFault              // strikes at 2 BSF, carried through the load zone by the cage
)

// striker makes the train of impacts of one fault. Balls slip, so the distance between
// impacts is random and its errors add up: Antoni and Randall, "A stochastic model for
// simulation and diagnostics of rolling element bearings with localized faults",
// J. Vib. Acoust. 125 (2003).
type striker struct {
	fault  Fault
	order  float64 // impacts a turn of the shaft
	zone   float64 // turns of the fault's place about the load, a turn of the shaft
	jitter float64 // standard deviation of the distance, in parts of it
	passed float64 // distance since the last impact
	next   float64 // distance at which the next one comes
	place  float64 // of the fault, in turns from the centre of the load zone
	odd    bool    // the ball strikes the other race
}

func newStriker(g Geometry, fault Fault, build random) striker {
	o := g.Orders()
	s := striker{fault: fault, next: build.unit(), jitter: build.between(0.005, 0.02)}
	slip := 1 - build.between(0, 0.015) // the cage lags behind pure rolling
	switch fault {
	case InnerRace:
		s.order, s.zone = mul(o.BPFI, slip), 1
	case BallFault:
		s.order, s.zone = mul(mul(2, o.BSF), slip), mul(o.FTF, slip)
	default:
		s.order = mul(o.BPFO, slip)
	}
	if s.zone != 0 {
		s.place = build.unit()
	}
	return s
}

// strike advances the fault by a step of the shaft, in turns. When an impact falls
// into the step, it returns the impact's strength about 1 and how long ago it was in
// parts of the step; else strength 0.
func (s *striker) strike(turns, load float64, motion random) (strength, ago float64) {
	step := mul(turns, s.order)
	s.passed += step
	s.place = frac(s.place + mul(turns, s.zone))
	if s.passed < s.next || step == 0 {
		return 0, 0
	}
	s.passed -= s.next
	ago = s.passed / step
	if ago > 1 {
		ago = 1
	}
	s.next = 1 + mul(s.jitter, motion.normal())
	strength = mul(loadZone(s.place, load), 1+mul(0.1, motion.normal()))
	if s.fault == BallFault {
		s.odd = !s.odd
		if s.odd {
			strength = mul(strength, 0.8)
		}
	}
	return strength, ago
}

// loadZone is the share of the radial load on a ball at an angle of turns from the
// load's direction: Stribeck's distribution with ball exponent 3/2, as in McFadden and
// Smith, "Model for the vibration produced by a single point defect in a rolling
// element bearing", J. Sound Vib. 96 (1984). More load widens the zone.
func loadZone(turns, load float64) float64 {
	epsilon := 0.35 + mul(0.25, load)
	_, cos := sincos(turns)
	q := 1 - (1-cos)/mul(2, epsilon)
	if q <= 0 {
		return 0
	}
	return mul(q, math.Sqrt(q))
}
