package periphio

import "time"

// Registers of Bosch's BME280 (BST-BME280-DS002, 5.3) and BMP280 (BST-BMP280-DS001, 4.3).
const (
	bmeCalib     = 0x88 // dig_T1 to dig_P9, an unused byte, dig_H1: 26 bytes
	bmeID        = 0xd0
	bmeReset     = 0xe0
	bmeCalibH    = 0xe1 // dig_H2 to dig_H6: 7 bytes
	bmeCtrlHum   = 0xf2
	bmeStatus    = 0xf3
	bmeCtrlMeas  = 0xf4
	bmeConfig    = 0xf5
	bme280ID     = 0x60
	bmp280ID     = 0x58
	bmeResetWord = 0xb6
	bmeCopying   = 0x01 // status: the calibration is being copied
)

// bme is a BME280, or a BMP280, which has no humidity. It measures in normal mode, by
// itself, so that no visit waits for a measurement.
type bme struct {
	rate     float64
	humidity bool
	calib    bmeCalibration
	meas     byte // ctrl_meas, which reads 0 after a loss of power
}

// bmeCalibration are the trimming parameters (table 16).
type bmeCalibration struct {
	t1                             uint16
	t2, t3                         int16
	p1                             uint16
	p2, p3, p4, p5, p6, p7, p8, p9 int16
	h1, h3                         uint8
	h2, h4, h5                     int16
	h6                             int8
}

func newBME280(o Options) (chip, error) { return newBME(o, true) }
func newBMP280(o Options) (chip, error) { return newBME(o, false) }

// newBME oversamples temperature twice, pressure four times and humidity once: at most
// 18.8 ms a measurement (9.1: 1.25 + 2.3*2 + 2.3*4+0.575 + 2.3+0.575), plus 0.5 or 62.5
// ms of standby.
func newBME(o Options, humidity bool) (chip, error) {
	rate, err := within("rate", o.Rate, 1, 0.01, 50)
	return &bme{rate: rate, humidity: humidity, meas: 2<<5 | 3<<2 | 3}, err
}

func (c *bme) traits() traits {
	t := traits{rate: c.rate, channels: []channel{
		{"temperature", "°C", -40, 85}, {"pressure", "hPa", 300, 1100}, {"humidity", "%", 0, 100},
	}}
	if !c.humidity {
		t.channels = t.channels[:2]
	}
	return t
}

func (c *bme) setup() []step {
	return []step{{c.reset, 5 * time.Millisecond}, {c.configure, 100 * time.Millisecond}}
}

func (c *bme) reset(p *port, _ *batch) error {
	name, id := "bme280", byte(bme280ID)
	if !c.humidity {
		name, id = "bmp280", bmp280ID
	}
	if err := p.identify(name, bmeID, id); err != nil {
		return err
	}
	return p.write(bmeReset, bmeResetWord)
}

func (c *bme) configure(p *port, _ *batch) error {
	status, err := p.get(bmeStatus)
	if err != nil {
		return err
	}
	if status&bmeCopying != 0 {
		return p.errorf(bmeStatus, "%w: still starting 5 ms after its reset", ErrBadData)
	}
	var t [26]byte
	var h [7]byte
	if err := p.read(bmeCalib, t[:]); err != nil {
		return err
	}
	standby := byte(1) // 62.5 ms, to warm itself less
	if c.rate > 10 {
		standby = 0 // 0.5 ms
	}
	settings := [][2]byte{{bmeConfig, standby << 5}, {bmeCtrlMeas, c.meas}}
	if c.humidity {
		if err := p.read(bmeCalibH, h[:]); err != nil {
			return err
		}
		settings = [][2]byte{{bmeCtrlHum, 1}, settings[0], settings[1]} // 5.4.3: ctrl_meas last
	}
	c.calib = parseBME(t, h)
	if c.calib.t1 == 0 || c.calib.p1 == 0 {
		return p.errorf(bmeCalib, "%w: its calibration is empty", ErrBadData)
	}
	return p.configure(settings)
}

