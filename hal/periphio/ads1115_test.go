package periphio

import (
	"errors"
	"testing"
)

// TestADS1115Gains are the size of a step by full scale (SBAS444, table 1) and the codes
// of table 3.
func TestADS1115Gains(t *testing.T) {
	for gain, step := range []float64{187.5e-6, 125e-6, 62.5e-6, 31.25e-6, 15.625e-6, 7.8125e-6} {
		for _, row := range []struct {
			code  uint16
			steps float64
		}{{0x7fff, 32767}, {0x0001, 1}, {0x0000, 0}, {0xffff, -1}, {0x8000, -32768}} {
			want := float32(row.steps * step)
			if got := adsVolt(row.code, gain); got != want {
				t.Errorf("gain %d, code 0x%04x: got %v, want %v", gain, row.code, got, want)
			}
		}
	}
}

// adsFake converts at once: input n has 1000 steps times its number in the MUX.
func adsFake() *words {
	c := &words{}
	c.regs[adsConfig] = 0x8583
	c.wrote = func(c *words, reg byte) {
		if reg == adsConfig && c.regs[reg]&adsStart != 0 {
			c.regs[adsResult] = c.regs[reg] >> 12 & 7 * 1000
		}
	}
	return c
}

func TestADS1115(t *testing.T) {
	r, err := first(t, adsFake(), 0x48, Options{Model: "ads1115", Range: 6.144})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "four inputs", r.Samples, []float64{0.75, 0.9375, 1.125, 1.3125}, 1e-6)
	r, err = first(t, adsFake(), 0x4b, Options{Model: "ads1115", Range: 0.256, Inputs: []string{"2-3", "0-1"}, Rate: 100})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "two differences", r.Samples, []float64{3000 * 7.8125e-6, 0}, 1e-7)
}

// TestADS1115Config is the word of SBAS444, table 8: begin, AIN0 against ground, 2.048 V,
// one conversion, 128 a second, no comparator.
func TestADS1115Config(t *testing.T) {
	c, err := newADS1115(Options{Range: 2.048, Inputs: []string{"0"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.(*ads).config("0"); got != 0xc583 {
		t.Errorf("got 0x%04x, want 0xc583", got)
	}
}

func TestADS1115Refuses(t *testing.T) {
	c := adsFake()
	c.wrote = func(c *words, reg byte) {
		if reg == adsConfig {
			c.regs[reg] &^= adsStart // never done
		}
	}
	if _, err := first(t, c, 0x48, Options{Model: "ads1115"}); !errors.Is(err, ErrBadData) {
		t.Errorf("got %v of a conversion that does not end", err)
	}
	if _, err := first(t, tmp105Fake(25), 0x48, Options{Model: "ads1115"}); !errors.Is(err, ErrWrongChip) {
		t.Errorf("got %v of a thermometer", err)
	}
}
