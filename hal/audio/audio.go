// Package audio has sources of sound: recordings (WAV) and what a command such as arecord
// or ffmpeg writes to its standard output (Pipe). Both give one channel of samples in
// [-1, 1): an int16 sample is divided by 32768, so that multiplying gives it back in every
// bit. Nothing is resampled: a source of another rate than the one that is asked for is an
// error.
package audio

import (
	"errors"
	"fmt"
	"slices"

	"kinglet/hal"
)

// ErrMalformed is the cause of errors about recordings that are damaged or no recordings.
var ErrMalformed = errors.New("malformed")

// ErrUnsupported is the cause of errors about recordings whose format is not read here, or
// whose rate or channels are not those that were asked for.
var ErrUnsupported = errors.New("unsupported")

// Mix as a channel stands for the mean of all channels.
const Mix = 0

// The bounds of what a source may be.
const (
	maxRate     = 768_000
	maxChannels = 64
	maxBlock    = 1 << 20
)

// info describes a source of sound.
func info(name string, rate int) hal.Info {
	return hal.Info{Name: name, Channels: []string{"sound"}, Unit: "full scale", Rate: float64(rate)}
}

// blockFrames returns how many frames a Read delivers: 20 ms where the options leave it open.
func blockFrames(block, rate int) int {
	if block > 0 {
		return block
	}
	return max(rate/50, 1)
}

// bound checks a number of the options.
func bound(name string, v, lo, hi int) error {
	if v < lo || v > hi {
		return fmt.Errorf("%s: got %d, want %d to %d", name, v, lo, hi)
	}
	return nil
}

// resize makes r's samples n long.
func resize(r *hal.Reading, n int) []float32 {
	r.Samples = slices.Grow(r.Samples[:0], n)[:n]
	return r.Samples
}
