// Package sim is a source of simulated samples: a three-axis accelerometer on the
// drive-end bearing of an electric motor.
//
// The motor is a model of its physics, not of recordings. The unbalance of the rotor
// pulls with m r w2, turning past the two radial axes; misalignment, looseness and the
// fan add harmonics of the shaft; the stator hums at twice the line frequency; rolling
// noise and the impacts of a damaged bearing ring the structure's resonances; load and
// speed drift and step. The sensor adds gravity, noise, clipping and rounding. Source
// gives the samples, State is the motor's condition and Options says which motor.
//
// A seed gives the same samples on every processor.
package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"kinglet/hal"
)

// Options say which motor is simulated and how. The zero value is a motor that stands
// still, read as fast as possible.
type Options struct {
	Name  string  // of the source; "motor" when empty
	Rate  float64 // samples a second, at least 100; 0 is 3200
	Block int     // frames that one Read delivers; 0 is 128
	Speed float64 // of the shaft at Load, in rpm; 0 is 1450
	Load  float64 // share of the rated load, 0 to 1; it drifts and steps about this
	State State   // at the start, settled
	Seed  uint64  // of the individual motor, its mounting, its faults and the noise

	// SNR is the ratio in dB of two mean squares, each the sum of the three axes: of the
	// motor's vibration at Speed and Load in its state, without gravity, and of the white
	// noise that is added to it. In state Off the noise keeps the level that it has in
	// state Normal. 0 is 20 dB; math.Inf(1) is no noise.
	SNR float64

	Line    float64  // frequency of the supply, in Hz; 0 is 50
	Bearing Geometry // zero is SKF6205
	Fault   Fault    // place of the bearing fault; zero draws it from the seed

	Range float64 // of the sensor, in g; 0 is 16
	LSB   float64 // resolution of the sensor, in g; 0 is Range/32768 (16 bits)

	// Pace is how many simulated seconds pass in a real one: 1 is real time, 0 as fast
	// as the reader reads.
	Pace  float64
	Start time.Time // of the first sample; zero is now with a Pace, else the Unix epoch
}

// withDefaults fills in what is zero and checks the rest.
func (o Options) withDefaults() (Options, error) {
	fill := func(x *float64, v float64) {
		if *x == 0 {
			*x = v
		}
	}
	if o.Name == "" {
		o.Name = "motor"
	}
	if o.Block == 0 {
		o.Block = 128
	}
	if o.Bearing == (Geometry{}) {
		o.Bearing = SKF6205()
	}
	fill(&o.Rate, 3200)
	fill(&o.Speed, 1450)
	fill(&o.SNR, 20)
	fill(&o.Line, 50)
	fill(&o.Range, 16)
	fill(&o.LSB, o.Range/32768)
	if o.Start.IsZero() {
		o.Start = time.Unix(0, 0).UTC()
		if o.Pace > 0 {
			o.Start = time.Now()
		}
	}
	return o, o.check()
}

// check lists every option that is out of its bounds.
func (o Options) check() error {
	var errs []error
	bound := func(name string, v, lo, hi float64) {
		if !(v >= lo && v <= hi) { // also false for NaN
			errs = append(errs, fmt.Errorf("%s: got %v, want %v to %v", name, v, lo, hi))
		}
	}
	bound("rate", o.Rate, 100, 100_000)
	bound("block", float64(o.Block), 1, 1<<20)
	bound("speed", o.Speed, 1, 60_000)
	bound("load", o.Load, 0, 1)
	bound("state", float64(o.State), 0, float64(Bearing))
	if !math.IsInf(o.SNR, 1) {
		bound("snr", o.SNR, -100, 200)
	}
	bound("line", o.Line, 1, 1000)
	bound("balls", float64(o.Bearing.Balls), 1, 1000)
	bound("ball diameter", o.Bearing.Ball, 1e-3, 1e6)
	bound("pitch diameter", o.Bearing.Pitch, o.Bearing.Ball, 1e6)
	bound("contact angle", o.Bearing.Contact, 0, 90)
	bound("fault", float64(o.Fault), 0, float64(BallFault))
	bound("range", o.Range, 1e-3, 1e6)
	bound("lsb", o.LSB, 1e-9, o.Range)
	bound("pace", o.Pace, 0, 1e6)
	return errors.Join(errs...)
}

// Source is the simulated accelerometer. Read is for one goroutine; SetState, State and
// Close may be called from any.
type Source struct {
	options Options
	motor   *motor
	sensor  sensor
	state   atomic.Uint32
	seq     uint64
	pacer   pacer

	closed chan struct{}
	once   sync.Once
}

var _ hal.Source = (*Source)(nil)

// New builds the motor that the options describe.
func New(o Options) (*Source, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("simulated motor: %w", err)
	}
	s := &Source{
		options: o,
		motor:   newMotor(o, o.State),
		pacer:   pacer{pace: o.Pace, rate: o.Rate},
		closed:  make(chan struct{}),
	}
	s.sensor = newSensor(o, s.motor.down)
	s.state.Store(uint32(o.State))
	return s, nil
}

// Info describes the three axes, in g.
func (s *Source) Info() hal.Info {
	return hal.Info{Name: s.options.Name, Channels: []string{"x", "y", "z"}, Unit: "g", Rate: s.options.Rate}
}

// SetState puts the motor into another state. It takes effect with the next block; speed
// and faults then follow within about three seconds. A value that is no State is ignored.
func (s *Source) SetState(state State) {
	if state <= Bearing {
		s.state.Store(uint32(state))
	}
}

// State is the state that was set last.
func (s *Source) State() State { return State(s.state.Load()) }

// Read fills r with the next block of Options.Block frames.
func (s *Source) Read(ctx context.Context, r *hal.Reading) error {
	if err := s.pacer.wait(ctx, s.closed, s.seq+uint64(s.options.Block)); err != nil {
		return err
	}
	n := axes * s.options.Block
	if cap(r.Samples) < n {
		r.Samples = make([]float32, n)
	}
	r.Samples = r.Samples[:n]
	r.Seq = s.seq
	r.Time = s.options.Start.Add(time.Duration(float64(s.seq) / s.options.Rate * float64(time.Second)))
	state := s.State()
	level := s.sensor.level(state)
	for i := 0; i < n; i += axes {
		s.sensor.sample(level, s.motor.step(state), r.Samples[i:i+axes])
	}
	s.seq += uint64(s.options.Block)
	return nil
}

// Close ends the source: a waiting Read and every later one return io.EOF.
func (s *Source) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// pacer holds a reader back to the pace of the simulated clock.
type pacer struct {
	pace, rate float64
	start      time.Time // real time of sample zero
}

// late is how far a reader may fall behind before the clock waits for it.
const late = time.Second

// wait returns when sample seq is due, the context is done or the source closed.
func (p *pacer) wait(ctx context.Context, closed <-chan struct{}, seq uint64) error {
	var due <-chan time.Time
	if p.pace > 0 {
		now := time.Now()
		if p.start.IsZero() {
			p.start = now
		}
		at := time.Duration(float64(seq) / p.rate / p.pace * float64(time.Second))
		left := p.start.Add(at).Sub(now)
		if left < -late {
			p.start = now.Add(-at)
		}
		if left > 0 {
			timer := time.NewTimer(left)
			defer timer.Stop()
			due = timer.C
		}
	}
	if due == nil {
		select {
		case <-closed:
			return io.EOF
		default:
			return ctx.Err()
		}
	}
	select {
	case <-closed:
		return io.EOF
	case <-ctx.Done():
		return ctx.Err()
	case <-due:
		return nil
	}
}
