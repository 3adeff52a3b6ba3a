package periphio

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"periph.io/x/conn/v3/i2c/i2creg"
	"periph.io/x/conn/v3/spi/spireg"
	"periph.io/x/host/v3/gpioioctl"
)

// Found is what a board has.
type Found struct {
	I2C  []FoundBus  `json:"i2c"`
	SPI  []string    `json:"spi"`
	GPIO []FoundGPIO `json:"gpio"`
}

// FoundBus is an I2C bus and what answers on it.
type FoundBus struct {
	Name    string      `json:"name"`              // such as "i2c-1"
	Adapter string      `json:"adapter,omitempty"` // the kernel's name for it
	Chips   []FoundChip `json:"chips"`
	Error   string      `json:"error,omitempty"` // why the list may be short
}

// FoundChip is an address that answers.
type FoundChip struct {
	Addr  uint16   `json:"address"`
	May   []string `json:"may"`             // models that it may be, by its address
	Is    string   `json:"is,omitempty"`    // the model that its registers name
	Owner string   `json:"owner,omitempty"` // the kernel driver that has it
}

// FoundGPIO is a GPIO chip.
type FoundGPIO struct {
	Name  string      `json:"name"`
	Label string      `json:"label"`
	Lines []FoundLine `json:"lines"`
}

// FoundLine is a line of a GPIO chip.
type FoundLine struct {
	Offset   int    `json:"offset"`
	Name     string `json:"name,omitempty"`
	Consumer string `json:"consumer,omitempty"` // who had it when the program started
}

// The addresses that a chip may have; the others are reserved (I2C specification UM10204,
// table 4).
const (
	firstAddr = 0x08
	lastAddr  = 0x77
)

// scanPatience is how long one address may take.
const scanPatience = 100 * time.Millisecond

// Scan looks at every bus and GPIO chip. It only reads: one byte of each address, and the
// identification registers of the models that have that address. It is not for buses
// that sources use: it would hold them up.
func (h *Host) Scan(ctx context.Context) Found {
	f := Found{I2C: []FoundBus{}, SPI: []string{}, GPIO: []FoundGPIO{}}
	refs := i2creg.All()
	slices.SortFunc(refs, func(a, b *i2creg.Ref) int { return a.Number - b.Number })
	for _, ref := range refs {
		name := strings.TrimPrefix(ref.Name, "/dev/")
		found := FoundBus{Name: name, Chips: []FoundChip{}, Adapter: line(filepath.Join("/sys/class/i2c-dev", name, "name"))}
		if b, err := ref.Open(); err != nil {
			found.Error = cause(err).Error()
		} else {
			bus := NewI2C(name, b)
			found.scan(ctx, bus)
			_ = bus.Close() // a stuck one was reported
		}
		for i := range found.Chips {
			found.Chips[i].Owner = owner(name, found.Chips[i].Addr)
		}
		f.I2C = append(f.I2C, found)
	}
	for _, r := range spireg.All() {
		f.SPI = append(f.SPI, strings.TrimPrefix(r.Name, "/dev/"))
	}
	for _, c := range gpioioctl.Chips {
		chip := FoundGPIO{Name: c.Name(), Label: c.Label()}
		for _, l := range c.Lines() {
			chip.Lines = append(chip.Lines, FoundLine{Offset: l.Number(), Name: l.Name(), Consumer: l.Consumer()})
		}
		f.GPIO = append(f.GPIO, chip)
	}
	return f
}

// Scan looks for chips on an I2C bus, as Host.Scan does.
func (b *Bus) Scan(ctx context.Context) FoundBus {
	f := FoundBus{Name: b.name}
	f.scan(ctx, b)
	return f
}

func (f *FoundBus) scan(ctx context.Context, b *Bus) {
	f.Chips = []FoundChip{}
	if b.spi {
		f.Error = "spi has no addresses"
		return
	}
	all := models()
	for addr := uint16(firstAddr); addr <= lastAddr; addr++ {
		p := port{bus: b, addr: addr}
		err := b.visit(ctx, scanPatience, &p, (*port).poke)
		switch {
		case ctx.Err() != nil, errors.Is(err, ErrStuck), errors.Is(err, ErrClosed):
			f.Error = err.Error()
			return
		case err != nil:
			continue
		}
		c := FoundChip{Addr: addr, May: []string{}}
		for _, m := range all {
			if !slices.Contains(m.addrs, addr) {
				continue
			}
			if m.probe == nil {
				c.May = append(c.May, m.name)
				continue
			}
			var is bool
			err := b.visit(ctx, scanPatience, &p, func(p *port) error {
				var err error
				is, err = m.probe(p)
				return err
			})
			if err == nil && is {
				c.Is = m.name
			}
		}
		if c.Is != "" {
			c.May = []string{c.Is}
		}
		f.Chips = append(f.Chips, c)
	}
}

// owner names the kernel driver bound to a chip.
func owner(bus string, addr uint16) string {
	const digits = "0123456789abcdef"
	dev := strings.TrimPrefix(bus, "i2c-") + "-00" + string([]byte{digits[addr>>4&15], digits[addr&15]})
	target, err := os.Readlink(filepath.Join("/sys/bus/i2c/devices", dev, "driver"))
	if err != nil {
		return ""
	}
	return filepath.Base(target)
}

// line is the first line of a small file, or empty.
func line(name string) string {
	b, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(b), "\n")
	return first
}
