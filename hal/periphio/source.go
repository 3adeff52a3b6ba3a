package periphio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"time"

	"kinglet/hal"
)

// source reads one chip. A chip without a FIFO is sampled by the clock and gives one
// frame a Read; one with a FIFO gives what has gathered. Any error makes the next Read
// start the chip anew, no sooner than its next sample would have been due.
type source struct {
	info   hal.Info
	bus    *Bus
	port   port
	chip   chip
	traits traits
	limit  time.Duration // of a visit
	setup  []step
	sample []step

	batch  *batch
	ready  bool
	gap    bool      // the chip was started anew since the last frame
	opened time.Time // when the first sample was due
	heard  time.Time // when the chip last had samples, or was started
	visits uint64    // ticks of the clock so far
	next   uint64    // sequence number that follows the last frame

	closed chan struct{}
	once   sync.Once
}

// Open makes a chip on the bus a source. It checks the options and does not touch the
// chip: that Read does, and tells then whether it is there and the right one. A bus
// gives each of its addresses to one source at a time.
func (b *Bus) Open(o Options) (hal.Source, error) {
	m, err := find(o.Model)
	if err != nil {
		return nil, err
	}
	if o.Name == "" {
		o.Name = m.name
	}
	fail := func(err error) error { return fmt.Errorf("source %s: %s: %w", o.Name, m.name, err) }
	switch {
	case b.spi && !m.spi:
		return nil, fail(errors.New("it has no SPI"))
	case b.spi:
		o.Addr = 0
	case o.Addr == 0:
		o.Addr = m.addrs[0]
	case !slices.Contains(m.addrs, o.Addr):
		return nil, fail(fmt.Errorf("address: got 0x%02x, want %s", o.Addr, hexList(m.addrs)))
	}
	if o.Timeout == 0 {
		o.Timeout = patience
	}
	if o.Timeout < time.Millisecond || o.Timeout > time.Minute {
		return nil, fail(fmt.Errorf("timeout: got %v, want 1ms to 1m", o.Timeout))
	}
	c, err := m.build(o)
	if err != nil {
		return nil, fail(err)
	}
	if err := b.claim(o.Addr, o.Name); err != nil {
		return nil, fail(err)
	}
	t := c.traits()
	s := &source{
		info:   hal.Info{Name: o.Name, Rate: t.rate},
		bus:    b,
		port:   port{bus: b, addr: o.Addr, multi: m.multi},
		chip:   c,
		traits: t,
		limit:  o.Timeout,
		setup:  c.setup(),
		sample: c.sample(),
		closed: make(chan struct{}),
	}
	s.info.Unit = t.channels[0].unit
	for _, ch := range t.channels {
		s.info.Channels = append(s.info.Channels, ch.name)
		s.info.Units = append(s.info.Units, ch.unit)
		if ch.unit != s.info.Unit {
			s.info.Unit = ""
		}
	}
	return s, nil
}

// Info describes the chip's channels.
func (s *source) Info() hal.Info { return s.info }

// Close ends the source and frees its address. The chip is left as it is.
func (s *source) Close() error {
	s.once.Do(func() {
		close(s.closed)
		s.bus.release(s.port.addr)
	})
	return nil
}

// silence is how long a chip may answer without new samples before it is started anew.
func (s *source) silence() time.Duration { return max(time.Second, 4*s.period()) }

// period is the time between two visits.
func (s *source) period() time.Duration {
	return time.Duration(float64(max(1, s.traits.burst)) / s.traits.rate * float64(time.Second))
}

// Read waits for the next sample of the chip, or for those that its FIFO has gathered.
func (s *source) Read(ctx context.Context, r *hal.Reading) error {
	for {
		if err := s.tick(ctx); err != nil {
			return err
		}
		err := s.visit(ctx)
		if err != nil {
			s.ready = false
			select {
			case <-s.closed:
				return io.EOF
			default:
			}
			if errors.Is(err, ErrClosed) {
				return io.EOF
			}
			return err
		}
		if len(s.batch.samples) > 0 {
			s.deliver(r, time.Now())
			return nil
		}
	}
}

// tick waits until the next visit is due. Ticks that were missed are skipped.
func (s *source) tick(ctx context.Context) error {
	now := time.Now()
	if s.opened.IsZero() {
		s.opened = now
	}
	period := s.period()
	if missed := uint64(now.Sub(s.opened) / period); missed > s.visits {
		s.visits = missed
	}
	due := s.opened.Add(time.Duration(s.visits) * period)
	s.visits++
	return s.pause(ctx, due.Sub(now))
}

// pause waits off the bus.
func (s *source) pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(max(0, d))
	defer t.Stop()
	select {
	case <-s.closed:
		return io.EOF
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
	}
	select { // when both were due
	case <-s.closed:
		return io.EOF
	default:
		return ctx.Err()
	}
}

// visit starts the chip where that is needed and takes a sample into s.batch.
func (s *source) visit(ctx context.Context) error {
	if !s.ready {
		if err := s.steps(ctx, s.setup, nil); err != nil {
			return err
		}
		s.ready, s.gap = true, s.next > 0
		s.heard = time.Now()
	}
	if s.batch == nil {
		s.batch = &batch{}
	}
	b := s.batch
	b.samples, b.overrun = b.samples[:0], false
	if err := s.steps(ctx, s.sample, b); err != nil {
		s.batch = nil // the bus may still write to it
		return err
	}
	if len(b.samples) > 0 {
		s.heard = time.Now()
		return s.check(b.samples)
	}
	if quiet := time.Since(s.heard); quiet > s.silence() {
		return s.port.errorf(noRegister, "%w for %v", ErrSilent, quiet.Round(time.Millisecond))
	}
	return nil
}

func (s *source) steps(ctx context.Context, list []step, b *batch) error {
	for _, st := range list {
		if err := s.bus.visit(ctx, s.limit, &s.port, func(p *port) error { return st.run(p, b) }); err != nil {
			return err
		}
		if st.wait > 0 {
			if err := s.pause(ctx, st.wait); err != nil {
				return err
			}
		}
	}
	return nil
}

// check refuses what the chip cannot measure.
func (s *source) check(samples []float32) error {
	n := len(s.traits.channels)
	if len(samples)%n != 0 {
		return s.port.errorf(noRegister, "%w: %d values of %d channels", ErrBadData, len(samples), n)
	}
	for i, v := range samples {
		c := &s.traits.channels[i%n]
		if x := float64(v); math.IsNaN(x) || x < c.min || x > c.max {
			return s.port.errorf(noRegister, "%w: %s: got %v %s, want %v to %v", ErrBadData, c.name, v, c.unit, c.min, c.max)
		}
	}
	return nil
}

// deliver moves the batch into a reading. Without a FIFO the clock's ticks number the
// frames; with one they are counted, and what was lost is filled up by the clock.
func (s *source) deliver(r *hal.Reading, now time.Time) {
	r.Samples = append(r.Samples[:0], s.batch.samples...)
	frames := uint64(r.Frames(len(s.traits.channels)))
	r.Time, r.Seq = now, s.visits-1
	if s.traits.burst > 0 {
		r.Time = now.Add(-time.Duration(float64(frames-1) / s.traits.rate * float64(time.Second)))
		r.Seq = s.next
		if s.batch.overrun || s.gap {
			passed := r.Time.Sub(s.opened).Seconds() * s.traits.rate
			r.Seq = max(s.next+1, uint64(max(0, passed)))
		}
	}
	s.next, s.gap = r.Seq+frames, false
}
