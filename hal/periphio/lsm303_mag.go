package periphio

import "time"

// Registers of the magnetometer in ST's LSM303DLHC (DocID018771 rev 2, table 17). An
// address moves on by itself (5.1.3).
const (
	magRateReg = 0x00 // CRA_REG_M
	magGainReg = 0x01 // CRB_REG_M
	magModeReg = 0x02 // MR_REG_M, before the results
	magID      = 0x0a // IRA_REG_M to IRC_REG_M

	magSaturated = -4096
)

// mag is the magnetometer. Its results come in the order x, z, y.
type mag struct {
	rate   float64
	code   byte // of DO
	gain   int  // of GN, less 1
	ranges []float64
}

// Units a gauss by full scale, of x and y, and of z (table 75).
var (
	magXY = [...]float64{1100, 855, 670, 450, 400, 330, 230}
	magZ  = [...]float64{980, 760, 600, 400, 355, 295, 205}
)

func newLSM303Mag(o Options) (chip, error) {
	c := &mag{ranges: []float64{130, 190, 250, 400, 470, 560, 810}}
	var err error
	if c.rate, err = within("rate", o.Rate, 10, 0.01, 220); err != nil {
		return nil, err
	}
	c.code = byte(atLeast(c.rate, []float64{0.75, 1.5, 3, 7.5, 15, 30, 75, 220}))
	c.gain, err = oneOf("range", o.Range, 130, c.ranges)
	return c, err
}

// traits allow all of a result's 12 bits: at the lowest gain of z that is 1000 uT.
func (c *mag) traits() traits { return traits{rate: c.rate, channels: axes("", "µT", 1000)} }

// probeLSM303Mag reads the identification, "H43".
func probeLSM303Mag(p *port) (bool, error) {
	var id [3]byte
	err := p.read(magID, id[:])
	return string(id[:]) == "H43", err
}

func (c *mag) setup() []step {
	return []step{{func(p *port, _ *batch) error {
		ok, err := probeLSM303Mag(p)
		if err != nil {
			return err
		}
		if !ok {
			return p.errorf(magID, "want \"H43\" of an lsm303dlhc: %w", ErrWrongChip)
		}
		return p.configure([][2]byte{{magRateReg, c.code << 2}, {magGainReg, byte(c.gain+1) << 5}, {magModeReg, 0}})
	}, 20 * time.Millisecond}}
}

func (c *mag) sample() []step {
	var r [7]byte // the mode, which is not 0 after a loss of power, and the results
	return []step{{run: func(p *port, b *batch) error {
		if err := p.read(magModeReg, r[:]); err != nil {
			return err
		}
		if r[0]&0x03 != 0 {
			return p.errorf(magModeReg, "got 0x%02x, want 0x00: %w", r[0], ErrSettings)
		}
		x, z, y := be16(r[1], r[2]), be16(r[3], r[4]), be16(r[5], r[6])
		for _, v := range [...]int16{x, y, z} {
			if v == magSaturated {
				return p.errorf(0x03, "%w: the field is over its range of %v µT", ErrBadData, c.ranges[c.gain])
			}
		}
		b.samples = append(b.samples, tesla(x, magXY[c.gain]), tesla(y, magXY[c.gain]), tesla(z, magZ[c.gain]))
		return nil
	}}}
}

// tesla is a result in uT, of which 100 are a gauss.
func tesla(v int16, gauss float64) float32 { return float32(float64(v) * 100 / gauss) }
