package periphio

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"kinglet/hal"

	"periph.io/x/conn/v3/conntest"
	"periph.io/x/conn/v3/spi/spitest"
)

// fifo is a chip whose data register hands out queued frames.
type fifo struct {
	*registers
	data   byte // first register of a frame, whose read takes it out
	status byte // register with the number of frames
	depth  int
	lost   func(c *registers) // marks an overrun
	queue  [][]byte
}

func (c *fifo) push(frame []byte) {
	if len(c.queue) == c.depth {
		c.queue = c.queue[1:]
		c.lost(c.registers)
	}
	c.queue = append(c.queue, frame)
	c.bytes[c.status] = byte(len(c.queue))
}

func (c *fifo) tx(w, r []byte) error {
	if len(r) > 0 && len(w) == 1 && w[0] == c.data && len(c.queue) > 0 {
		copy(c.bytes[c.data&0x7f:], c.queue[0])
		c.queue = c.queue[1:]
		c.bytes[c.status] = byte(len(c.queue))
	}
	return c.registers.tx(w, r)
}

// axesLE is a frame of three little-endian axes.
func axesLE(x, y, z int16) []byte {
	return []byte{byte(x), byte(x >> 8), byte(y), byte(y >> 8), byte(z), byte(z >> 8)}
}

func adxlFake() *fifo {
	c := &fifo{registers: chipOf([]byte{adxlDevID, adxlID}), data: adxlData, status: adxlFIFOStatus, depth: 33}
	c.lost = func(c *registers) { c.bytes[adxlIntSource] |= adxlOverrun }
	return c
}

func (c *fifo) feed(x, y, z int16) { c.push(axesLE(x, y, z)) }

// TestADXL345Scale: 256 a g in full resolution in every range, so that 13 bits reach 16 g
// (data sheet, table 1: sensitivity; 10 bits at 2 g).
func TestADXL345Scale(t *testing.T) {
	for _, row := range []struct {
		raw  int16
		want float32
	}{{0, 0}, {256, 1}, {-256, -1}, {511, 1.99609375}, {4095, 15.99609375}, {-4096, -16}, {1, 0.00390625}} {
		if got := adxlG(byte(row.raw), byte(row.raw>>8)); got != row.want {
			t.Errorf("%d: got %v, want %v", row.raw, got, row.want)
		}
	}
}

// TestADXL345FIFO samples 800 a second for two seconds, none missing.
func TestADXL345FIFO(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := adxlFake()
		f := &fakeBus{chips: map[uint16]fakeChip{0x53: c}}
		s := open(t, f, Options{Model: "adxl345", Rate: 800})
		done := make(chan struct{})
		go func() {
			defer close(done)
			time.Sleep(5 * time.Millisecond)
			for i := range int16(1600) {
				f.set(func() { c.feed(i, 256, -i) })
				time.Sleep(time.Second / 800)
			}
		}()
		var r hal.Reading
		next, reads := int16(0), 0
		for next < 1600 {
			if err := s.Read(t.Context(), &r); err != nil {
				t.Fatal(err)
			}
			if r.Seq != uint64(next) {
				t.Fatalf("got sequence %d, want %d", r.Seq, next)
			}
			for i := 0; i < len(r.Samples); i += 3 {
				if r.Samples[i] != float32(next)/256 || r.Samples[i+1] != 1 || r.Samples[i+2] != -float32(next)/256 {
					t.Fatalf("frame %d: got %v", next, r.Samples[i:i+3])
				}
				next++
			}
			reads++
		}
		if reads > 160 {
			t.Errorf("%d visits for 1600 frames: the FIFO is not used", reads)
		}
		<-done
		if want := byte(adxlFullRes | 3); c.bytes[adxlFormat] != want || c.bytes[adxlRate] != 0x0d || c.bytes[adxlFIFOCtl] != 0x90 || c.bytes[adxlPower] != 0x08 {
			t.Errorf("got registers %x", c.bytes[0x2c:0x3a])
		}
	})
}

// TestADXL345Overrun: what was lost shows as a jump of the sequence.
func TestADXL345Overrun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := adxlFake()
		f := &fakeBus{chips: map[uint16]fakeChip{0x53: c}}
		s := open(t, f, Options{Model: "adxl345", Rate: 100})
		var r hal.Reading
		f.set(func() { c.feed(1, 1, 1) })
		if err := s.Read(t.Context(), &r); err != nil || r.Seq != 0 {
			t.Fatalf("got sequence %d, %v", r.Seq, err)
		}
		for i := range int16(100) {
			f.set(func() { c.feed(i, i, i) })
			time.Sleep(10 * time.Millisecond)
		}
		if err := s.Read(t.Context(), &r); err != nil || r.Frames(3) != 33 || r.Seq < 60 || r.Seq > 100 {
			t.Errorf("got %d frames from sequence %d, %v", r.Frames(3), r.Seq, err)
		}
	})
}

func TestADXL345SPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &spitest.Playback{Playback: conntest.Playback{DontPanic: true, Ops: []conntest.IO{
			{W: []byte{0x80, 0}, R: []byte{0, 0xe5}},
			{W: []byte{0x2d, 0}}, {W: []byte{0x2e, 0}}, {W: []byte{0x38, 0}},
			{W: []byte{0x2c, 0x0a}}, {W: []byte{0x31, 0x08}}, {W: []byte{0x38, 0x90}}, {W: []byte{0x2d, 0x08}},
			{W: []byte{0xb0, 0}, R: []byte{0, 0x83}},
			{W: []byte{0xb9, 0}, R: []byte{0, 0x01}},
			{W: []byte{0xf2, 0, 0, 0, 0, 0, 0}, R: []byte{0, 0x00, 0x01, 0x80, 0xff, 0x00, 0x02}},
		}}}
		b, err := NewSPI("spidev0.0", p)
		if err != nil {
			t.Fatal(err)
		}
		s, err := b.Open(Options{Model: "adxl345", Range: 2})
		if err != nil {
			t.Fatal(err)
		}
		var r hal.Reading
		if err := s.Read(t.Context(), &r); err != nil {
			t.Fatal(err)
		}
		near(t, "spi", r.Samples, []float64{1, -0.5, 2}, 0)
		err = s.Read(t.Context(), &r)
		var e *Error
		if !errors.As(err, &e) || e.Bus != "spidev0.0" || e.Reg != adxlIntSource {
			t.Errorf("got %v after the end", err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		if _, err := b.Open(Options{Model: "tmp102"}); err == nil {
			t.Error("a tmp102 was opened on SPI")
		}
	})
}
