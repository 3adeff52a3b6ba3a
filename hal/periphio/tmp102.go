package periphio

import "time"

// The temperature chips that descend from the LM75 share their registers: 0x00 is the
// temperature, left-aligned in 16 bits of two's complement, one degree in the high byte;
// 0x01 is the configuration.
const (
	lmTemp   = 0x00
	lmConfig = 0x01
)

// lm is an LM75 or one of its descendants.
type lm struct {
	name   string
	rate   float64
	min    float64 // degrees Celsius
	max    float64
	config []byte // written at the start
	check  []byte // bits of config that must read back
	unused uint16 // low bits of the temperature that carry none
	zero   bool   // those bits read as 0
	first  time.Duration
}

// newTMP102 is TI's TMP102 (SBOS397C, "temperature register": 12 bits of 0.0625 degrees,
// the others 0; "configuration register": two bytes, R1 R0 always read 11, SD 0 converts
// on and on, CR1 CR0 11 eight times a second). The chip has no identification; another
// one of the family has one byte of configuration and does not keep a second.
func newTMP102(o Options) (chip, error) {
	rate, err := within("rate", o.Rate, 1, 0.01, 8)
	return &lm{
		name: "tmp102", rate: rate, min: -55, max: 128, zero: true, unused: 0x000f,
		config: []byte{0x60, 0xc0}, check: []byte{0x7f, 0xdf}, first: 35 * time.Millisecond,
	}, err
}

// newTMP105 is TI's TMP105 (SBOS648): the temperature as the TMP102's; the configuration
// in one byte: R1 R0 11 for 12 bits, SD 0. A conversion of 12 bits takes 220 ms, so there
// are four new values a second.
func newTMP105(o Options) (chip, error) {
	rate, err := within("rate", o.Rate, 1, 0.01, 4)
	return &lm{
		name: "tmp105", rate: rate, min: -55, max: 128, zero: true, unused: 0x000f,
		config: []byte{0x60}, check: []byte{0x7f}, first: 300 * time.Millisecond,
	}, err
}

func (c *lm) traits() traits {
	return traits{rate: c.rate, channels: []channel{{"temperature", "°C", c.min, c.max}}}
}

func (c *lm) setup() []step { return []step{{c.start, c.first}} }

func (c *lm) start(p *port, _ *batch) error {
	if err := p.write(lmConfig, c.config...); err != nil {
		return err
	}
	got := make([]byte, len(c.config))
	if err := p.read(lmConfig, got); err != nil {
		return err
	}
	for i, v := range got {
		if v&c.check[i] != c.config[i]&c.check[i] {
			return p.errorf(lmConfig, "got %x back, want %x of a %s: %w", got, c.config, c.name, ErrWrongChip)
		}
	}
	return nil
}

func (c *lm) sample() []step {
	return []step{{run: func(p *port, b *batch) error {
		raw, err := p.get16(lmTemp)
		if err != nil {
			return err
		}
		if c.zero && raw&c.unused != 0 {
			return p.errorf(lmTemp, "%w: got 0x%04x, want its low bits 0", ErrBadData, raw)
		}
		b.samples = append(b.samples, c.celsius(raw))
		return nil
	}}}
}

// celsius converts the temperature register.
func (c *lm) celsius(raw uint16) float32 { return float32(int16(raw&^c.unused)) / 256 }
