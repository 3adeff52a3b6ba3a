package tflite

import (
	"errors"
	"fmt"
	"strconv"
)

// What can be wrong with a file, by what its reader can do about it.
var (
	// ErrMalformed says that no reader could make sense of the file: it is damaged, or was written wrongly.
	ErrMalformed = errors.New("malformed")
	// ErrUnsupported says that the file may be valid and uses something that is not read here.
	ErrUnsupported = errors.New("unsupported")
)

// Error is what is wrong with a file, and where.
type Error struct {
	Where string // such as subgraphs[0].operators[12].inputs[1], in the schema's names
	Off   int    // the byte of the file that says so
	Err   error  // wraps ErrMalformed or ErrUnsupported
}

func (e *Error) Error() string {
	if e.Where == "" {
		return e.Err.Error()
	}
	return fmt.Sprintf("%s (byte %#x): %v", e.Where, e.Off, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// path is a place in the file in the schema's names, kept as a list so that naming a
// place costs nothing until an error wants it.
type path struct {
	up    *path
	name  string
	index int // of an element of a vector; -1 for a field
}

func (p *path) String() string {
	if p == nil {
		return ""
	}
	s := p.up.String()
	if p.index >= 0 {
		return s + "[" + strconv.Itoa(p.index) + "]"
	}
	if s == "" {
		return p.name
	}
	return s + "." + p.name
}

// malformed makes an error that wraps ErrMalformed.
func malformed(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, ErrMalformed)...)
}

// unsupported makes an error that wraps ErrUnsupported.
func unsupported(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, ErrUnsupported)...)
}
