package periphio

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"kinglet/hal"

	"periph.io/x/conn/v3/gpio"
)

// ErrSafe is an output that was put into its safe state for good.
var ErrSafe = errors.New("the output is in its safe state")

// OutputOptions say how a GPIO line is driven.
type OutputOptions struct {
	Name   string // for errors; the line's when empty
	Invert bool   // on is a low line
	Safe   bool   // the state that harms nobody: on, or else off
}

// Output is a GPIO line as an actuator. It may be used from several goroutines.
type Output struct {
	pin gpio.PinOut
	opt OutputOptions

	mu   sync.Mutex
	done bool
}

var _ hal.Actuator = (*Output)(nil)

// NewOutput takes the line and puts it into its safe state. The kernel drives a line low
// when it becomes an output, so one that is safe when high is low for some microseconds.
func NewOutput(pin gpio.PinOut, o OutputOptions) (*Output, error) {
	if o.Name == "" {
		o.Name = pin.Name()
	}
	out := &Output{pin: pin, opt: o}
	if err := out.drive(o.Safe); err != nil {
		return nil, err
	}
	return out, nil
}

// Set switches the output. After Safe it does not.
func (o *Output) Set(ctx context.Context, on bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.done {
		return fmt.Errorf("output %s: %w", o.opt.Name, ErrSafe)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return o.drive(on)
}

// Safe puts the output into its safe state and keeps it there, whatever a Set that comes
// late asks for. It may be called again.
func (o *Output) Safe() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.done = true
	return o.drive(o.opt.Safe)
}

func (o *Output) drive(on bool) error {
	if err := o.pin.Out(gpio.Level(on != o.opt.Invert)); err != nil {
		return fmt.Errorf("output %s: line %s: %w", o.opt.Name, o.pin.Name(), err)
	}
	return nil
}
