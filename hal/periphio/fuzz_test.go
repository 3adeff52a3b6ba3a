package periphio

import (
	"context"
	"errors"
	"math"
	"syscall"
	"testing"
	"time"

	"kinglet/hal"

	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/physic"
)

// noise is a bus that answers with given bytes, over and over. A byte of 0xa5 in front of
// a transfer makes that one fail.
type noise struct {
	data []byte
	at   int
}

var _ i2c.Bus = (*noise)(nil)

func (n *noise) String() string                  { return "noise" }
func (n *noise) SetSpeed(physic.Frequency) error { return nil }

func (n *noise) take() byte {
	if len(n.data) == 0 {
		return 0
	}
	v := n.data[n.at%len(n.data)]
	n.at++
	return v
}

func (n *noise) Tx(_ uint16, _, r []byte) error {
	if n.take() == 0xa5 {
		return syscall.EREMOTEIO
	}
	for i := range r {
		r[i] = n.take()
	}
	return nil
}

// echo answers what was written to a register, so that settings read back, and noise to
// all else.
type echo struct {
	noise
	kept map[byte][]byte
}

func (e *echo) Tx(addr uint16, w, r []byte) error {
	if err := e.noise.Tx(addr, w, r); err != nil {
		return err
	}
	if len(w) > 1 {
		e.kept[w[0]] = append([]byte(nil), w[1:]...)
	} else if len(w) == 1 {
		copy(r, e.kept[w[0]])
	}
	return nil
}

// FuzzBytes: whatever comes from a bus, a step returns, with an error or with numbers.
func FuzzBytes(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0xff})
	f.Add([]byte{0x00, 0x80})
	for _, id := range []byte{0xe5, 0x60, 0x58, 0x10, 0x68, 'H', 0x39} { // identifications of the models
		f.Add([]byte{0x00, id, 0xff, 0x01, 0x80})
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, bus := range []i2c.Bus{&noise{data: data}, &echo{noise{data: data}, map[byte][]byte{}}} {
			b := &Bus{name: "noise", wire: &i2cWire{bus: bus}}
			for _, m := range models() {
				c, err := m.build(Options{})
				if err != nil {
					t.Fatal(err)
				}
				p := &port{bus: b, ctx: context.Background(), addr: m.addrs[0]}
				if m.probe != nil {
					_, _ = m.probe(p)
				}
				for _, st := range c.setup() {
					_ = st.run(p, nil) // and on, also where a source would stop
				}
				for range 3 {
					var out batch
					for _, st := range c.sample() {
						if err := st.run(p, &out); err != nil {
							break
						}
					}
					for _, v := range out.samples {
						if v64 := float64(v); math.IsNaN(v64) || math.IsInf(v64, 0) {
							t.Fatalf("%s: got %v", m.name, v)
						}
					}
				}
			}
		}
	})
}

// FuzzSource reads every model through its source for a moment of real time.
func FuzzSource(f *testing.F) {
	f.Add([]byte{0x00, 0x60}, uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, which uint8) {
		all := models()
		m := all[int(which)%len(all)]
		b := NewI2C("noise", &noise{data: data})
		defer b.Close()
		s, err := b.Open(Options{Model: m.name})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		defer cancel()
		var r hal.Reading
		var e *Error
		if err := s.Read(ctx, &r); err != nil && !errors.As(err, &e) && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v", m.name, err)
		}
	})
}
