package periphio

import (
	"fmt"
	"math"
	"time"
)

// Registers of InvenSense's MPU-6050 (RM-MPU-6000A, revision 4.2).
const (
	mpuRateDiv  = 0x19
	mpuConfig   = 0x1a
	mpuGyro     = 0x1b
	mpuAccel    = 0x1c
	mpuFIFOEn   = 0x23
	mpuIntState = 0x3a
	mpuUser     = 0x6a
	mpuPower    = 0x6b
	mpuCount    = 0x72
	mpuFIFO     = 0x74
	mpuWhoAmI   = 0x75

	mpuID        = 0x68 // bits 6 to 1 of the address, whatever AD0 is
	mpuReset     = 0x80
	mpuClockGyro = 0x01
	mpuFIFOReset = 0x04
	mpuFIFOOn    = 0x40
	mpuSensors   = 0x78 // gyroscope x, y, z and accelerometer
	mpuOverflow  = 0x10
	mpuDepth     = 1024 // bytes
	mpuFrame     = 12   // bytes: acceleration and rotation of three axes
	mpuBurst     = 20   // frames in one transfer
)

// mpu is an MPU-6050, read through its FIFO of 1024 bytes.
type mpu struct {
	div    byte // 1000 Hz / (1 + div) is the rate (4.4)
	dlpf   byte
	accel  int // of ACCEL_CONFIG
	gyro   int // of GYRO_CONFIG
	ranges []float64
	turns  []float64
}

func newMPU6050(o Options) (chip, error) {
	rate, err := within("rate", o.Rate, 100, 4, 1000)
	if err != nil {
		return nil, err
	}
	c := &mpu{ranges: []float64{2, 4, 8, 16}, turns: []float64{250, 500, 1000, 2000}}
	div := math.Round(1000/rate) - 1
	if got := 1000 / (1 + div); math.Abs(got-rate) > 0.01*rate {
		return nil, fmt.Errorf("rate: got %v, want 1000 divided by a whole number, such as %.4g", rate, got)
	}
	c.div = byte(div)
	// The widest low-pass filter below half of the rate, of the accelerometer's in 4.3.
	c.dlpf = 6
	for i, band := range []float64{184, 94, 44, 21, 10} {
		if band <= rate/2 {
			c.dlpf = byte(i + 1)
			break
		}
	}
	if c.accel, err = oneOf("range", o.Range, 4, c.ranges); err != nil {
		return nil, err
	}
	c.gyro, err = oneOf("gyro", o.Gyro, 500, c.turns)
	return c, err
}

func (c *mpu) traits() traits {
	rate := 1000 / (1 + float64(c.div))
	return traits{
		rate: rate, burst: burst(rate, 40),
		channels: append(axes("a", "g", c.ranges[c.accel]), axes("g", "°/s", c.turns[c.gyro])...),
	}
}

func (c *mpu) setup() []step {
	return []step{
		{func(p *port, _ *batch) error {
			if err := p.identify("mpu6050", mpuWhoAmI, mpuID); err != nil {
				return err
			}
			return p.write(mpuPower, mpuReset)
		}, 100 * time.Millisecond},
		{func(p *port, _ *batch) error {
			return p.write(mpuPower, mpuClockGyro) // out of its sleep
		}, 30 * time.Millisecond},
		{func(p *port, _ *batch) error {
			return p.configure([][2]byte{
				{mpuRateDiv, c.div}, {mpuConfig, c.dlpf},
				{mpuGyro, byte(c.gyro) << 3}, {mpuAccel, byte(c.accel) << 3},
				{mpuFIFOEn, 0}, {mpuUser, mpuFIFOReset}, {mpuUser, mpuFIFOOn}, {mpuFIFOEn, mpuSensors},
			})
		}, 0},
	}
}

func (c *mpu) sample() []step {
	var r [mpuFrame * mpuBurst]byte
	return []step{{run: func(p *port, b *batch) error {
		state, err := p.get(mpuIntState)
		if err != nil {
			return err
		}
		count, err := p.get16(mpuCount)
		if err != nil {
			return err
		}
		if count > mpuDepth {
			return p.errorf(mpuCount, "%w: got %d bytes in the FIFO, want up to %d", ErrBadData, count, mpuDepth)
		}
		if state&mpuOverflow != 0 { // frames are torn then: begin anew
			return p.errorf(mpuIntState, "%w: the FIFO ran over", ErrBadData)
		}
		for n := int(count) / mpuFrame; n > 0; {
			frames := min(n, mpuBurst)
			buf := r[:frames*mpuFrame]
			if err := p.read(mpuFIFO, buf); err != nil {
				return err
			}
			for ; len(buf) > 0; buf = buf[mpuFrame:] {
				b.samples = c.convert(buf, b.samples)
			}
			n -= frames
		}
		return nil
	}}}
}

// convert appends a frame in g and degrees a second: 16384 a g at 2 g (4.17), and 32768
// over the full scale of the gyroscope, which 4.19 gives as 131, 65.5, 32.8 and 16.4.
func (c *mpu) convert(frame []byte, out []float32) []float32 {
	lsb := [...]float32{131, 65.5, 32.8, 16.4}
	for i := range 3 {
		out = append(out, float32(be16(frame[2*i], frame[2*i+1]))/float32(int(16384)>>c.accel))
	}
	for i := 3; i < 6; i++ {
		out = append(out, float32(be16(frame[2*i], frame[2*i+1]))/lsb[c.gyro])
	}
	return out
}
