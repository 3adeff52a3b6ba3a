package periphio

import (
	"fmt"

	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
)

// wire moves register bytes. It is for the goroutine of its bus.
type wire interface {
	// read fills r from a register on; multi is what an SPI chip wants in the address of
	// a transfer of several bytes.
	read(addr uint16, reg, multi byte, r []byte) error
	write(addr uint16, reg, multi byte, w []byte) error
	// poke reads a byte without naming a register, which asks whether anything answers.
	poke(addr uint16) error
}

// i2cWire addresses a register by the first byte written, and reads after a repeated
// start, as all the chips here want it.
type i2cWire struct {
	bus i2c.Bus
	buf []byte
}

func (w *i2cWire) read(addr uint16, reg, _ byte, r []byte) error {
	w.buf = append(w.buf[:0], reg)
	return w.bus.Tx(addr, w.buf, r)
}

func (w *i2cWire) write(addr uint16, reg, _ byte, data []byte) error {
	w.buf = append(append(w.buf[:0], reg), data...)
	return w.bus.Tx(addr, w.buf, nil)
}

func (w *i2cWire) poke(addr uint16) error {
	w.buf = append(w.buf[:0], 0)
	return w.bus.Tx(addr, nil, w.buf)
}

// SPI as all the chips here take it: mode 3, and bit 7 of the address says read.
const (
	spiSpeed = physic.MegaHertz
	spiRead  = 0x80
)

type spiWire struct {
	conn spi.Conn
	w, r []byte
}

func newSPIWire(p spi.Port) (*spiWire, error) {
	c, err := p.Connect(spiSpeed, spi.Mode3, 8)
	if err != nil {
		return nil, err
	}
	return &spiWire{conn: c}, nil
}

func (w *spiWire) read(_ uint16, reg, multi byte, r []byte) error {
	n := len(r) + 1
	if cap(w.w) < n {
		w.w, w.r = make([]byte, n), make([]byte, n)
	}
	w.w, w.r = w.w[:n], w.r[:n]
	clear(w.w)
	w.w[0] = reg | spiRead
	if len(r) > 1 {
		w.w[0] |= multi
	}
	if err := w.conn.Tx(w.w, w.r); err != nil {
		return err
	}
	copy(r, w.r[1:])
	return nil
}

func (w *spiWire) write(_ uint16, reg, multi byte, data []byte) error {
	reg &^= spiRead
	if len(data) > 1 {
		reg |= multi
	}
	w.w = append(append(w.w[:0], reg), data...)
	if cap(w.r) < len(w.w) {
		w.r = make([]byte, len(w.w))
	}
	return w.conn.Tx(w.w, nil)
}

func (w *spiWire) poke(uint16) error {
	return fmt.Errorf("spi has no addresses")
}
