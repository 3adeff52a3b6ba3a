package ops

import (
	"fmt"
	"math"
	"unsafe"
)

// scratch lays out the temporary buffers of a step one after another, each on a cache
// line. It sums in 64 bits; total says whether all of it can be had.
type scratch struct{ size int64 }

// place lies in the scratch, with room for n elements.
type place struct{ at, n int }

// reserve keeps place for n elements of type T.
func reserve[T Number](s *scratch, n int) place {
	var z T
	at := s.size
	if s.size <= math.MaxInt32 {
		s.size += (int64(n)*int64(unsafe.Sizeof(z)) + 63) &^ 63
	}
	return place{int(min(at, math.MaxInt32)), n}
}

// total returns the bytes of all buffers.
func (s *scratch) total() (int, error) {
	if s.size > math.MaxInt32 {
		return 0, fmt.Errorf("temporary buffers of more than %d bytes", math.MaxInt32)
	}
	return int(s.size), nil
}

// take returns the buffer that r reserved.
func take[T Number](m *Memory, r place) []T {
	var z T
	return Cast[T](m.Scratch[r.at : r.at+r.n*int(unsafe.Sizeof(z))])[:r.n:r.n]
}

// fits reports whether the product of sizes fits an int of 32 bits.
func fits(sizes ...int) bool {
	p := int64(1)
	for _, v := range sizes {
		if v != 0 && p > math.MaxInt32/int64(v) {
			return false
		}
		p *= int64(v)
	}
	return true
}
