package periphio

import (
	"errors"
	"testing"
	"testing/synctest"

	"kinglet/hal"
)

// TestLSM303AccelScale: 1, 2, 4 and 12 mg a unit of 12 bits (DocID018771, table 3).
func TestLSM303AccelScale(t *testing.T) {
	for scale, want := range []float32{1, 2, 4, 12} {
		if got := lsmG(0x80, 0x3e, scale); got != want { // 0x3e8 is 1000
			t.Errorf("scale %d: got %v g, want %v", scale, got, want)
		}
	}
	if got := lsmG(0x00, 0xc0, 0); got != -1.024 {
		t.Errorf("got %v g, want -1.024", got)
	}
}

func TestLSM303Accel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fifo{registers: chipOf(), data: lsmAccel | lsmMoveOn, status: lsmFIFOSrc, depth: 31}
		c.mask = 0x7f
		c.lost = func(c *registers) { c.bytes[lsmFIFOSrc] |= lsmOverrun }
		s := open(t, &fakeBus{chips: map[uint16]fakeChip{0x19: c}}, Options{Model: "lsm303-accel", Rate: 200, Range: 4})
		c.feed(500<<4, -500<<4, 0)
		c.feed(2047<<4, -2048<<4, 1<<4)
		var r hal.Reading
		if err := s.Read(t.Context(), &r); err != nil {
			t.Fatal(err)
		}
		near(t, "accel", r.Samples, []float64{1, -1, 0, 4.094, -4.096, 0.002}, 1e-6)
		if c.bytes[lsmCtrl1] != 0x67 || c.bytes[lsmCtrl4] != 0x98 || c.bytes[lsmCtrl5] != 0x40 || c.bytes[lsmFIFOCtrl] != 0x90 {
			t.Errorf("got registers %x", c.bytes[0x20:0x2f])
		}
	})
	if _, err := first(t, &registers{ro: map[byte]bool{lsmCtrl1: true}}, 0x19, Options{Model: "lsm303-accel"}); !errors.Is(err, ErrWrongChip) {
		t.Errorf("got %v", err)
	}
}

// magFake moves its address as 5.1.3 says: from 0x08 back to 0x03, from 0x0c to 0x00.
func magFake(x, z, y int16) *registers {
	c := chipOf([]byte{magID, 'H', '4', '3'}, []byte{magRateReg, 0x10, 0x20, 0x03},
		[]byte{0x03, byte(x >> 8), byte(x), byte(z >> 8), byte(z), byte(y >> 8), byte(y)})
	c.next = func(reg byte) byte {
		switch reg {
		case 0x08:
			return 0x03
		case 0x0c:
			return 0x00
		}
		return reg + 1
	}
	return c
}

// TestLSM303Mag: the units a gauss of DocID018771, table 75, and the order x, z, y.
func TestLSM303Mag(t *testing.T) {
	for _, row := range []struct {
		scale  float64
		xy, z  int16
		config byte
	}{
		{130, 1100, 980, 0x20}, {190, 855, 760, 0x40}, {250, 670, 600, 0x60}, {400, 450, 400, 0x80},
		{470, 400, 355, 0xa0}, {560, 330, 295, 0xc0}, {810, 230, 205, 0xe0},
	} {
		c := magFake(row.xy, row.z, -row.xy)
		r, err := first(t, c, 0x1e, Options{Model: "lsm303-mag", Range: row.scale})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "one gauss", r.Samples, []float64{100, -100, 100}, 1e-4)
		if c.bytes[magGainReg] != row.config || c.bytes[magModeReg] != 0 {
			t.Errorf("%v uT: got registers %x", row.scale, c.bytes[:3])
		}
	}
}

func TestLSM303MagRefuses(t *testing.T) {
	if _, err := first(t, magFake(0, -4096, 0), 0x1e, Options{Model: "lsm303-mag"}); !errors.Is(err, ErrBadData) {
		t.Errorf("got %v of a saturated axis", err)
	}
	c := magFake(0, 0, 0)
	c.bytes[magID+1] = '5'
	if _, err := first(t, c, 0x1e, Options{Model: "lsm303-mag"}); !errors.Is(err, ErrWrongChip) {
		t.Errorf("got %v of another chip", err)
	}
}
