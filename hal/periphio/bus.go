package periphio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/spi"
)

// patience is how long a visit to a bus may take where nothing else is asked for.
const patience = 500 * time.Millisecond

// Bus is the owner of an I2C bus or an SPI port. One goroutine makes every transfer;
// callers queue for it, each with a deadline of its own. periph's transfers know no
// time limit: one that does not return holds up the bus, and nobody else. Status shows
// such a bus as stuck until the transfer returns.
//
// All methods may be called from any goroutine.
type Bus struct {
	name   string
	wire   wire
	spi    bool
	closer io.Closer

	queue  chan *visit
	quit   chan struct{}
	ended  chan struct{}
	once   sync.Once
	failed error // of closer; set before ended is closed

	current                atomic.Pointer[transfer]
	transfers, errs, lates atomic.Uint64

	mu     sync.Mutex
	owners map[uint16]string // source of each address in use
}

// transfer is what is on the wire now.
type transfer struct {
	addr  uint16
	reg   int
	op    string
	since time.Time
}

// visit is one turn of a caller on the bus.
type visit struct {
	ctx  context.Context
	run  func() error
	done chan error
}

// Status is how a bus does.
type Status struct {
	Name      string        `json:"name"`
	Stuck     bool          `json:"stuck"`
	For       time.Duration `json:"for,omitempty"`     // that it has been stuck
	Addr      uint16        `json:"address,omitempty"` // of the chip that the stuck transfer is for
	Transfers uint64        `json:"transfers"`
	Errors    uint64        `json:"errors"`
	Late      uint64        `json:"late"` // visits that missed their deadline
}

// NewI2C owns an open I2C bus. The name is for errors. Close closes b if it can be closed.
func NewI2C(name string, b i2c.Bus) *Bus {
	closer, _ := b.(io.Closer)
	return newBus(name, &i2cWire{bus: b}, closer)
}

// NewSPI owns an open SPI port, which has one chip.
func NewSPI(name string, p spi.Port) (*Bus, error) {
	w, err := newSPIWire(p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	closer, _ := p.(io.Closer)
	b := newBus(name, w, closer)
	b.spi = true
	return b, nil
}

func newBus(name string, w wire, closer io.Closer) *Bus {
	b := &Bus{
		name: name, wire: w, closer: closer,
		queue:  make(chan *visit),
		quit:   make(chan struct{}),
		ended:  make(chan struct{}),
		owners: map[uint16]string{},
	}
	go b.serve()
	return b
}

// serve is the bus's goroutine.
func (b *Bus) serve() {
	defer close(b.ended)
	for {
		select {
		case <-b.quit:
			if b.closer != nil {
				b.failed = b.closer.Close()
			}
			return
		case v := <-b.queue:
			if err := v.ctx.Err(); err != nil {
				v.done <- err
				continue
			}
			v.done <- v.run()
		}
	}
}

// visit runs do in the bus's goroutine and returns its error, or an error of its own when
// that takes longer than the limit; do then still runs and must not touch what the caller
// uses on. A do that makes its transfers through p ends soon after such a deadline.
func (b *Bus) visit(ctx context.Context, limit time.Duration, p *port, do func(*port) error) error {
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	turn := *p
	turn.ctx = timed
	v := &visit{ctx: timed, run: func() error { return do(&turn) }, done: make(chan error, 1)}
	select {
	case <-b.quit:
		return &Error{Bus: b.name, Addr: p.addr, Reg: noRegister, Err: ErrClosed}
	default:
	}
	select {
	case b.queue <- v:
	case <-b.quit:
		return &Error{Bus: b.name, Addr: p.addr, Reg: noRegister, Err: ErrClosed}
	case <-timed.Done():
		return b.late(ctx, p.addr, limit)
	}
	select {
	case err := <-v.done:
		if err != nil && errors.Is(err, context.DeadlineExceeded) {
			return b.late(ctx, p.addr, limit)
		}
		return err
	case <-timed.Done():
		select {
		case err := <-v.done: // it ended at the same moment
			return err
		default:
			return b.late(ctx, p.addr, limit)
		}
	}
}

// late explains a visit that did not end in time.
func (b *Bus) late(ctx context.Context, addr uint16, limit time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.lates.Add(1)
	e := &Error{Bus: b.name, Addr: addr, Reg: noRegister}
	t := b.current.Load()
	switch {
	case t == nil:
		e.Err = fmt.Errorf("%w: not served within %v", ErrStuck, limit)
	case t.addr == addr:
		e.Reg, e.Op = t.reg, t.op
		e.Err = fmt.Errorf("%w: the transfer did not end within %v", ErrStuck, limit)
	default:
		e.Err = fmt.Errorf("%w: not served within %v, while a transfer with 0x%02x does not end", ErrStuck, limit, t.addr)
	}
	return e
}

// Status tells whether the bus works. A transfer that takes longer than half a second
// means that it does not.
func (b *Bus) Status() Status {
	s := Status{Name: b.name, Transfers: b.transfers.Load(), Errors: b.errs.Load(), Late: b.lates.Load()}
	if t := b.current.Load(); t != nil {
		if d := time.Since(t.since); d > patience {
			s.Stuck, s.For, s.Addr = true, d, t.addr
		}
	}
	return s
}

// Name is the name in the bus's errors.
func (b *Bus) Name() string { return b.name }

// claim gives an address to one source until it is released.
func (b *Bus) claim(addr uint16, name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if other, ok := b.owners[addr]; ok {
		return &Error{Bus: b.name, Addr: addr, Reg: noRegister, Err: fmt.Errorf("already read by source %s", other)}
	}
	b.owners[addr] = name
	return nil
}

func (b *Bus) release(addr uint16) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.owners, addr)
}

