package periphio

import (
	"fmt"
	"time"
)

// Registers of TI's INA219 (SBOS448G, 8.6).
const (
	inaConfig  = 0x00
	inaBus     = 0x02
	inaPower   = 0x03
	inaCurrent = 0x04
	inaCalib   = 0x05

	inaReset    = 0x8000
	inaDefault  = 0x399f // after a reset (8.6.2.1)
	inaOverflow = 0x0001 // of the bus voltage register
)

// ina is an INA219. It measures on and on: 32 V of bus voltage, both ADCs at 12 bits
// averaged over four samples, 2.13 ms each (table 5).
type ina struct {
	rate  float64
	amps  float64 // largest current expected
	lsb   float64 // A of the current register
	calib uint16
	gain  uint16 // PG: a shunt voltage of 40 mV << PG
}

func newINA219(o Options) (chip, error) {
	c := &ina{}
	var err error
	if c.rate, err = within("rate", o.Rate, 10, 0.01, 100); err != nil {
		return nil, err
	}
	if c.amps, err = within("range", o.Range, 3.2, 1e-4, 1000); err != nil {
		return nil, err
	}
	shunt, err := within("shunt", o.Shunt, 0.1, 1e-5, 1000)
	if err != nil {
		return nil, err
	}
	drop := c.amps * shunt
	if drop > 0.32*(1+1e-9) {
		return nil, fmt.Errorf("range: %v A over %v ohm is %.3g V, want up to 0.32 V", c.amps, shunt, drop)
	}
	for drop > 0.04*float64(int(1)<<c.gain)*(1+1e-9) {
		c.gain++
	}
	c.lsb = c.amps / 32768
	if c.calib, err = inaCalibration(c.lsb, shunt); err != nil {
		return nil, fmt.Errorf("range: %v A over %v ohm: %w", c.amps, shunt, err)
	}
	return c, nil
}

// inaCalibration is equation 1 of 8.5.1: trunc(0.04096 / (current LSB * shunt)). Bit 0
// of the register is always 0.
func inaCalibration(lsb, shunt float64) (uint16, error) {
	v := 0.04096/(lsb*shunt) + 1e-6
	if !(v >= 2 && v < 65536) {
		return 0, fmt.Errorf("calibration: got %.6g, want 2 to 65535", v)
	}
	return uint16(v) &^ 1, nil
}

func (c *ina) config() uint16 {
	const range32V, four, continuous = 1 << 13, 0xa, 0x7
	return range32V | c.gain<<11 | four<<7 | four<<3 | continuous
}

func (c *ina) traits() traits {
	return traits{rate: c.rate, channels: []channel{
		{"voltage", "V", 0, 32}, {"current", "A", -c.amps, c.amps}, {"power", "W", 0, 32 * c.amps},
	}}
}

func (c *ina) setup() []step {
	return []step{
		{func(p *port, _ *batch) error { return p.set16(inaConfig, inaReset) }, time.Millisecond},
		{func(p *port, _ *batch) error {
			got, err := p.get16(inaConfig)
			if err != nil {
				return err
			}
			if got != inaDefault {
				return p.errorf(inaConfig, "got 0x%04x after a reset, want 0x%04x of an ina219: %w", got, inaDefault, ErrWrongChip)
			}
			if err := p.set16(inaCalib, c.calib); err != nil {
				return err
			}
			return p.set16(inaConfig, c.config())
		}, 10 * time.Millisecond},
	}
}

func (c *ina) sample() []step {
	return []step{{run: func(p *port, b *batch) error {
		var v [4]uint16 // calibration, bus voltage, current, power
		for i, reg := range [...]byte{inaCalib, inaBus, inaCurrent, inaPower} {
			var err error
			if v[i], err = p.get16(reg); err != nil {
				return err
			}
		}
		if v[0] != c.calib {
			return p.errorf(inaCalib, "got 0x%04x, want 0x%04x: %w", v[0], c.calib, ErrSettings)
		}
		if v[1]&inaOverflow != 0 {
			return p.errorf(inaBus, "%w: the current is over its range of %v A", ErrBadData, c.amps)
		}
		b.samples = append(b.samples, inaVolt(v[1]), float32(float64(int16(v[2]))*c.lsb), float32(float64(v[3])*20*c.lsb))
		return nil
	}}}
}

// inaVolt is the bus voltage: 4 mV, above three bits of state (8.6.3.2).
func inaVolt(raw uint16) float32 { return float32(float64(raw>>3) * 0.004) }