// parseBME takes the trimming parameters from their registers (table 16).
func parseBME(t [26]byte, h [7]byte) bmeCalibration {
	le := func(i int) int16 { return le16(t[i], t[i+1]) }
	return bmeCalibration{
		t1: uint16(le(0)), t2: le(2), t3: le(4),
		p1: uint16(le(6)), p2: le(8), p3: le(10), p4: le(12), p5: le(14), p6: le(16), p7: le(18), p8: le(20), p9: le(22),
		h1: t[25], h2: le16(h[0], h[1]), h3: h[2],
		h4: int16(int8(h[3]))<<4 | int16(h[4]&0x0f),
		h5: int16(int8(h[5]))<<4 | int16(h[4]>>4),
		h6: int8(h[6]),
	}
}

func (c *bme) sample() []step {
	// One burst from ctrl_meas to the last result, as 4 asks, so that all belong together.
	var r [11]byte
	return []step{{run: func(p *port, b *batch) error {
		buf := r[:]
		if !c.humidity {
			buf = r[:9]
		}
		if err := p.read(bmeCtrlMeas, buf); err != nil {
			return err
		}
		if r[0] != c.meas {
			return p.errorf(bmeCtrlMeas, "got 0x%02x, want 0x%02x: %w", r[0], c.meas, ErrSettings)
		}
		adcP := int32(r[3])<<12 | int32(r[4])<<4 | int32(r[5])>>4
		adcT := int32(r[6])<<12 | int32(r[7])<<4 | int32(r[8])>>4
		adcH := int32(r[9])<<8 | int32(r[10])
		if adcT == 0x80000 || adcP == 0x80000 || c.humidity && adcH == 0x8000 {
			return p.errorf(0xf7, "%w: nothing measured yet", ErrBadData)
		}
		celsius, fine := c.calib.temperature(adcT)
		b.samples = append(b.samples, float32(celsius)/100, float32(c.calib.pressure(adcP, fine))/25600)
		if c.humidity {
			b.samples = append(b.samples, float32(c.calib.moisture(adcH, fine))/1024)
		}
		return nil
	}}}
}

// temperature is in hundredths of a degree Celsius; fine is for the other two formulas.
// It is BME280_compensate_T_int32 of 4.2.3.
func (c *bmeCalibration) temperature(adc int32) (celsius, fine int32) {
	d := adc>>3 - int32(c.t1)<<1
	e := adc>>4 - int32(c.t1)
	fine = d*int32(c.t2)>>11 + (e*e>>12)*int32(c.t3)>>14
	return (fine*5 + 128) >> 8, fine
}

// pressure is in Pa, 8 of its bits after the point: BME280_compensate_P_int64 of 4.2.3.
func (c *bmeCalibration) pressure(adc, fine int32) int64 {
	v1 := int64(fine) - 128000
	v2 := v1*v1*int64(c.p6) + v1*int64(c.p5)<<17 + int64(c.p4)<<35
	v1 = v1*v1*int64(c.p3)>>8 + v1*int64(c.p2)<<12
	v1 = (int64(1)<<47 + v1) * int64(c.p1) >> 33
	if v1 == 0 {
		return 0
	}
	p := ((1048576-int64(adc))<<31 - v2) * 3125 / v1
	v1 = int64(c.p9) * (p >> 13) * (p >> 13) >> 25
	v2 = int64(c.p8) * p >> 19
	return (p+v1+v2)>>8 + int64(c.p7)<<4
}

// moisture is the relative humidity in %, 10 of its bits after the point:
// bme280_compensate_H_int32 of 4.2.3.
func (c *bmeCalibration) moisture(adc, fine int32) int32 {
	v := fine - 76800
	a := (adc<<14 - int32(c.h4)<<20 - int32(c.h5)*v + 16384) >> 15
	s := (v*int32(c.h6)>>10)*(v*int32(c.h3)>>11+32768)>>10 + 2097152
	v = a * ((s*int32(c.h2) + 8192) >> 14)
	v -= ((v >> 15) * (v >> 15) >> 7) * int32(c.h1) >> 4
	return min(max(v, 0), 419430400) >> 12
}
