package periphio

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// What a caller can tell apart; an Error wraps one of them where it fits.
var (
	// ErrNoAnswer is a chip that does not acknowledge: not there, or not powered.
	ErrNoAnswer = errors.New("no answer")
	// ErrStuck is a bus whose transfer does not end before the deadline.
	ErrStuck = errors.New("the bus is stuck")
	// ErrWrongChip is another chip at this address than the model that was asked for.
	ErrWrongChip = errors.New("wrong chip")
	// ErrBadData is an answer that the chip cannot mean.
	ErrBadData = errors.New("bad data")
	// ErrSettings is a chip that lost its settings, such as after a loss of power.
	ErrSettings = errors.New("the chip lost its settings")
	// ErrSilent is a chip that answers and has no new samples.
	ErrSilent = errors.New("no new samples")
	// ErrClosed is a bus that was closed.
	ErrClosed = errors.New("the bus is closed")
)

// noRegister is the register of an error that is not about one.
const noRegister = -1

// Error says where on a bus something went wrong.
type Error struct {
	Bus  string
	Addr uint16 // 0 on SPI, where a chip has a bus of its own
	Reg  int    // -1 where no single register is at fault
	Op   string // "read", "write" or ""
	Err  error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Bus)
	if e.Addr != 0 {
		fmt.Fprintf(&b, ": 0x%02x", e.Addr)
	}
	if e.Reg >= 0 {
		fmt.Fprintf(&b, ": register 0x%02x", e.Reg)
	}
	if e.Op != "" {
		b.WriteString(": " + e.Op)
	}
	b.WriteString(": " + e.Err.Error())
	return b.String()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// cause finds the system's error in what a bus driver says. periph's sysfs driver gives
// the text of an errno and hides the errno itself, so the text is all there is to go by.
// What each means is in the kernel's Documentation/i2c/fault-codes.rst.
func cause(err error) error {
	for _, f := range []struct {
		errno syscall.Errno
		means error
	}{
		{syscall.ENXIO, ErrNoAnswer}, {syscall.EREMOTEIO, ErrNoAnswer}, {syscall.ENODEV, ErrNoAnswer},
		{syscall.ETIMEDOUT, ErrStuck}, {syscall.EBUSY, ErrStuck},
		{syscall.EIO, nil}, {syscall.EAGAIN, nil}, {syscall.EOPNOTSUPP, nil}, {syscall.EACCES, nil},
	} {
		if !errors.Is(err, f.errno) && !strings.HasSuffix(err.Error(), f.errno.Error()) {
			continue
		}
		if f.means != nil {
			return fmt.Errorf("%w: %w", f.means, f.errno)
		}
		return f.errno
	}
	return err
}
