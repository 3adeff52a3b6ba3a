package periphio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"kinglet/hal"

	"periph.io/x/conn/v3/gpio"
)

// InputOptions say how a GPIO line is read.
type InputOptions struct {
	Name     string        // of the source and of its one channel; the line's when empty
	Invert   bool          // a low line is 1
	Pull     gpio.Pull     // the zero value is gpio.Float, which leaves the line's bias alone
	Debounce time.Duration // how long a level must last; 0 takes every level
	// Rate, in samples a second, makes the source periodic; when 0 it delivers the level
	// at its start and then one sample for each change.
	Rate float64
}

// glance is how long a wait for an edge lasts before the source looks whether it is
// closed, and at the line's level, should an edge have been missed.
const glance = 100 * time.Millisecond

// input is a GPIO line as a source of 0 and 1.
type input struct {
	pin     gpio.PinIn
	opt     InputOptions
	info    hal.Info
	edges   bool // the line reports them
	stable  gpio.Level
	pending time.Time // since when the line differs from stable; zero when it does not
	started bool
	opened  time.Time
	seq     uint64

	closed chan struct{}
	once   sync.Once
}

// NewInput makes a line a source. A line that cannot report edges is looked at often
// enough for the debounce time, at most every millisecond.
func NewInput(pin gpio.PinIn, o InputOptions) (hal.Source, error) {
	if o.Name == "" {
		o.Name = pin.Name()
	}
	if o.Debounce < 0 || o.Debounce > 10*time.Second {
		return nil, fmt.Errorf("source %s: debounce: got %v, want 0 to 10s", o.Name, o.Debounce)
	}
	if !(o.Rate >= 0 && o.Rate <= 1000) {
		return nil, fmt.Errorf("source %s: rate: got %v, want 0 to 1000", o.Name, o.Rate)
	}
	s := &input{
		pin: pin, opt: o, edges: true,
		info:   hal.Info{Name: o.Name, Channels: []string{o.Name}, Rate: o.Rate},
		closed: make(chan struct{}),
	}
	if err := pin.In(o.Pull, gpio.BothEdges); err != nil {
		s.edges = false
		if err2 := pin.In(o.Pull, gpio.NoEdge); err2 != nil {
			return nil, fmt.Errorf("source %s: line %s: %w", o.Name, pin.Name(), errors.Join(err, err2))
		}
	}
	return s, nil
}

// Info describes one channel without a unit.
func (s *input) Info() hal.Info { return s.info }

// Close ends the source; a Read that waits ends within a tenth of a second. The process
// keeps the line, which may be opened again.
func (s *input) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// Read waits for the next change of the debounced level, or for the next sample.
func (s *input) Read(ctx context.Context, r *hal.Reading) error {
	if !s.started {
		s.started = true
		s.opened = time.Now()
		s.stable = s.pin.Read()
		s.deliver(r, s.opened)
		return s.err(ctx)
	}
	var due time.Time
	if s.opt.Rate > 0 {
		period := time.Duration(float64(time.Second) / s.opt.Rate)
		s.seq = max(s.seq, uint64(time.Since(s.opened)/period)) // what was missed is a gap
		due = s.opened.Add(time.Duration(s.seq) * period)
	}
	for {
		if err := s.err(ctx); err != nil {
			return err
		}
		changed, wait := s.look(time.Now())
		switch {
		case changed && due.IsZero():
			s.deliver(r, s.pending)
			s.pending = time.Time{}
			return nil
		case changed:
			s.pending = time.Time{}
			continue
		case !due.IsZero():
			left := time.Until(due)
			if left <= 0 {
				s.deliver(r, due)
				return nil
			}
			wait = min(wait, left)
		}
		s.wait(wait)
	}
}

// look moves the debouncing on. It reports whether the stable level has just changed,
// pending telling since when, and how long it may be until the next look.
func (s *input) look(now time.Time) (changed bool, wait time.Duration) {
	level := s.pin.Read()
	if level == s.stable {
		s.pending = time.Time{}
		return false, glance
	}
	if s.pending.IsZero() {
		s.pending = now
	}
	if left := s.opt.Debounce - now.Sub(s.pending); left > 0 {
		return false, min(left, glance)
	}
	s.stable = level
	return true, 0
}

// wait returns at an edge or after d. An edge while a change is pending means that the
// line bounced, so that its time begins anew.
func (s *input) wait(d time.Duration) {
	d = max(d, time.Microsecond) // periph takes 0 as for ever
	if !s.edges {
		time.Sleep(min(d, max(time.Millisecond, s.opt.Debounce/4)))
		return
	}
	if s.pin.WaitForEdge(d) {
		s.pending = time.Time{}
	}
}

func (s *input) err(ctx context.Context) error {
	select {
	case <-s.closed:
		return io.EOF
	default:
		return ctx.Err()
	}
}

func (s *input) deliver(r *hal.Reading, at time.Time) {
	v := float32(0)
	if bool(s.stable) != s.opt.Invert {
		v = 1
	}
	r.Samples = append(r.Samples[:0], v)
	r.Time, r.Seq = at, s.seq
	s.seq++
}
