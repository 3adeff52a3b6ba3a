package periphio

import (
	"errors"
	"math"
	"testing"
)

// dpsEmulated are the coefficients of the DPS310 that QEMU emulates.
var dpsEmulated = [18]byte{0x0e, 0x1e, 0xdd, 0x13, 0xca, 0x5f, 0x21, 0x52, 0xf9, 0xc6, 0x04, 0xd1, 0xdb, 0x47, 0x00, 0x5b, 0xfb, 0x3a}

// TestDPS310AgainstKernel compares with what Linux 6.1's dps310 driver shows of the
// emulated chip without oversampling: 92.947 kPa and 24.738 degrees.
func TestDPS310AgainstKernel(t *testing.T) {
	c := parseDPS(dpsEmulated)
	celsius, pascal := c.convert(signed(0xfe2fee, 24), signed(0x0269a6, 24), dpsScale[0], dpsScale[0])
	if math.Abs(celsius-24.738) > 0.001 || math.Abs(pascal-92947) > 1 {
		t.Errorf("got %v degrees and %v Pa", celsius, pascal)
	}
}

// TestDPS310Coefficients: lengths and signs of 8.11.
func TestDPS310Coefficients(t *testing.T) {
	got := parseDPS(dpsEmulated)
	want := dpsCoefficients{c0: 225, c1: -291, c00: 81061, c10: -57006, c01: -1594, c11: 1233, c20: -9401, c21: 91, c30: -1222}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// dpsFake behaves as the data sheet says, its raw values those of 20 degrees and about
// 1000 hPa.
func dpsFake() *registers {
	c := chipOf([]byte{dpsID, dpsProduct}, append([]byte{dpsCoef}, dpsEmulated[:]...), []byte{dpsCoefSrc, 0x80}, []byte{dpsMeasCfg, 0xc0})
	c.wrote = func(c *registers, reg byte) {
		switch reg {
		case dpsReset:
			c.bytes[dpsMeasCfg] = 0xc0
		case dpsMeasCfg:
			c.bytes[reg] = 0xc0 | c.bytes[reg]&7
			if c.bytes[reg]&7 == dpsCtrl {
				c.bytes[reg] |= dpsPrsReady | dpsTmpReady
				// p = -0.34, t = 0.3178 of their scales (4.9.1)
				rawP, rawT := int32(math.Round(-0.34*253952)), int32(math.Round(0.3178*524288))
				copy(c.bytes[dpsResults:], []byte{byte(rawP >> 16), byte(rawP >> 8), byte(rawP), byte(rawT >> 16), byte(rawT >> 8), byte(rawT)})
			}
		}
	}
	return c
}

func TestDPS310(t *testing.T) {
	c := dpsFake()
	r, err := first(t, c, 0x77, Options{Model: "dps310", Rate: 4})
	if err != nil {
		t.Fatal(err)
	}
	// 4.9.1 and 4.9.2 worked out by hand with p = -0.34 and t = 0.3178.
	p, q := -0.34, 0.3178
	pascal := 81061 + p*(-57006+p*(-9401+p*-1222)) + q*-1594 + q*p*(1233+p*91)
	near(t, "dps310", r.Samples, []float64{112.5 - 291*q, pascal / 100}, 0.01)
	for reg, want := range map[byte]byte{dpsPrsCfg: 0x24, dpsTmpCfg: 0xa0, dpsCfg: 0x04} {
		if got := c.bytes[reg]; got != want {
			t.Errorf("register 0x%02x: got 0x%02x, want 0x%02x", reg, got, want)
		}
	}
	c = dpsFake()
	c.bytes[dpsID] = 0x11
	if _, err := first(t, c, 0x76, Options{Model: "dps310"}); !errors.Is(err, ErrWrongChip) {
		t.Errorf("got %v, want the wrong chip", err)
	}
}

// TestDPS310Emulated is QEMU's chip: no product register, and a control register that
// keeps what is written.
func TestDPS310Emulated(t *testing.T) {
	c := chipOf(append([]byte{dpsCoef}, dpsEmulated[:]...), []byte{dpsResults, 0xfe, 0x2f, 0xee, 0x02, 0x69, 0xa6, 0, 0x80, 0xf0}, []byte{dpsID, 0xff}, []byte{dpsFuse, 0x02})
	r, err := first(t, c, 0x77, Options{Model: "dps310"})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "temperature", r.Samples[:1], []float64{24.738}, 0.001)
}
