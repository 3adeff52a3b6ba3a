package periphio

import "time"

// Registers of the accelerometer in ST's LSM303DLHC (DocID018771 rev 2, table 17). Bit 7
// of an address moves on from byte to byte (5.1.2).
const (
	lsmCtrl1    = 0x20
	lsmCtrl4    = 0x23
	lsmCtrl5    = 0x24
	lsmAccel    = 0x28
	lsmFIFOCtrl = 0x2e
	lsmFIFOSrc  = 0x2f

	lsmAll      = 0x07 // axes
	lsmUpdate   = 0x80 // BDU: both bytes of an axis belong together
	lsmHighRes  = 0x08
	lsmFIFOOn   = 0x40
	lsmStream   = 0x80
	lsmOverrun  = 0x40
	lsmMoveOn   = 0x80
	lsmFIFOHalf = 16
)

// lsmAcc is the accelerometer, read through its FIFO of 32 samples.
type lsmAcc struct {
	code   byte // of ODR (table 20)
	hertz  float64
	scale  int
	ranges []float64
}

// lsmMilli is mg a unit of the 12-bit result by full scale (table 3).
var lsmMilli = [...]float32{1, 2, 4, 12}

func newLSM303Accel(o Options) (chip, error) {
	rates := []float64{1, 10, 25, 50, 100, 200, 400}
	i, err := oneOf("rate", o.Rate, 100, rates)
	if err != nil {
		return nil, err
	}
	c := &lsmAcc{code: byte(i + 1), hertz: rates[i], ranges: []float64{2, 4, 8, 16}}
	c.scale, err = oneOf("range", o.Range, 2, c.ranges)
	return c, err
}

// traits allow 12 mg times 2048 at 16 g, which the data sheet does not promise.
func (c *lsmAcc) traits() traits {
	full := float64(lsmMilli[c.scale]) * 2.048
	return traits{rate: c.hertz, burst: burst(c.hertz, lsmFIFOHalf), channels: axes("", "g", full)}
}

// setup sees whether the chip keeps its configuration; it has no identification.
func (c *lsmAcc) setup() []step {
	ctrl1, ctrl4 := c.code<<4|lsmAll, lsmUpdate|byte(c.scale)<<4|lsmHighRes
	return []step{{func(p *port, _ *batch) error {
		err := p.configure([][2]byte{
			{lsmCtrl1, ctrl1}, {lsmCtrl4, ctrl4}, {lsmFIFOCtrl, 0},
			{lsmCtrl5, lsmFIFOOn}, {lsmFIFOCtrl, lsmStream | lsmFIFOHalf},
		})
		if err != nil {
			return err
		}
		for _, s := range [][2]byte{{lsmCtrl1, ctrl1}, {lsmCtrl4, ctrl4}} {
			if err := p.identify("lsm303dlhc", s[0], s[1]); err != nil {
				return err
			}
		}
		return nil
	}, 10 * time.Millisecond}}
}

func (c *lsmAcc) sample() []step {
	var r [6]byte
	return []step{{run: func(p *port, b *batch) error {
		src, err := p.get(lsmFIFOSrc)
		if err != nil {
			return err
		}
		n := int(src & 0x1f)
		if b.overrun = src&lsmOverrun != 0; b.overrun {
			n = 32
		}
		for range n {
			if err := p.read(lsmAccel|lsmMoveOn, r[:]); err != nil {
				return err
			}
			for i := 0; i < len(r); i += 2 {
				b.samples = append(b.samples, lsmG(r[i], r[i+1], c.scale))
			}
		}
		return nil
	}}}
}

// lsmG is an axis in g: 12 bits, left-aligned.
func lsmG(lo, hi byte, scale int) float32 {
	return float32(le16(lo, hi)>>4) * lsmMilli[scale] / 1000
}
