package periphio

import "time"

// Registers of Analog Devices' ADXL345 (rev. E, table 19).
const (
	adxlDevID      = 0x00
	adxlRate       = 0x2c
	adxlPower      = 0x2d
	adxlIntEnable  = 0x2e
	adxlIntSource  = 0x30
	adxlFormat     = 0x31
	adxlData       = 0x32 // 6 bytes
	adxlFIFOCtl    = 0x38
	adxlFIFOStatus = 0x39

	adxlID      = 0xe5
	adxlMeasure = 0x08
	adxlFullRes = 0x08
	adxlStream  = 0x80
	adxlOverrun = 0x01
	adxlDepth   = 33 // 32 in the FIFO and one in the data registers
)

// adxl is an ADXL345. Its FIFO gathers up to 32 samples, so that the rate is the chip's
// own and not that of visits. Over I2C at 100 kHz a sample takes about a millisecond:
// more than 800 a second want 400 kHz, and more than 1600 want SPI.
type adxl struct {
	code   byte // of BW_RATE: 100 Hz is 10 (tables 7 and 8)
	hertz  float64
	scale  int // of DATA_FORMAT, table 21
	ranges []float64
}

func newADXL345(o Options) (chip, error) {
	rates := []float64{6.25, 12.5, 25, 50, 100, 200, 400, 800, 1600, 3200}
	i, err := oneOf("rate", o.Rate, 100, rates)
	if err != nil {
		return nil, err
	}
	c := &adxl{code: byte(6 + i), hertz: rates[i], ranges: []float64{2, 4, 8, 16}}
	c.scale, err = oneOf("range", o.Range, 16, c.ranges)
	return c, err
}

func (c *adxl) traits() traits {
	return traits{rate: c.hertz, burst: burst(c.hertz, 16), channels: axes("", "g", c.ranges[c.scale])}
}

// burst is how many frames a FIFO gathers between two visits: half of its depth, and no
// more than come in a tenth of a second.
func burst(rate float64, half int) int { return max(1, min(half, int(rate/10))) }

func (c *adxl) setup() []step {
	return []step{{func(p *port, _ *batch) error {
		if err := p.identify("adxl345", adxlDevID, adxlID); err != nil {
			return err
		}
		return p.configure([][2]byte{
			{adxlPower, 0}, {adxlIntEnable, 0}, {adxlFIFOCtl, 0}, // standby; bypass empties the FIFO
			{adxlRate, c.code},
			{adxlFormat, adxlFullRes | byte(c.scale)},
			{adxlFIFOCtl, adxlStream | 16},
			{adxlPower, adxlMeasure},
		})
	}, 2 * time.Millisecond}}
}

func (c *adxl) sample() []step {
	var r [6]byte
	return []step{{run: func(p *port, b *batch) error {
		source, err := p.get(adxlIntSource)
		if err != nil {
			return err
		}
		status, err := p.get(adxlFIFOStatus)
		if err != nil {
			return err
		}
		n := int(status & 0x3f)
		if n > adxlDepth {
			return p.errorf(adxlFIFOStatus, "%w: got %d entries, want up to %d", ErrBadData, n, adxlDepth)
		}
		b.overrun = source&adxlOverrun != 0
		for range n {
			// All six in one transfer: its end takes the entry out of the FIFO.
			if err := p.read(adxlData, r[:]); err != nil {
				return err
			}
			for i := 0; i < len(r); i += 2 {
				b.samples = append(b.samples, adxlG(r[i], r[i+1]))
			}
		}
		return nil
	}}}
}

// adxlG is an axis in g: in full resolution 256 a g whatever the range (table 1).
func adxlG(lo, hi byte) float32 { return float32(le16(lo, hi)) / 256 }
