package periphio

import (
	"errors"
	"testing"
	"testing/synctest"

	"kinglet/hal"

	"periph.io/x/conn/v3/i2c/i2ctest"
)

// TestTMP102Table is the 12-bit temperature data format of the TMP102's data sheet
// (SBOS397C, table 5), which is the TMP105's too.
func TestTMP102Table(t *testing.T) {
	c, err := newTMP102(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		code uint16 // right-aligned, as it is printed
		want float32
	}{
		{0x7ff, 127.9375}, {0x640, 100}, {0x500, 80}, {0x4b0, 75}, {0x320, 50}, {0x190, 25},
		{0x004, 0.25}, {0x000, 0}, {0xffc, -0.25}, {0xe70, -25}, {0xc90, -55},
	} {
		if got := c.(*lm).celsius(row.code << 4); got != row.want {
			t.Errorf("0x%03x: got %v, want %v", row.code, got, row.want)
		}
	}
}

func TestTMP102(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &i2ctest.Playback{DontPanic: true, Ops: []i2ctest.IO{
			{Addr: 0x4a, W: []byte{0x01, 0x60, 0xc0}},
			{Addr: 0x4a, W: []byte{0x01}, R: []byte{0x60, 0xe0}}, // AL reads 1
			{Addr: 0x4a, W: []byte{0x00}, R: []byte{0xe7, 0x00}},
			{Addr: 0x4a, W: []byte{0x00}, R: []byte{0x19, 0x00}},
			{Addr: 0x4a, W: []byte{0x00}, R: []byte{0xff, 0xff}},
		}}
		b := NewI2C("i2c-9", p)
		s, err := b.Open(Options{Model: "tmp102", Addr: 0x4a, Rate: 8})
		if err != nil {
			t.Fatal(err)
		}
		var r hal.Reading
		for _, want := range []float32{-25, 25} {
			if err := s.Read(t.Context(), &r); err != nil || r.Samples[0] != want {
				t.Fatalf("got %v, %v, want %v", r.Samples, err, want)
			}
		}
		if err := s.Read(t.Context(), &r); !errors.Is(err, ErrBadData) {
			t.Errorf("got %v of a floating bus, want bad data", err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestTMP105IsNoTMP102: it has one byte of configuration.
func TestTMP105IsNoTMP102(t *testing.T) {
	if _, err := first(t, tmp105Fake(25), 0x48, Options{Model: "tmp102"}); !errors.Is(err, ErrWrongChip) {
		t.Errorf("got %v, want the wrong chip", err)
	}
	r, err := first(t, tmp105Fake(-40), 0x48, Options{Model: "tmp105"})
	if err != nil || r.Samples[0] != -40 {
		t.Errorf("got %v, %v", r.Samples, err)
	}
}
