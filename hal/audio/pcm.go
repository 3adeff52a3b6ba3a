package audio

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Format is how a sample is written: little-endian, but for one byte.
type Format int

// The formats.
const (
	S16 Format = iota // signed, 16 bits
	U8                // unsigned: 128 is silence
	S24               // signed, 24 bits in three bytes
	S32               // signed, 32 bits, of which 24 are kept
	F32               // IEEE 754, full scale is 1
)

// ParseFormat returns the format of a name as ffmpeg writes it, such as s16le.
func ParseFormat(name string) (Format, error) {
	for f := range F32 + 1 {
		if f.String() == name {
			return f, nil
		}
	}
	return 0, fmt.Errorf("format %q: want s16le, u8, s24le, s32le or f32le", name)
}

func (f Format) String() string {
	switch f {
	case S16:
		return "s16le"
	case U8:
		return "u8"
	case S24:
		return "s24le"
	case S32:
		return "s32le"
	case F32:
		return "f32le"
	}
	return fmt.Sprintf("Format(%d)", int(f))
}

// bytes returns the size of a sample.
func (f Format) bytes() int {
	switch f {
	case U8:
		return 1
	case S24:
		return 3
	case S32, F32:
		return 4
	}
	return 2
}

// sample reads the sample at the beginning of b. Of 32 bits the lowest 8 are dropped, so
// that the result is exact and below 1.
func (f Format) sample(b []byte) float32 {
	switch f {
	case U8:
		return float32(int(b[0])-128) / (1 << 7)
	case S24:
		v := uint32(b[0])<<8 | uint32(b[1])<<16 | uint32(b[2])<<24
		return float32(int32(v)>>8) / (1 << 23)
	case S32:
		return float32(int32(binary.LittleEndian.Uint32(b))>>8) / (1 << 23)
	case F32:
		return math.Float32frombits(binary.LittleEndian.Uint32(b))
	}
	return float32(int16(binary.LittleEndian.Uint16(b))) / (1 << 15)
}

// layout says how frames lie in bytes and which channel is wanted: Mix, or 1 for the first.
type layout struct {
	format   Format
	channels int
	channel  int
}

// frame returns the bytes of a frame.
func (l layout) frame() int { return l.format.bytes() * l.channels }

// decode writes a sample for each frame of b. It returns the index of the first that is no
// finite number, which only a float can be, or -1.
func (l layout) decode(dst []float32, b []byte) (bad int) {
	size := l.format.bytes()
	bad = -1
	for i := range dst {
		f := b[i*l.frame():]
		if l.channel != Mix {
			dst[i] = l.format.sample(f[(l.channel-1)*size:])
		} else {
			sum := float32(0)
			for c := range l.channels {
				sum += l.format.sample(f[c*size:])
			}
			dst[i] = sum / float32(l.channels)
		}
		if v := dst[i]; bad < 0 && v-v != 0 {
			bad = i
		}
	}
	return bad
}
