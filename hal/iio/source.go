package iio

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"kinglet/hal"
)

// Options say which device is read.
type Options struct {
	Name     string   // of the source; the device's when empty
	Device   string   // its name, "dps310", or its folder, "iio:device0" or "hwmon0"
	Channels []string // by name or label; empty is all
	Rate     float64  // samples a second, up to 100; 0 is 1
	Root     string   // "/" when empty
}

// source samples the files of a device. Any error makes the next Read look for the device
// anew: one that was unplugged comes back under another number.
type source struct {
	opt    Options
	info   hal.Info
	names  []string // of the channels, in order
	device Device   // empty when it is to be looked for
	start  time.Time
	ticks  uint64

	closed chan struct{}
	once   sync.Once
}

// Open makes a device a source. The device has to be there.
func Open(o Options) (hal.Source, error) {
	if o.Root == "" {
		o.Root = "/"
	}
	if o.Rate == 0 {
		o.Rate = 1
	}
	if o.Name == "" {
		o.Name = o.Device
	}
	if !(o.Rate >= 0.001 && o.Rate <= 100) {
		return nil, fmt.Errorf("source %s: rate: got %v, want 0.001 to 100", o.Name, o.Rate)
	}
	s := &source{opt: o, closed: make(chan struct{})}
	if err := s.look(); err != nil {
		return nil, fmt.Errorf("source %s: %w", o.Name, err)
	}
	s.info = hal.Info{Name: o.Name, Rate: o.Rate, Unit: s.device.Channels[0].Unit}
	for _, c := range s.device.Channels {
		s.names = append(s.names, c.Name)
		s.info.Channels = append(s.info.Channels, c.Name)
		s.info.Units = append(s.info.Units, c.Unit)
		if c.Unit != s.info.Unit {
			s.info.Unit = ""
		}
	}
	return s, nil
}

// look finds the device and picks its channels.
func (s *source) look() error {
	d, err := find(s.opt.Root, s.opt.Device)
	if err != nil {
		return err
	}
	want := s.names // once open, what was promised
	if want == nil {
		want = s.opt.Channels
	}
	if len(want) == 0 {
		s.device = d
		return nil
	}
	var picked []Channel
	for _, name := range want {
		i := slices.IndexFunc(d.Channels, func(c Channel) bool { return c.Name == name || c.Label == name })
		if i < 0 {
			var names []string
			for _, c := range d.Channels {
				names = append(names, c.Name)
			}
			return fmt.Errorf("device %q: channel %q: want one of %s", s.opt.Device, name, strings.Join(names, ", "))
		}
		picked = append(picked, d.Channels[i])
	}
	d.Channels = picked
	s.device = d
	return nil
}

// Info describes the channels.
func (s *source) Info() hal.Info { return s.info }

// Close ends the source.
func (s *source) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// Read waits for the next tick and reads all channels, one file after the other.
func (s *source) Read(ctx context.Context, r *hal.Reading) error {
	if err := s.tick(ctx); err != nil {
		return err
	}
	if s.device.Path == "" {
		if err := s.look(); err != nil {
			return err
		}
	}
	r.Samples = r.Samples[:0]
	r.Time, r.Seq = time.Now(), s.ticks-1
	for _, c := range s.device.Channels {
		v, err := number(filepath.Join(s.opt.Root, s.device.Path, c.value))
		sample := float32(float64(v+c.offset) * c.scale)
		if err == nil && sample-sample != 0 {
			err = fmt.Errorf("%s: got %v, which is too large", c.value, v)
		}
		if err != nil {
			s.device = Device{}
			r.Samples = r.Samples[:0]
			return fmt.Errorf("device %q: channel %s: %w", s.opt.Device, c.Name, err)
		}
		r.Samples = append(r.Samples, sample)
	}
	return nil
}

// tick waits until the next sample is due. Ticks that were missed are skipped.
func (s *source) tick(ctx context.Context) error {
	now := time.Now()
	if s.start.IsZero() {
		s.start = now
	}
	period := time.Duration(float64(time.Second) / s.opt.Rate)
	s.ticks = max(s.ticks, uint64(now.Sub(s.start)/period))
	t := time.NewTimer(max(0, s.start.Add(time.Duration(s.ticks)*period).Sub(now)))
	s.ticks++
	defer t.Stop()
	select {
	case <-s.closed:
		return io.EOF
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
	}
	select { // when several were due
	case <-s.closed:
		return io.EOF
	default:
		return ctx.Err()
	}
}
