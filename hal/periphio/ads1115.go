package periphio

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Registers and bits of TI's ADS1115 (SBAS444, 9.6).
const (
	adsResult = 0x00
	adsConfig = 0x01

	adsStart  = 0x8000 // OS: written to begin, reads 1 when no conversion runs
	adsSingle = 0x0100
	adsNoComp = 0x0003
)

// ads is an ADS1115. Each input is converted on demand, one after the other; the bus is
// free meanwhile.
type ads struct {
	rate   float64
	inputs []string
	gain   int
	speed  int // of DR
}

// adsInputs are the MUX settings (table 8).
var adsInputs = [...]string{"0-1", "0-3", "1-3", "2-3", "0", "1", "2", "3"}

// adsGains are the full scales in V by PGA, adsSpeeds samples a second by DR (table 8).
var (
	adsGains  = [...]float64{6.144, 4.096, 2.048, 1.024, 0.512, 0.256}
	adsSpeeds = [...]float64{8, 16, 32, 64, 128, 250, 475, 860}
)

func newADS1115(o Options) (chip, error) {
	c := &ads{inputs: o.Inputs}
	if len(c.inputs) == 0 {
		c.inputs = []string{"0", "1", "2", "3"}
	}
	for i, in := range c.inputs {
		if !slices.Contains(adsInputs[:], in) {
			return nil, fmt.Errorf("input %q: want one of %s", in, strings.Join(adsInputs[:], ", "))
		}
		if slices.Contains(c.inputs[:i], in) {
			return nil, fmt.Errorf("input %q: named twice", in)
		}
	}
	var err error
	if c.gain, err = oneOf("range", o.Range, 4.096, adsGains[:]); err != nil {
		return nil, err
	}
	// A conversion, its ten percent and three transfers of about a millisecond.
	n := float64(len(c.inputs))
	if c.rate, err = within("rate", o.Rate, 10, 0.01, 200/n); err != nil {
		return nil, err
	}
	c.speed = max(4, atLeast(2*n*c.rate, adsSpeeds[:]))
	return c, nil
}

func (c *ads) traits() traits {
	t := traits{rate: c.rate}
	full := adsGains[c.gain]
	for _, in := range c.inputs {
		t.channels = append(t.channels, channel{"a" + in, "V", -full, full})
	}
	return t
}

// config is the register's word for an input, and begins its conversion.
func (c *ads) config(input string) uint16 {
	mux := slices.Index(adsInputs[:], input)
	return adsStart | uint16(mux)<<12 | uint16(c.gain)<<9 | adsSingle | uint16(c.speed)<<5 | adsNoComp
}

// setup sees whether the chip keeps its configuration; it has no identification.
func (c *ads) setup() []step {
	return []step{{func(p *port, _ *batch) error {
		want := c.config(c.inputs[0])
		if err := p.set16(adsConfig, want); err != nil {
			return err
		}
		got, err := p.get16(adsConfig)
		if err != nil {
			return err
		}
		if got|adsStart != want {
			return p.errorf(adsConfig, "got 0x%04x back, want 0x%04x of an ads1115: %w", got, want, ErrWrongChip)
		}
		return nil
	}, c.conversion()}}
}

// conversion is how long one takes at most: data rates are right to 10 % (7.5), and it
// takes 25 us to wake (9.4.2.1).
func (c *ads) conversion() time.Duration {
	return time.Duration(1.1/adsSpeeds[c.speed]*float64(time.Second)) + 100*time.Microsecond
}

func (c *ads) sample() []step {
	var list []step
	for _, in := range c.inputs {
		word := c.config(in)
		list = append(list,
			step{func(p *port, _ *batch) error { return p.set16(adsConfig, word) }, c.conversion()},
			step{run: func(p *port, b *batch) error {
				got, err := p.get16(adsConfig)
				if err != nil {
					return err
				}
				switch {
				case got|adsStart != word:
					return p.errorf(adsConfig, "got 0x%04x, want 0x%04x: %w", got, word, ErrSettings)
				case got&adsStart == 0:
					return p.errorf(adsConfig, "%w: the conversion of input %s did not end", ErrBadData, in)
				}
				raw, err := p.get16(adsResult)
				if err != nil {
					return err
				}
				b.samples = append(b.samples, adsVolt(raw, c.gain))
				return nil
			}},
		)
	}
	return list
}

// adsVolt converts a result: 32768 parts of the full scale (table 3).
func adsVolt(raw uint16, gain int) float32 {
	return float32(float64(int16(raw)) * adsGains[gain] / 32768)
}
