package periphio

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"kinglet/hal"
)

// mpuFake is an MPU-6050 with its FIFO of 1024 bytes.
type mpuFake struct {
	*registers
	queue []byte
}

func newMPUFake() *mpuFake {
	c := &mpuFake{registers: chipOf([]byte{mpuWhoAmI, mpuID}, []byte{mpuPower, 0x40})}
	c.wrote = func(r *registers, reg byte) {
		switch {
		case reg == mpuPower && r.bytes[reg]&mpuReset != 0:
			clear(r.bytes[:mpuWhoAmI])
			r.bytes[mpuPower] = 0x40
		case reg == mpuUser && r.bytes[reg]&mpuFIFOReset != 0:
			c.queue = nil
			r.bytes[mpuIntState] = 0
		}
	}
	return c
}

func (c *mpuFake) running() bool {
	return c.bytes[mpuPower]&0x40 == 0 && c.bytes[mpuUser]&mpuFIFOOn != 0 && c.bytes[mpuFIFOEn] == mpuSensors
}

func (c *mpuFake) push(v ...int16) {
	if !c.running() {
		return
	}
	for _, x := range v {
		c.queue = append(c.queue, byte(x>>8), byte(x))
	}
	if len(c.queue) > mpuDepth {
		c.queue = c.queue[len(c.queue)-mpuDepth:]
		c.bytes[mpuIntState] |= mpuOverflow
	}
}

func (c *mpuFake) tx(w, r []byte) error {
	c.bytes[mpuCount], c.bytes[mpuCount+1] = byte(len(c.queue)>>8), byte(len(c.queue))
	if len(w) == 1 && w[0] == mpuFIFO {
		n := copy(r, c.queue)
		c.queue = c.queue[n:]
		return nil
	}
	return c.registers.tx(w, r)
}

// TestMPU6050Scales are the sensitivities of PS-MPU-6000A, tables 6.1 and 6.2.
func TestMPU6050Scales(t *testing.T) {
	for i, row := range []struct{ g, turn int16 }{{16384, 131}, {8192, 655}, {4096, 328}, {2048, 164}} {
		c := &mpu{accel: i, gyro: i}
		turn := []float64{1, 10, 10, 10}[i]
		frame := []byte{byte(row.g >> 8), byte(row.g), 0, 0, 0, 0, byte(row.turn >> 8), byte(row.turn), 0, 0, 0xff, 0xff}
		got := c.convert(frame, nil)
		lsb := []float64{131, 65.5, 32.8, 16.4}[i]
		near(t, "frame", got, []float64{1, 0, 0, turn, 0, -1 / lsb}, 1e-5)
	}
}

func TestMPU6050(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newMPUFake()
		f := &fakeBus{chips: map[uint16]fakeChip{0x69: c}}
		s := open(t, f, Options{Model: "mpu6050", Addr: 0x69, Rate: 500, Range: 2, Gyro: 250})
		if i := s.Info(); i.Rate != 500 || len(i.Channels) != 6 || i.Channels[3] != "gx" || i.Units[0] != "g" || i.Units[5] != "°/s" || i.Unit != "" {
			t.Errorf("got info %+v", i)
		}
		stop := make(chan struct{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := int16(0); ; {
				select {
				case <-stop:
					return
				case <-time.After(2 * time.Millisecond):
				}
				f.set(func() {
					if c.running() {
						c.push(i, 0, 16384, i, 0, -131)
						i++
					}
				})
			}
		}()
		var r hal.Reading
		next, reads := int16(0), 0
		for ; next < 2000; reads++ {
			if err := s.Read(t.Context(), &r); err != nil {
				t.Fatal(err)
			}
			if r.Seq != uint64(next) {
				t.Fatalf("got sequence %d, want %d", r.Seq, next)
			}
			for i := 0; i < len(r.Samples); i += 6 {
				near(t, "frame", r.Samples[i:i+6], []float64{float64(next) / 16384, 0, 1, float64(next) / 131, 0, -1}, 1e-5)
				next++
			}
		}
		if reads > 100 {
			t.Errorf("%d visits for 2000 frames", reads)
		}
		time.Sleep(time.Second) // the FIFO runs over: an error, and a fresh start
		if err := s.Read(t.Context(), &r); !errors.Is(err, ErrBadData) {
			t.Errorf("got %v, want an overrun", err)
		}
		seq := r.Seq
		if err := s.Read(t.Context(), &r); err != nil || r.Seq < seq+300 {
			t.Errorf("got sequence %d after %d and a second, %v", r.Seq, seq, err)
		}
		close(stop)
		<-done
		if c.bytes[mpuRateDiv] != 1 || c.bytes[mpuConfig] != 1 {
			t.Errorf("got divider %d and filter %d", c.bytes[mpuRateDiv], c.bytes[mpuConfig])
		}
	})
}

func TestMPU6050Filter(t *testing.T) {
	for rate, want := range map[float64]byte{1000: 1, 500: 1, 250: 2, 200: 2, 100: 3, 50: 4, 25: 5, 10: 6} {
		c, err := newMPU6050(Options{Rate: rate})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.(*mpu).dlpf; got != want {
			t.Errorf("%v Hz: got filter %d, want %d", rate, got, want)
		}
	}
}
