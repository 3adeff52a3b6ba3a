package periphio

import (
	"math"
	"testing"

	"periph.io/x/conn/v3/physic"
	"periph.io/x/devices/v3/bmxx80"
	"periph.io/x/devices/v3/ina219"
	"tinygo.org/x/drivers/mpu6050"
	"tinygo.org/x/drivers/tmp102"
)

// The tests here read one fake chip by our driver and by somebody else's.

// TestAgainstPeriphBME280 compares with periph's driver, which works out Bosch's integer
// formulas too.
func TestAgainstPeriphBME280(t *testing.T) {
	ours, err := first(t, bme280Fake(), 0x76, Options{Model: "bme280"})
	if err != nil {
		t.Fatal(err)
	}
	c := bme280Fake()
	dev, err := bmxx80.NewI2C(&fakeBus{chips: map[uint16]fakeChip{0x76: forced{c}}}, 0x76, &bmxx80.DefaultOpts)
	if err != nil {
		t.Fatal(err)
	}
	var e physic.Env
	if err := dev.Sense(&e); err != nil {
		t.Fatal(err)
	}
	near(t, "bme280", ours.Samples, []float64{
		e.Temperature.Celsius(),
		float64(e.Pressure) / float64(100*physic.Pascal),
		float64(e.Humidity) / float64(physic.PercentRH),
	}, 1e-3)
}

// forced makes a single measurement like one that goes on and on.
type forced struct{ *registers }

func (c forced) tx(w, r []byte) error {
	for i := 0; i+1 < len(w); i += 2 { // periph writes pairs of address and content
		if w[i] == bmeCtrlMeas && w[i+1]&3 != 0 {
			if err := c.registers.tx([]byte{bmeCtrlMeas, 3}, nil); err != nil {
				return err
			}
		}
	}
	if len(r) > 0 {
		return c.registers.tx(w, r)
	}
	return nil
}

func TestAgainstPeriphINA219(t *testing.T) {
	ours, err := first(t, inaFake(0x5d98, 0x2710, 0x1766), 0x40, Options{Model: "ina219", Range: 32.768, Shunt: 0.002})
	if err != nil {
		t.Fatal(err)
	}
	bus := &fakeBus{chips: map[uint16]fakeChip{0x40: inaFake(0x5d98, 0x2710, 0x1766)}}
	dev, err := ina219.New(bus, &ina219.Opts{SenseResistor: 2 * physic.MilliOhm, MaxCurrent: 32768 * physic.MilliAmpere})
	if err != nil {
		t.Fatal(err)
	}
	m, err := dev.Sense()
	if err != nil {
		t.Fatal(err)
	}
	near(t, "ina219", ours.Samples, []float64{
		float64(m.Voltage) / float64(physic.Volt), float64(m.Current) / float64(physic.Ampere), float64(m.Power) / float64(physic.Watt),
	}, 1e-4)
}

// TestAgainstTinyGoTMP102 compares every code of the register.
func TestAgainstTinyGoTMP102(t *testing.T) {
	c := &words{}
	dev := tmp102.New(&fakeBus{chips: map[uint16]fakeChip{0x48: c}})
	dev.Configure(tmp102.Config{Address: 0x48})
	ours := &lm{unused: 0x000f}
	for code := range uint16(1 << 12) {
		c.regs[lmTemp] = code << 4
		milli, err := dev.ReadTemperature()
		if err != nil {
			t.Fatal(err)
		}
		if got := float64(ours.celsius(code << 4)); math.Abs(got-float64(milli)/1000) > 1e-3 {
			t.Errorf("0x%03x: got %v, TinyGo has %v", code, got, float64(milli)/1000)
		}
	}
}

func TestAgainstTinyGoMPU6050(t *testing.T) {
	frame := []byte{0x40, 0x00, 0xc0, 0x01, 0x12, 0x34, 0x01, 0x06, 0xff, 0x00, 0x80, 0x00}
	c := chipOf(append([]byte{0x3b}, frame[:6]...), append([]byte{0x43}, frame[6:]...))
	dev := mpu6050.New(&fakeBus{chips: map[uint16]fakeChip{0x68: c}})
	ax, ay, az := dev.ReadAcceleration()
	gx, gy, gz := dev.ReadRotation()
	got := (&mpu{}).convert(frame, nil)
	for i, micro := range []int32{ax, ay, az, gx, gy, gz} {
		// TinyGo takes 250/32768 for a step of rotation, the data sheet 1/131: 0.06 % apart,
		// and it cuts to thousandths.
		if want := float64(micro) / 1e6; math.Abs(float64(got[i])-want) > 2e-3*max(1, math.Abs(want)) {
			t.Errorf("value %d: got %v, TinyGo has %v", i, got[i], want)
		}
	}
}