// Close ends the bus's goroutine and closes the bus. When a transfer does not end it
// leaves the goroutine behind, which closes the bus should it ever come back.
func (b *Bus) Close() error {
	b.once.Do(func() { close(b.quit) })
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-b.ended:
		if b.failed != nil {
			return fmt.Errorf("%s: close: %w", b.name, b.failed)
		}
		return nil
	case <-t.C:
		return &Error{Bus: b.name, Reg: noRegister, Op: "close", Err: ErrStuck}
	}
}

// port is a chip's access to its bus during a visit.
type port struct {
	bus   *Bus
	ctx   context.Context // of the visit
	addr  uint16
	multi byte // what an SPI chip wants in the address of several bytes
}

// begin notes a transfer, unless nobody waits for it any more.
func (p *port) begin(op string, reg int) error {
	if err := p.ctx.Err(); err != nil {
		return err
	}
	p.bus.transfers.Add(1)
	p.bus.current.Store(&transfer{addr: p.addr, reg: reg, op: op, since: time.Now()})
	return nil
}

func (p *port) end(op string, reg int, err error) error {
	p.bus.current.Store(nil)
	if err == nil {
		return nil
	}
	p.bus.errs.Add(1)
	return &Error{Bus: p.bus.name, Addr: p.addr, Reg: reg, Op: op, Err: cause(err)}
}

// read fills buf from a register on.
func (p *port) read(reg byte, buf []byte) error {
	if err := p.begin("read", int(reg)); err != nil {
		return err
	}
	return p.end("read", int(reg), p.bus.wire.read(p.addr, reg, p.multi, buf))
}

// get reads one register of a byte.
func (p *port) get(reg byte) (byte, error) {
	var b [1]byte
	err := p.read(reg, b[:])
	return b[0], err
}

// get16 reads one big-endian register of two bytes.
func (p *port) get16(reg byte) (uint16, error) {
	var b [2]byte
	err := p.read(reg, b[:])
	return uint16(b[0])<<8 | uint16(b[1]), err
}

// write sets a register and, where data is longer, those that follow.
func (p *port) write(reg byte, data ...byte) error {
	if err := p.begin("write", int(reg)); err != nil {
		return err
	}
	return p.end("write", int(reg), p.bus.wire.write(p.addr, reg, p.multi, data))
}

// set16 sets a big-endian register of two bytes.
func (p *port) set16(reg byte, v uint16) error { return p.write(reg, byte(v>>8), byte(v)) }

// poke returns nil when something acknowledges the address.
func (p *port) poke() error {
	if err := p.begin("read", noRegister); err != nil {
		return err
	}
	return p.end("read", noRegister, p.bus.wire.poke(p.addr))
}

// errorf is an error about a register, or about the chip with noRegister. The format is
// to wrap one of the package's errors.
func (p *port) errorf(reg int, format string, args ...any) error {
	return &Error{Bus: p.bus.name, Addr: p.addr, Reg: reg, Err: fmt.Errorf(format, args...)}
}

// identify compares a register with what the chip's data sheet says it holds.
func (p *port) identify(name string, reg, want byte) error {
	got, err := p.get(reg)
	if err != nil {
		return err
	}
	if got != want {
		return p.errorf(int(reg), "got 0x%02x, want 0x%02x of a %s: %w", got, want, name, ErrWrongChip)
	}
	return nil
}

// configure sets registers of a byte, in order.
func (p *port) configure(settings [][2]byte) error {
	for _, s := range settings {
		if err := p.write(s[0], s[1]); err != nil {
			return err
		}
	}
	return nil
}
