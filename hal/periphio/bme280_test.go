package periphio

import (
	"errors"
	"math"
	"testing"
)

// bmp280Example are the trimming parameters of the worked example in the BMP280's data
// sheet (BST-BMP280-DS001, 3.12), whose formulas are the BME280's.
var bmp280Example = bmeCalibration{
	t1: 27504, t2: 26435, t3: -1000,
	p1: 36477, p2: -10685, p3: 3024, p4: 2855, p5: 140, p6: -7, p7: 15500, p8: -14600, p9: 6000,
}

func TestBMP280Example(t *testing.T) {
	celsius, fine := bmp280Example.temperature(519888)
	if celsius != 2508 || fine != 128422 {
		t.Errorf("got %d and %d, want 25.08 and t_fine 128422", celsius, fine)
	}
	// The sheet's 100653.27 Pa by float64 is 100653.25 by int64, of which it says that it
	// is exact to one part in 256.
	if got := float64(bmp280Example.pressure(415148, fine)) / 256; math.Abs(got-100653.27) > 0.03 {
		t.Errorf("got %v Pa, want 100653.27", got)
	}
}

// doubles are the formulas of BST-BME280-DS002, 8.1, in floating point: a second way to
// the same numbers, in the same data sheet.
func (c *bmeCalibration) doubles(adcT, adcP, adcH int32) (celsius, pascal, percent float64) {
	v1 := (float64(adcT)/16384 - float64(c.t1)/1024) * float64(c.t2)
	d := float64(adcT)/131072 - float64(c.t1)/8192
	fine := v1 + d*d*float64(c.t3)
	celsius = fine / 5120

	v1 = fine/2 - 64000
	v2 := v1 * v1 * float64(c.p6) / 32768
	v2 += v1 * float64(c.p5) * 2
	v2 = v2/4 + float64(c.p4)*65536
	v1 = (float64(c.p3)*v1*v1/524288 + float64(c.p2)*v1) / 524288
	v1 = (1 + v1/32768) * float64(c.p1)
	pascal = (1048576 - float64(adcP) - v2/4096) * 6250 / v1
	pascal += (float64(c.p9)*pascal*pascal/2147483648 + pascal*float64(c.p8)/32768 + float64(c.p7)) / 16

	h := fine - 76800
	h = (float64(adcH) - (float64(c.h4)*64 + float64(c.h5)/16384*h)) *
		(float64(c.h2) / 65536 * (1 + float64(c.h6)/67108864*h*(1+float64(c.h3)/67108864*h)))
	percent = min(max(h*(1-float64(c.h1)*h/524288), 0), 100)
	return celsius, pascal, percent
}

func TestBME280AgainstDoubles(t *testing.T) {
	c := bmp280Example
	c.h1, c.h2, c.h3, c.h4, c.h5, c.h6 = 75, 366, 0, 309, 50, 30
	for adcT := int32(400000); adcT < 650000; adcT += 24999 {
		for adcP := int32(300000); adcP < 500000; adcP += 39999 {
			for adcH := int32(20000); adcH < 40000; adcH += 2500 {
				celsius, fine := c.temperature(adcT)
				wantT, wantP, wantH := c.doubles(adcT, adcP, adcH)
				if d := float64(celsius)/100 - wantT; math.Abs(d) > 0.02 {
					t.Errorf("%d: %v degrees off", adcT, d)
				}
				if d := float64(c.pressure(adcP, fine))/256 - wantP; math.Abs(d) > 5 {
					t.Errorf("%d, %d: %v Pa off", adcT, adcP, d)
				}
				if d := float64(c.moisture(adcH, fine))/1024 - wantH; math.Abs(d) > 0.05 {
					t.Errorf("%d, %d: %v %% off", adcT, adcH, d)
				}
			}
		}
	}
}

// bme280Fake has the registers of a real chip, as periph's tests of bmxx80 show them
// ("Real data extracted from a device"), and its measurement of 22.95 degrees, 1000.46
// hPa and 63.17 %.
func bme280Fake() *registers {
	c := chipOf(
		[]byte{bmeID, bme280ID},
		[]byte{bmeCalib, 0x10, 0x6e, 0x6c, 0x66, 0x5e, 0x01, 0x5d, 0x95, 0xb8, 0xd5, 0xd0, 0x0b, 0x77, 0x1e, 0x9d, 0xff, 0xf9, 0xff, 0xac, 0x26, 0x0a, 0xd8, 0xbd, 0x10, 0x00, 0x4b},
		[]byte{bmeCalibH, 0x6e, 0x01, 0x00, 0x13, 0x05, 0x00, 0x1e},
		[]byte{0xf7, 0x80, 0x00, 0x00, 0x80, 0x00, 0x00, 0x80, 0x00},
	)
	c.wrote = func(c *registers, reg byte) {
		switch {
		case reg == bmeReset && c.bytes[reg] == bmeResetWord:
			copy(c.bytes[bmeCtrlHum:], []byte{0, 0, 0, 0, 0, 0x80, 0, 0, 0x80, 0, 0, 0x80, 0})
		case reg == bmeCtrlMeas && c.bytes[reg]&3 == 3:
			const p, t, h = 309104, 524112, 30987
			copy(c.bytes[0xf7:], []byte{p >> 12, p >> 4 & 255, p << 4 & 255, t >> 12 & 255, t >> 4 & 255, t << 4 & 255, h >> 8, h & 255})
		}
	}
	return c
}

func TestBME280(t *testing.T) {
	r, err := first(t, bme280Fake(), 0x76, Options{Model: "bme280"})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "bme280", r.Samples, []float64{22.93, 1000.43, 63.17}, 0.005)

	c := bme280Fake()
	c.bytes[bmeID] = bmp280ID
	r, err = first(t, c, 0x77, Options{Model: "bmp280"})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "bmp280", r.Samples, []float64{22.93, 1000.43}, 0.005)
	if _, err := first(t, bme280Fake(), 0x77, Options{Model: "bmp280"}); !errors.Is(err, ErrWrongChip) {
		t.Errorf("got %v, want the wrong chip", err)
	}
}

// TestBME280Order: humidity's control takes effect with ctrl_meas (5.4.3), which starts
// the measurements and comes last.
func TestBME280Order(t *testing.T) {
	c := bme280Fake()
	if _, err := first(t, c, 0x76, Options{Model: "bme280", Rate: 25}); err != nil {
		t.Fatal(err)
	}
	want := [][2]byte{{0xe0, 0xb6}, {0xf2, 0x01}, {0xf5, 0x00}, {0xf4, 0x4f}}
	if len(c.log) != len(want) {
		t.Fatalf("got %x, want %x", c.log, want)
	}
	for i := range want {
		if c.log[i] != want[i] {
			t.Errorf("write %d: got %x, want %x", i, c.log[i], want[i])
		}
	}
}

// TestBME280Humidity checks how dig_H4 and dig_H5 share a register (table 16).
func TestBME280Humidity(t *testing.T) {
	c := parseBME([26]byte{}, [7]byte{0x6e, 0x01, 0x00, 0x13, 0xf5, 0xff, 0x1e})
	if c.h2 != 366 || c.h4 != 309 || c.h5 != -1 || c.h6 != 30 {
		t.Errorf("got %+v", c)
	}
}
