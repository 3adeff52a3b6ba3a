package periphio

import (
	"bytes"
	"fmt"
	"log"
	"log/slog"
	"strconv"
	"strings"

	"periph.io/x/conn/v3/driver/driverreg"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpioreg"
	"periph.io/x/conn/v3/i2c/i2creg"
	"periph.io/x/conn/v3/spi/spireg"
	"periph.io/x/host/v3/gpioioctl"
	"periph.io/x/host/v3/sysfs"
)

// Host is this board's buses and GPIO lines. Its zero value is not usable; see NewHost.
type Host struct{}

// NewHost lets periph look for buses and GPIO chips, which it does once in a process
// whatever how often this is called. What periph prints meanwhile through the standard
// log goes to the logger, as do its drivers that do not work here. Later complaints of
// periph still come through the standard log; slog.SetDefault redirects those.
//
// NewHost is to be called when no other goroutine changes the standard log's output.
func NewHost(logger *slog.Logger) (*Host, error) {
	var said bytes.Buffer
	out, flags := log.Writer(), log.Flags()
	log.SetOutput(&said)
	log.SetFlags(0)
	state, err := driverreg.Init()
	log.SetOutput(out)
	log.SetFlags(flags)
	for line := range strings.Lines(said.String()) {
		logger.Warn("periph", "said", strings.TrimSpace(line))
	}
	if err != nil {
		return nil, fmt.Errorf("looking for buses: %w", err)
	}
	for _, f := range append(state.Failed, state.Skipped...) {
		logger.Debug("periph driver not used", "driver", f.D.String(), "reason", f.Err)
	}
	return &Host{}, nil
}

// I2C opens a bus by its number or name: "1", "i2c-1" or "/dev/i2c-1".
func (h *Host) I2C(name string) (*Bus, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(strings.TrimPrefix(name, "/dev/"), "i2c-"))
	if err != nil || n < 0 {
		b, err := i2creg.Open(name) // periph's own names, and buses that have no number
		if name == "" || err != nil {
			return nil, fmt.Errorf("i2c bus %q: want one of %s", name, listOr(h.buses(), "none: is i2c-dev loaded, and I2C switched on?"))
		}
		return NewI2C(name, b), nil
	}
	b, err := sysfs.NewI2C(n) // also when it appeared after periph's look
	if err != nil {
		return nil, fmt.Errorf("i2c-%d: %w; found are %s", n, cause(err), listOr(h.buses(), "none: is i2c-dev loaded, and I2C switched on?"))
	}
	return NewI2C(fmt.Sprintf("i2c-%d", n), b), nil
}

// SPI opens a port by its name: "0.0", "spidev0.0", "/dev/spidev0.0" or "SPI0.0".
func (h *Host) SPI(name string) (*Bus, error) {
	full := "/dev/spidev" + strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(name, "/dev/"), "spidev"), "SPI")
	p, err := spireg.Open(full)
	if err != nil {
		var names []string
		for _, r := range spireg.All() {
			names = append(names, strings.TrimPrefix(r.Name, "/dev/"))
		}
		return nil, fmt.Errorf("spi port %q: %w; found are %s", name, cause(err), listOr(names, "none: is SPI switched on?"))
	}
	b, err := NewSPI(strings.TrimPrefix(full, "/dev/"), p)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", err, p.Close())
	}
	return b, nil
}

// Line finds a GPIO line by its name, "GPIO17", or by its chip and offset,
// "gpiochip0:17".
func (h *Host) Line(name string) (gpio.PinIO, error) {
	if chip, offset, ok := strings.Cut(strings.TrimPrefix(name, "/dev/"), ":"); ok {
		for _, c := range gpioioctl.Chips {
			if c.Name() != chip {
				continue
			}
			n, err := strconv.Atoi(offset)
			if err != nil || n < 0 || n >= c.LineCount() {
				return nil, fmt.Errorf("gpio line %q: %s has lines 0 to %d", name, chip, c.LineCount()-1)
			}
			return c.ByNumber(n), nil
		}
		return nil, fmt.Errorf("gpio line %q: no such chip", name)
	}
	if _, err := strconv.Atoi(name); err != nil { // the meaning of a bare number depends on the driver
		if p := gpioreg.ByName(name); p != nil {
			return p, nil
		}
	}
	return nil, fmt.Errorf("gpio line %q: want a line's name such as GPIO17, or its chip and offset such as gpiochip0:17", name)
}

// buses names the I2C buses that periph found.
func (h *Host) buses() []string {
	var names []string
	for _, r := range i2creg.All() {
		names = append(names, strings.TrimPrefix(r.Name, "/dev/"))
	}
	return names
}

func listOr(list []string, none string) string {
	if len(list) == 0 {
		return none
	}
	return strings.Join(list, ", ")
}
