package periphio

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"kinglet/hal"

	"periph.io/x/conn/v3/i2c/i2ctest"
)

func tmp105Fake(celsius float64) *words {
	c := &words{narrow: map[byte]bool{lmConfig: true}}
	c.regs[lmTemp] = uint16(int16(celsius*256)) &^ 0x0f
	return c
}

// TestStuckBus holds up a transfer: callers get their errors in time, the bus is shown as
// stuck, and both work again when the transfer returns.
func TestStuckBus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeBus{chips: map[uint16]fakeChip{0x48: tmp105Fake(25), 0x49: tmp105Fake(50)}}
		b := NewI2C("i2c-9", f)
		defer b.Close()
		one, err := b.Open(Options{Model: "tmp105", Addr: 0x48, Timeout: 200 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		two, err := b.Open(Options{Model: "tmp105", Addr: 0x49, Timeout: 300 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		var r, r2 hal.Reading
		for _, s := range []hal.Source{one, two} {
			if err := s.Read(t.Context(), &r); err != nil {
				t.Fatal(err)
			}
		}
		hold := make(chan struct{})
		f.set(func() { f.hold = hold })

		var wg sync.WaitGroup
		var err2 error
		wg.Go(func() {
			time.Sleep(10 * time.Millisecond)
			err2 = two.Read(t.Context(), &r2)
		})
		began := time.Now()
		err = one.Read(t.Context(), &r)
		if took := time.Since(began); !errors.Is(err, ErrStuck) || took > 2*time.Second {
			t.Errorf("got %v after %v, want a stuck bus in time", err, took)
		}
		if want := "i2c-9: 0x48: register 0x00: read: the bus is stuck: the transfer did not end within 200ms"; err.Error() != want {
			t.Errorf("got error %q, want %q", err, want)
		}
		wg.Wait()
		if !errors.Is(err2, ErrStuck) || !strings.Contains(err2.Error(), "a transfer with 0x48 does not end") {
			t.Errorf("the other chip: got %v", err2)
		}
		time.Sleep(time.Second)
		if st := b.Status(); !st.Stuck || st.Addr != 0x48 || st.For < time.Second || st.Late != 2 {
			t.Errorf("got status %+v, want a stuck bus", st)
		}

		f.set(func() { f.hold = nil })
		close(hold)
		synctest.Wait()
		if st := b.Status(); st.Stuck {
			t.Errorf("got status %+v after the transfer returned", st)
		}
		for i, s := range []hal.Source{one, two} {
			if err := s.Read(t.Context(), &r); err != nil || r.Samples[0] != float32(25*(i+1)) {
				t.Errorf("chip %d: got %v, %v", i, r.Samples, err)
			}
		}
	})
}

func TestCloseOfStuckBus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		f := &fakeBus{hold: hold}
		b := NewI2C("i2c-9", f)
		s, err := b.Open(Options{Model: "tmp105"})
		if err != nil {
			t.Fatal(err)
		}
		var r hal.Reading
		if err := s.Read(t.Context(), &r); !errors.Is(err, ErrStuck) {
			t.Errorf("got %v", err)
		}
		if err := b.Close(); !errors.Is(err, ErrStuck) {
			t.Errorf("Close: got %v, want a stuck bus", err)
		}
		if err := s.Read(t.Context(), &r); !errors.Is(err, io.EOF) {
			t.Errorf("Read after Close: got %v, want io.EOF", err)
		}
		close(hold)
		synctest.Wait()
		if f.closed != 1 {
			t.Errorf("the bus was closed %d times", f.closed)
		}
	})
}

// TestContextEnds: the caller's own end is not an error of the bus.
func TestContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		f := &fakeBus{hold: hold}
		s := open(t, f, Options{Model: "tmp105"})
		var r hal.Reading
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := s.Read(ctx, &r); err != context.DeadlineExceeded {
			t.Errorf("got %v, want the context's error", err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		if err := s.Read(ctx, &r); err != context.Canceled {
			t.Errorf("got %v, want the context's error", err)
		}
		close(hold)
	})
}

func TestClaims(t *testing.T) {
	b := NewI2C("i2c-9", &fakeBus{})
	defer b.Close()
	s, err := b.Open(Options{Model: "tmp102", Name: "box"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = b.Open(Options{Model: "lm75", Name: "lid"}); err == nil || err.Error() != "source lid: lm75: i2c-9: 0x48: already read by source box" {
		t.Errorf("got %v", err)
	}
	_ = s.Close()
	if _, err = b.Open(Options{Model: "lm75"}); err != nil {
		t.Errorf("after Close: %v", err)
	}
}

// TestErrors says where: the bus, the address and the register.
func TestErrors(t *testing.T) {
	for _, row := range []struct {
		name string
		bus  *fakeBus
		is   error
		want string
	}{
		{"nobody there", &fakeBus{}, ErrNoAnswer, "i2c-9: 0x76: register 0xd0: read: no answer: remote I/O error"},
		{"no acknowledge", &fakeBus{fail: errors.New("sysfs-i2c: no such device or address")}, syscall.ENXIO, "i2c-9: 0x76: register 0xd0: read: no answer: no such device or address"},
		{"clock held low", &fakeBus{fail: errors.New("sysfs-i2c: connection timed out")}, ErrStuck, "i2c-9: 0x76: register 0xd0: read: the bus is stuck: connection timed out"},
		{"other", &fakeBus{fail: errors.New("sysfs-i2c: input/output error")}, syscall.EIO, "i2c-9: 0x76: register 0xd0: read: input/output error"},
		{"wrong chip", &fakeBus{chips: map[uint16]fakeChip{0x76: chipOf([]byte{bmeID, 0x58})}}, ErrWrongChip, "i2c-9: 0x76: register 0xd0: got 0x58, want 0x60 of a bme280: wrong chip"},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, row.bus, Options{Model: "bme280"})
				var r hal.Reading
				err := s.Read(t.Context(), &r)
				var e *Error
				if !errors.Is(err, row.is) || !errors.As(err, &e) || e.Addr != 0x76 || e.Reg != 0xd0 || err.Error() != row.want {
					t.Errorf("got %v, want %s", err, row.want)
				}
			})
		})
	}
}

// TestShortRead: a bus that delivers fewer bytes than were asked for says so, and the
// bytes are not used.
func TestShortRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &i2ctest.Playback{DontPanic: true, Ops: []i2ctest.IO{
			{Addr: 0x48, W: []byte{lmConfig, 0x60}},
			{Addr: 0x48, W: []byte{lmConfig}, R: []byte{0x60}},
			{Addr: 0x48, W: []byte{lmTemp}, R: []byte{0x19}},
		}}
		b := NewI2C("i2c-9", p)
		defer b.Close()
		s, err := b.Open(Options{Model: "tmp105"})
		if err != nil {
			t.Fatal(err)
		}
		var r hal.Reading
		err = s.Read(t.Context(), &r)
		if err == nil || !strings.HasPrefix(err.Error(), "i2c-9: 0x48: register 0x00: read: ") || len(r.Samples) != 0 {
			t.Errorf("got %v, %v", r.Samples, err)
		}
	})
}
