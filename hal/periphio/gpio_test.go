package periphio

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"kinglet/hal"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpiotest"
)

func TestInputDebounces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pin := &gpiotest.Pin{N: "GPIO27", EdgesChan: make(chan gpio.Level, 100)}
		s, err := NewInput(pin, InputOptions{Debounce: 20 * time.Millisecond, Name: "door"})
		if err != nil {
			t.Fatal(err)
		}
		var r hal.Reading
		if err := s.Read(t.Context(), &r); err != nil || r.Samples[0] != 0 || r.Seq != 0 {
			t.Fatalf("at the start: got %v, %v", r.Samples, err)
		}
		began := time.Now()
		go func() {
			edge := func(l gpio.Level, after time.Duration) {
				time.Sleep(after)
				pin.EdgesChan <- l
			}
			edge(gpio.High, time.Second) // a glitch
			edge(gpio.Low, 5*time.Millisecond)
			edge(gpio.High, time.Second) // bounces until 2.020
			edge(gpio.Low, 5*time.Millisecond)
			edge(gpio.High, 5*time.Millisecond)
			edge(gpio.High, 5*time.Millisecond)
			edge(gpio.Low, time.Second)
		}()
		for i, want := range []struct {
			v  float32
			at time.Duration
		}{{1, 2020 * time.Millisecond}, {0, 3020 * time.Millisecond}} {
			if err := s.Read(t.Context(), &r); err != nil {
				t.Fatal(err)
			}
			if at := r.Time.Sub(began); r.Samples[0] != want.v || at != want.at || r.Seq != uint64(i+1) {
				t.Errorf("change %d: got %v at %v, sequence %d, want %v at %v", i, r.Samples, at, r.Seq, want.v, want.at)
			}
		}
		time.AfterFunc(time.Minute, func() { _ = s.Close() })
		if err := s.Read(t.Context(), &r); !errors.Is(err, io.EOF) {
			t.Errorf("got %v after Close, want io.EOF", err)
		}
	})
}

// TestInputWithoutEdges polls a line that cannot report them.
func TestInputWithoutEdges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pin := &gpiotest.Pin{N: "GPIO27", L: gpio.High}
		s, err := NewInput(pin, InputOptions{Debounce: 20 * time.Millisecond, Invert: true})
		if err != nil {
			t.Fatal(err)
		}
		var r hal.Reading
		if err := s.Read(t.Context(), &r); err != nil || r.Samples[0] != 0 {
			t.Fatalf("got %v, %v", r.Samples, err)
		}
		time.AfterFunc(time.Second, func() { _ = pin.Out(gpio.Low) })
		if err := s.Read(t.Context(), &r); err != nil || r.Samples[0] != 1 {
			t.Errorf("got %v, %v", r.Samples, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Read(ctx, &r); err != context.DeadlineExceeded {
			t.Errorf("got %v, want the context's error", err)
		}
	})
}

func TestInputPeriodic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pin := &gpiotest.Pin{N: "GPIO27", EdgesChan: make(chan gpio.Level, 100)}
		s, err := NewInput(pin, InputOptions{Rate: 10, Debounce: 30 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		if i := s.Info(); i.Rate != 10 || i.Name != "GPIO27" || len(i.Channels) != 1 {
			t.Errorf("got info %+v", i)
		}
		began := time.Now()
		time.AfterFunc(450*time.Millisecond, func() { pin.EdgesChan <- gpio.High })
		var r hal.Reading
		for i := range 10 {
			if err := s.Read(t.Context(), &r); err != nil {
				t.Fatal(err)
			}
			want := float32(0)
			if i >= 5 {
				want = 1
			}
			if at := r.Time.Sub(began); r.Samples[0] != want || r.Seq != uint64(i) || at != time.Duration(i)*100*time.Millisecond {
				t.Errorf("sample %d: got %v at %v, sequence %d", i, r.Samples, at, r.Seq)
			}
		}
	})
}

// brokenPin is a line that somebody else has.
type brokenPin struct{ gpiotest.Pin }

func (p *brokenPin) In(gpio.Pull, gpio.Edge) error {
	return errors.New("device or resource busy")
}

func (p *brokenPin) Out(gpio.Level) error { return errors.New("device or resource busy") }

func TestLineRefused(t *testing.T) {
	pin := &brokenPin{gpiotest.Pin{N: "GPIO17"}}
	if _, err := NewInput(pin, InputOptions{Name: "door"}); err == nil {
		t.Error("a line in use was read")
	}
	if _, err := NewOutput(pin, OutputOptions{Name: "relay"}); err == nil || err.Error() != "output relay: line GPIO17: device or resource busy" {
		t.Errorf("got %v", err)
	}
	for _, o := range []InputOptions{{Debounce: -1}, {Debounce: time.Hour}, {Rate: -1}, {Rate: 1e6}} {
		if _, err := NewInput(&gpiotest.Pin{}, o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

func TestOutput(t *testing.T) {
	for _, row := range []struct {
		o             OutputOptions
		safe, on, off gpio.Level
	}{
		{OutputOptions{}, gpio.Low, gpio.High, gpio.Low},
		{OutputOptions{Invert: true}, gpio.High, gpio.Low, gpio.High},
		{OutputOptions{Safe: true}, gpio.High, gpio.High, gpio.Low},
		{OutputOptions{Safe: true, Invert: true}, gpio.Low, gpio.Low, gpio.High},
	} {
		pin := &gpiotest.Pin{N: "GPIO17", L: !row.safe}
		o, err := NewOutput(pin, row.o)
		if err != nil {
			t.Fatal(err)
		}
		level := func(when string, want gpio.Level) {
			t.Helper()
			if got := pin.Read(); got != want {
				t.Errorf("%+v: %s: got %v, want %v", row.o, when, got, want)
			}
		}
		level("at the start", row.safe)
		for _, on := range []bool{true, false, true} {
			if err := o.Set(t.Context(), on); err != nil {
				t.Fatal(err)
			}
			if on {
				level("on", row.on)
			} else {
				level("off", row.off)
			}
		}
		for range 2 {
			if err := o.Safe(); err != nil {
				t.Fatal(err)
			}
			level("safe", row.safe)
		}
		for _, on := range []bool{true, false} { // a Set that comes late
			if err := o.Set(t.Context(), on); !errors.Is(err, ErrSafe) {
				t.Errorf("got %v after Safe", err)
			}
			level("late", row.safe)
		}
	}
}
