package periphio

import (
	"errors"
	"testing"
)

// TestINA219Example is the worked example of the data sheet (SBOS448F, table 3): 10 A at
// 11.98 V through 2 milliohm, with 1 mA a step.
func TestINA219Example(t *testing.T) {
	calib, err := inaCalibration(1e-3, 0.002)
	if err != nil || calib != 0x5000 {
		t.Fatalf("got calibration 0x%04x, %v, want 0x5000", calib, err)
	}
	c := inaFake(0x5d98, 0x2710, 0x1766)
	// 32.768 A is 1 mA a step of 32768.
	r, err := first(t, c, 0x40, Options{Model: "ina219", Range: 32.768, Shunt: 0.002})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "ina219", r.Samples, []float64{11.98, 10, 119.8}, 1e-4)
	if c.regs[inaCalib] != 0x5000 {
		t.Errorf("got calibration 0x%04x", c.regs[inaCalib])
	}
	// 65.5 mV of shunt voltage want PGA /2 (8.6.2.1).
	if got := c.regs[inaConfig]; got != 0x2000|1<<11|0xa<<7|0xa<<3|7 {
		t.Errorf("got configuration 0x%04x", got)
	}
}

// inaFake measures nothing until it has its calibration (8.6.3.4).
func inaFake(volt, amps, watt uint16) *words {
	c := &words{}
	c.regs[inaBus] = volt
	c.wrote = func(c *words, reg byte) {
		switch {
		case reg == inaConfig && c.regs[reg]&inaReset != 0:
			c.regs[inaConfig], c.regs[inaCalib], c.regs[inaCurrent], c.regs[inaPower] = inaDefault, 0, 0, 0
		case reg == inaCalib:
			c.regs[inaCurrent], c.regs[inaPower] = amps, watt
		}
	}
	return c
}

func TestINA219Signs(t *testing.T) {
	r, err := first(t, inaFake(1000<<3|2, 0xf830, 0), 0x45, Options{Model: "ina219", Range: 1.6384})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "backwards", r.Samples, []float64{4, -0.1, 0}, 1e-6)
}

func TestINA219Refuses(t *testing.T) {
	if _, err := first(t, inaFake(0x0001, 0, 0), 0x40, Options{Model: "ina219"}); !errors.Is(err, ErrBadData) {
		t.Errorf("got %v of an overflow", err)
	}
	if _, err := first(t, tmp105Fake(25), 0x48, Options{Model: "ina219"}); !errors.Is(err, ErrWrongChip) {
		t.Errorf("got %v of a thermometer", err)
	}
}
