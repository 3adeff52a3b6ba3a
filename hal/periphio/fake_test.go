package periphio

import (
	"fmt"
	"math"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"kinglet/hal"

	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/physic"
)

// fakeBus is an I2C bus with chips that a test may pull out, put back and hold up.
type fakeBus struct {
	mu     sync.Mutex
	chips  map[uint16]fakeChip
	hold   chan struct{} // when not nil a transfer waits until it is closed
	fail   error         // of every transfer
	closed int
}

// fakeChip answers a transfer.
type fakeChip interface {
	tx(w, r []byte) error
}

var _ i2c.BusCloser = (*fakeBus)(nil)

func (f *fakeBus) String() string                  { return "fake" }
func (f *fakeBus) SetSpeed(physic.Frequency) error { return nil }

func (f *fakeBus) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed++
	return nil
}

func (f *fakeBus) set(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

// Tx answers as periph's sysfs driver does: the errno only as text.
func (f *fakeBus) Tx(addr uint16, w, r []byte) error {
	f.mu.Lock()
	hold := f.hold
	f.mu.Unlock()
	if hold != nil {
		<-hold
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		return f.fail
	}
	chip := f.chips[addr]
	if chip == nil {
		return fmt.Errorf("sysfs-i2c: %v", syscall.EREMOTEIO)
	}
	return chip.tx(w, r)
}

// registers is a chip of byte registers whose address moves on by itself.
type registers struct {
	bytes [256]byte
	at    byte
	mask  byte                         // of a register's address; 0 is all bits
	wrote func(c *registers, reg byte) // after a write
	reads func(c *registers, reg byte) // before a read
	next  func(reg byte) (next byte)   // of an address; nil adds one
	ro    map[byte]bool                // registers that ignore writes
	log   [][2]byte                    // writes
}

// chipOf is a chip with some registers set: pairs of address and content.
func chipOf(set ...[]byte) *registers {
	c := &registers{ro: map[byte]bool{}}
	for _, s := range set {
		copy(c.bytes[s[0]:], s[1:])
	}
	return c
}

func (c *registers) tx(w, r []byte) error {
	mask := c.mask
	if mask == 0 {
		mask = 0xff
	}
	if len(w) > 0 {
		c.at = w[0] & mask
		for _, v := range w[1:] {
			c.log = append(c.log, [2]byte{c.at, v})
			if !c.ro[c.at] {
				c.bytes[c.at] = v
			}
			if c.wrote != nil {
				c.wrote(c, c.at)
			}
			c.at++
		}
	}
	if len(r) > 0 && c.reads != nil {
		c.reads(c, c.at)
	}
	for i := range r {
		r[i] = c.bytes[c.at]
		if c.next != nil {
			c.at = c.next(c.at)
		} else {
			c.at++
		}
	}
	return nil
}

// words is a chip of registers of two bytes, or of one where narrow says so.
type words struct {
	regs   [256]uint16
	at     byte
	narrow map[byte]bool
	wrote  func(c *words, reg byte)
}

func (c *words) tx(w, r []byte) error {
	if len(w) > 0 {
		c.at = w[0]
	}
	switch {
	case len(w) > 2 && !c.narrow[c.at]:
		c.regs[c.at] = uint16(w[1])<<8 | uint16(w[2])
	case len(w) > 1:
		c.regs[c.at] = uint16(w[1])<<8 | 0xff
	}
	if len(w) > 1 && c.wrote != nil {
		c.wrote(c, c.at)
	}
	for i := range r {
		r[i] = byte(c.regs[c.at] >> (8 * (1 - i&1)))
	}
	return nil
}

// open makes a source of a fake chip. It is for a synctest bubble, in which waiting
// takes no time.
func open(t *testing.T, f *fakeBus, o Options) hal.Source {
	t.Helper()
	b := NewI2C("i2c-9", f)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := b.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// first reads one reading of a chip at an address.
func first(t *testing.T, c fakeChip, addr uint16, o Options) (r hal.Reading, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o.Addr = addr
		s := open(t, &fakeBus{chips: map[uint16]fakeChip{addr: c}}, o)
		err = s.Read(t.Context(), &r)
	})
	return r, err
}

// near compares samples within a part of their size.
func near(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
	for i := range want {
		if math.Abs(float64(got[i])-want[i]) > tolerance {
			t.Errorf("%s: value %d: got %v, want %v", what, i, got[i], want[i])
		}
	}
}
