package periphio

import "time"

// Registers of Infineon's DPS310 (data sheet v1.2, 7 and 8).
const (
	dpsResults = 0x00 // PSR_B2 to TMP_B0: 6 bytes
	dpsPrsCfg  = 0x06
	dpsTmpCfg  = 0x07
	dpsMeasCfg = 0x08
	dpsCfg     = 0x09
	dpsReset   = 0x0c
	dpsID      = 0x0d
	dpsCoef    = 0x10 // 18 bytes
	dpsCoefSrc = 0x28
	dpsFuse    = 0x32

	dpsProduct    = 0x10
	dpsResetWord  = 0x09
	dpsCtrl       = 0x07 // MEAS_CTRL: pressure and temperature, on and on
	dpsPrsReady   = 0x10
	dpsTmpReady   = 0x20
	dpsSensorRdy  = 0x40
	dpsCoefRdy    = 0x80
	dpsExternal   = 0x80 // of TMP_CFG and COEF_SRCE
	dpsFuseNoHelp = 0x02
)

// dps is a DPS310. Pressure is oversampled 16 times (27.6 ms, table 16), temperature not.
type dps struct {
	rate float64
	code byte // of PM_RATE and TMP_RATE: its power of two is the rate
	coef dpsCoefficients
	meas byte
}

// dpsCoefficients are those of 4.9.1 and 8.11.
type dpsCoefficients struct {
	c0, c1, c00, c10, c01, c11, c20, c21, c30 int32
}

// dpsScale are kT and kP by the power of two of the oversampling (4.9.3, table 9).
var dpsScale = [...]float64{524288, 1572864, 3670016, 7864320, 253952, 516096, 1040384, 2088960}

const (
	dpsPrsOver = 4 // 16 times
	dpsTmpOver = 0 // once
)

func newDPS310(o Options) (chip, error) {
	rate, err := within("rate", o.Rate, 1, 0.01, 16)
	code := atLeast(rate, []float64{1, 2, 4, 8, 16})
	return &dps{rate: rate, code: byte(code)}, err
}

func (c *dps) traits() traits {
	return traits{rate: c.rate, channels: []channel{{"temperature", "°C", -40, 85}, {"pressure", "hPa", 300, 1200}}}
}

// setup waits 40 ms for the coefficients after a reset (6.1, table 5), and for a first
// result of both kinds.
func (c *dps) setup() []step {
	return []step{{c.reset, 45 * time.Millisecond}, {c.configure, 100 * time.Millisecond}, {c.first, 0}}
}

// probeDPS310 reads the product and revision. An emulated chip has no such register and
// gives 0xff: what else it says then has to be right.
func probeDPS310(p *port) (bool, error) {
	id, err := p.get(dpsID)
	if err != nil || id != 0xff {
		return id == dpsProduct, err
	}
	meas, err := p.get(dpsMeasCfg)
	const ready = dpsSensorRdy | dpsCoefRdy
	return meas&0x08 == 0 && meas&ready == ready, err
}

func (c *dps) reset(p *port, _ *batch) error {
	ok, err := probeDPS310(p)
	if err != nil {
		return err
	}
	if !ok {
		return p.errorf(dpsID, "want 0x%02x of a dps310: %w", dpsProduct, ErrWrongChip)
	}
	return p.write(dpsReset, dpsResetWord)
}

func (c *dps) configure(p *port, _ *batch) error {
	meas, err := p.get(dpsMeasCfg)
	if err != nil {
		return err
	}
	const ready = dpsSensorRdy | dpsCoefRdy
	if meas&ready != ready {
		return p.errorf(dpsMeasCfg, "%w: got 0x%02x, want it ready 45 ms after its reset", ErrBadData, meas)
	}
	var r [18]byte
	if err := p.read(dpsCoef, r[:]); err != nil {
		return err
	}
	c.coef = parseDPS(r)
	source, err := p.get(dpsCoefSrc)
	if err != nil {
		return err
	}
	if err := c.help(p); err != nil {
		return err
	}
	// The ready bits are not for writing; an emulated chip keeps what is written.
	c.meas = dpsCtrl
	return p.configure([][2]byte{
		{dpsPrsCfg, c.code<<4 | dpsPrsOver},
		{dpsTmpCfg, source&dpsExternal | c.code<<4 | dpsTmpOver},
		{dpsCfg, 0x04}, // P_SHIFT, which more than 8 times need (8.6)
		{dpsMeasCfg, meas&^dpsCtrl | c.meas},
	})
}

