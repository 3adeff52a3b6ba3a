package periphio

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kinglet/hal"
)

// TestPulledOut takes a sensor away and puts another one of its kind in its place, which
// has the settings of a chip that was just switched on.
func TestPulledOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeBus{chips: map[uint16]fakeChip{0x76: bme280Fake()}}
		s := open(t, f, Options{Model: "bme280", Rate: 2})
		var r hal.Reading
		read := func(want error) {
			t.Helper()
			if err := s.Read(t.Context(), &r); !errors.Is(err, want) {
				t.Fatalf("got %v, want %v", err, want)
			}
		}
		read(nil)
		read(nil)
		f.set(func() { delete(f.chips, 0x76) })
		began := time.Now()
		for range 4 {
			read(ErrNoAnswer)
		}
		if took := time.Since(began); took < 1500*time.Millisecond {
			t.Errorf("four tries took %v: the reader spins", took)
		}
		seq := r.Seq
		f.set(func() { f.chips[0x76] = bme280Fake() })
		read(nil)
		if r.Seq != seq+5 {
			t.Errorf("got sequence %d after %d and four missing", r.Seq, seq)
		}
		// Out and in again between two visits: no transfer fails, but nothing is set.
		f.set(func() { f.chips[0x76] = bme280Fake() })
		read(ErrSettings)
		read(nil)
	})
}

// TestSilentChip: a chip that answers without ever having new samples is started anew.
func TestSilentChip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := adxlFake()
		s := open(t, &fakeBus{chips: map[uint16]fakeChip{0x53: c}}, Options{Model: "adxl345"})
		var r hal.Reading
		err := s.Read(t.Context(), &r)
		if !errors.Is(err, ErrSilent) || !strings.Contains(err.Error(), "i2c-9: 0x53: no new samples for") {
			t.Fatalf("got %v", err)
		}
		c.feed(1, 2, 3)
		if err := s.Read(t.Context(), &r); err != nil || r.Frames(3) != 1 {
			t.Errorf("got %v, %v", r.Samples, err)
		}
	})
}

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, &fakeBus{chips: map[uint16]fakeChip{0x48: tmp105Fake(20)}}, Options{Model: "tmp105", Rate: 4, Name: "box"})
		if i := s.Info(); i.Name != "box" || i.Rate != 4 || i.Unit != "°C" || len(i.Channels) != 1 || i.Channels[0] != "temperature" {
			t.Errorf("got info %+v", i)
		}
		var r hal.Reading
		var before hal.Reading
		for i := range 10 {
			if err := s.Read(t.Context(), &r); err != nil {
				t.Fatal(err)
			}
			if i > 2 && (r.Time.Sub(before.Time) != 250*time.Millisecond || r.Seq != before.Seq+1) {
				t.Errorf("sample %d: %v and sequence %d after sequence %d", i, r.Time.Sub(before.Time), r.Seq, before.Seq)
			}
			before.Time, before.Seq = r.Time, r.Seq
		}
		time.Sleep(10 * time.Second) // a reader that slept sees a gap, not a flood
		if err := s.Read(t.Context(), &r); err != nil || r.Seq < before.Seq+38 {
			t.Errorf("got sequence %d after %d and ten seconds, %v", r.Seq, before.Seq, err)
		}
		time.AfterFunc(time.Millisecond, func() { _ = s.Close() })
		if err := s.Read(t.Context(), &r); !errors.Is(err, io.EOF) {
			t.Errorf("got %v from a Read during Close, want io.EOF", err)
		}
	})
}

func TestOptions(t *testing.T) {
	b := NewI2C("i2c-9", &fakeBus{})
	defer b.Close()
	for _, row := range []struct {
		o    Options
		want string
	}{
		{Options{Model: "bme288"}, `chip "bme288": want one of ad`},
		{Options{Model: "tmp102", Addr: 0x50}, "source tmp102: tmp102: address: got 0x50, want 0x48, 0x49, 0x4a, 0x4b"},
		{Options{Model: "tmp102", Rate: 50}, "rate: got 50, want 0.01 to 8"},
		{Options{Model: "adxl345", Rate: 110}, "rate: got 110, want one of 6.25, 12.5, 25, 50, 100"},
		{Options{Model: "adxl345", Range: 3}, "range: got 3, want one of 2, 4, 8, 16"},
		{Options{Model: "mpu6050", Rate: 300}, "rate: got 300, want 1000 divided by a whole number, such as 333.3"},
		{Options{Model: "ads1115", Inputs: []string{"4"}}, `input "4": want one of 0-1, 0-3, 1-3, 2-3, 0, 1, 2, 3`},
		{Options{Model: "ads1115", Inputs: []string{"1", "1"}}, `input "1": named twice`},
		{Options{Model: "ina219", Range: 5}, "range: 5 A over 0.1 ohm is 0.5 V, want up to 0.32 V"},
		{Options{Model: "ina219", Range: 1e-3, Shunt: 1e-3}, "calibration"},
		{Options{Model: "lm75", Timeout: time.Hour}, "timeout: got 1h0m0s, want 1ms to 1m"},
	} {
		if _, err := b.Open(row.o); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%+v: got %v, want %s", row.o, err, row.want)
		}
	}
}
