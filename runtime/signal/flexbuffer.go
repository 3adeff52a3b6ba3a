package signal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// options are an operator's options: the integers and booleans of a flexbuffer map.
type options map[string]int64

// The types of a flexbuffer's values that options use, as
// https://flatbuffers.dev/internals/#flexbuffers numbers them.
const (
	flexInt  = 1
	flexUint = 2
	flexMap  = 9
	flexBool = 26
)

// maxKeys and maxKey bound a map: nine keys are the most that an operator has.
const (
	maxKeys = 32
	maxKey  = 64
)

var errOptions = errors.New("malformed flexbuffer")

// parseOptions reads a flexbuffer that is one map, and checks that it has the keys that
// are wanted, each an integer or a boolean. Other keys may hold anything.
//
// The last byte is the width of the root's value, before it comes the root's packed type
// (type << 2 | log2 of the width of what it refers to), before that the value: the
// distance back to the map. A map is a vector of values of one width, followed by their
// packed types; before its first value stand the distance back to the vector of keys, the
// width of its elements, and the number of values. A key ends with a zero.
func parseOptions(b []byte, want []string) (options, error) {
	if len(b) < 3 {
		return nil, fmt.Errorf("%d bytes: %w", len(b), errOptions)
	}
	rootWidth, packed := int(b[len(b)-1]), b[len(b)-2]
	if packed>>2 != flexMap {
		return nil, fmt.Errorf("type %d, want a map (%d): %w", packed>>2, flexMap, errOptions)
	}
	f := flex(b[:len(b)-2])
	values, err := f.back(len(f)-rootWidth, rootWidth)
	if err != nil {
		return nil, err
	}
	return f.parseMap(values, 1<<(packed&3), want)
}

// flex is a flexbuffer without its trailing two bytes. Positions are from its start.
type flex []byte

// uint reads an unsigned integer.
func (f flex) uint(at, width int) (uint64, error) {
	if at < 0 || at > len(f)-width {
		return 0, fmt.Errorf("byte %d: outside the buffer of %d: %w", at, len(f)+2, errOptions)
	}
	switch width {
	case 1:
		return uint64(f[at]), nil
	case 2:
		return uint64(binary.LittleEndian.Uint16(f[at:])), nil
	case 4:
		return uint64(binary.LittleEndian.Uint32(f[at:])), nil
	case 8:
		return binary.LittleEndian.Uint64(f[at:]), nil
	}
	return 0, fmt.Errorf("width %d: %w", width, errOptions)
}

// back follows the distance that stands at a position.
func (f flex) back(at, width int) (int, error) {
	d, err := f.uint(at, width)
	if err != nil {
		return 0, err
	}
	if d > uint64(at) {
		return 0, fmt.Errorf("byte %d: %d bytes back are outside the buffer: %w", at, d, errOptions)
	}
	return at - int(d), nil
}

// parseMap reads the map whose first value stands at a position.
func (f flex) parseMap(at, width int, want []string) (options, error) {
	size, err := f.uint(at-width, width)
	if err != nil {
		return nil, err
	}
	if size > maxKeys {
		return nil, fmt.Errorf("%d keys, more than %d: %w", size, maxKeys, errOptions)
	}
	n := int(size)
	types := at + n*width
	if n > 0 {
		if _, err := f.uint(types+n-1, 1); err != nil {
			return nil, err
		}
	}
	keyWidth, err := f.uint(at-2*width, width)
	if err != nil {
		return nil, err
	}
	if keyWidth > 8 {
		return nil, fmt.Errorf("keys of width %d: %w", keyWidth, errOptions)
	}
	keys, err := f.back(at-3*width, width)
	if err != nil {
		return nil, err
	}
	if count, err := f.uint(keys-int(keyWidth), int(keyWidth)); err != nil || count != size {
		return nil, fmt.Errorf("%d keys and %d values: %w", count, size, errOptions)
	}
	o, seen := options{}, map[string]bool{}
	for i := range n {
		start, err := f.back(keys+i*int(keyWidth), int(keyWidth))
		if err != nil {
			return nil, err
		}
		key, err := f.key(start)
		if err != nil {
			return nil, err
		}
		if seen[key] {
			return nil, fmt.Errorf("%q: twice: %w", key, errOptions)
		}
		seen[key] = true
		v, err := f.uint(at+i*width, width)
		if err != nil {
			return nil, err
		}
		switch f[types+i] >> 2 {
		case flexInt:
			o[key] = int64(v<<(64-8*width)) >> (64 - 8*width)
		case flexUint, flexBool:
			if bits.Len64(v) == 64 {
				return nil, fmt.Errorf("%q: %d is too large: %w", key, v, errOptions)
			}
			o[key] = int64(v)
		}
	}
	for _, key := range want {
		if _, ok := o[key]; !ok {
			return nil, fmt.Errorf("%q: absent, or not an integer: %w", key, errOptions)
		}
	}
	return o, nil
}

// key reads a string that ends with a zero.
func (f flex) key(at int) (string, error) {
	for end := at; end < len(f) && end-at <= maxKey; end++ {
		if f[end] == 0 {
			return string(f[at:end]), nil
		}
	}
	return "", fmt.Errorf("byte %d: a key without an end: %w", at, errOptions)
}

// between returns an option that must lie within bounds.
func (o options) between(key string, least, greatest int64) (int64, error) {
	if v := o[key]; v < least || v > greatest {
		return 0, fmt.Errorf("options: %q: %d, want %d to %d", key, v, least, greatest)
	}
	return o[key], nil
}

// natural returns an option that is a natural number of 31 bits.
func (o options) natural(key string) (int64, error) { return o.between(key, 0, math.MaxInt32) }