// help mends early chips that show about 60 degrees: the sequence of Infineon's own
// library (correctTemp) and of the kernel's dps310 driver, which says how to recognise
// the chips that do not need it.
func (c *dps) help(p *port) error {
	fuse, err := p.get(dpsFuse)
	if err != nil || fuse&dpsFuseNoHelp != 0 {
		return err
	}
	return p.configure([][2]byte{{0x0e, 0xa5}, {0x0f, 0x96}, {0x62, 0x02}, {0x0e, 0x00}, {0x0f, 0x00}})
}

// first waits for nothing: it makes sure that both results are there.
func (c *dps) first(p *port, _ *batch) error {
	meas, err := p.get(dpsMeasCfg)
	if err != nil {
		return err
	}
	const ready = dpsPrsReady | dpsTmpReady
	if meas&ready != ready {
		return p.errorf(dpsMeasCfg, "%w: got 0x%02x, want first results", ErrBadData, meas)
	}
	return nil
}

// parseDPS takes the coefficients from their registers (8.11, table 18).
func parseDPS(r [18]byte) dpsCoefficients {
	two := func(i int) int32 { return int32(be16(r[i], r[i+1])) }
	return dpsCoefficients{
		c0:  signed(uint32(r[0])<<4|uint32(r[1])>>4, 12),
		c1:  signed(uint32(r[1]&0x0f)<<8|uint32(r[2]), 12),
		c00: signed(uint32(r[3])<<12|uint32(r[4])<<4|uint32(r[5])>>4, 20),
		c10: signed(uint32(r[5]&0x0f)<<16|uint32(r[6])<<8|uint32(r[7]), 20),
		c01: two(8), c11: two(10), c20: two(12), c21: two(14), c30: two(16),
	}
}

func (c *dps) sample() []step {
	var r [9]byte // results and the configuration behind them
	return []step{{run: func(p *port, b *batch) error {
		if err := p.read(dpsResults, r[:]); err != nil {
			return err
		}
		if r[8]&dpsCtrl != dpsCtrl {
			return p.errorf(dpsMeasCfg, "got 0x%02x, want 0x%02x in its low bits: %w", r[8], dpsCtrl, ErrSettings)
		}
		rawP := signed(uint32(r[0])<<16|uint32(r[1])<<8|uint32(r[2]), 24)
		rawT := signed(uint32(r[3])<<16|uint32(r[4])<<8|uint32(r[5]), 24)
		celsius, pascal := c.coef.convert(rawP, rawT, dpsScale[dpsPrsOver], dpsScale[dpsTmpOver])
		b.samples = append(b.samples, float32(celsius), float32(pascal/100))
		return nil
	}}}
}

// convert gives degrees Celsius and Pa (4.9.1 and 4.9.2). Each product is rounded by
// itself, so that every processor gives the same bits.
func (c *dpsCoefficients) convert(rawP, rawT int32, kP, kT float64) (celsius, pascal float64) {
	t, p := float64(rawT)/kT, float64(rawP)/kP
	celsius = float64(c.c0)*0.5 + float64(float64(c.c1)*t)
	inner := float64(c.c20) + float64(p*float64(c.c30))
	middle := float64(c.c10) + float64(p*inner)
	cross := float64(c.c11) + float64(p*float64(c.c21))
	pascal = float64(c.c00) + float64(p*middle)
	pascal += float64(t * float64(c.c01))
	pascal += float64(float64(t*p) * cross)
	return celsius, pascal
}
