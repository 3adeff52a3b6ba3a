// Package npz reads and writes numpy's array files: .npy (one array) and .npz (a zip of
// them). It holds what tensors hold: booleans, integers, floats and complex numbers, not
// strings, records or objects. A file may come from anywhere: it is parsed strictly, and
// the memory it takes is bounded by the bytes that are really there and by a limit.
package npz

import (
	"errors"
	"fmt"
	"slices"

	"kinglet/models/graph"
)

// What can be wrong with a file. Errors name the member they are about.
var (
	// ErrMalformed says that the file is damaged, or not of the format.
	ErrMalformed = errors.New("malformed")
	// ErrUnsupported says that the file uses something of the format that is not read here.
	ErrUnsupported = errors.New("unsupported")
	// ErrTooLarge says that the arrays take more memory than the limit.
	ErrTooLarge = errors.New("too large")
)

// DefaultLimit bounds the bytes of all arrays of a file, where the caller sets no limit.
const DefaultLimit = 1 << 30

// maxRank is the most dimensions that numpy 1 has.
const maxRank = 32

// Array is an array in C order.
type Array struct {
	Type  graph.Type
	Shape []int  // of rank 0 for a scalar
	Data  []byte // little-endian, row-major, of exactly the shape's size
}

// Len returns the number of elements.
func (a *Array) Len() int {
	n := 1
	for _, d := range a.Shape {
		n *= d
	}
	return n
}

// Member is an array and its name, without .npy.
type Member struct {
	Name string
	Array
}

// File is an .npz file: arrays in the file's order, each name once.
type File struct {
	Members []Member
}

// Names returns the names in the file's order.
func (f *File) Names() []string {
	s := make([]string, len(f.Members))
	for i := range f.Members {
		s[i] = f.Members[i].Name
	}
	return s
}

// Get returns the array of that name; its data is the file's.
func (f *File) Get(name string) (Array, bool) {
	for i := range f.Members {
		if f.Members[i].Name == name {
			return f.Members[i].Array, true
		}
	}
	return Array{}, false
}

// size returns the bytes that an array of that type and shape takes, at most limit.
func size(t graph.Type, shape []int, limit int64) (int64, error) {
	if slices.Min(append([]int{0}, shape...)) < 0 {
		return 0, fmt.Errorf("shape %v: negative dimension: %w", shape, ErrMalformed)
	}
	if slices.Contains(shape, 0) {
		return 0, nil
	}
	n := int64(t.Bits() / 8)
	for _, d := range shape {
		if n > limit/int64(d) {
			n = limit + 1
			break
		}
		n *= int64(d)
	}
	if n > limit {
		return 0, fmt.Errorf("%v of shape %v: more than %d bytes: %w", t, shape, limit, ErrTooLarge)
	}
	return n, nil
}
