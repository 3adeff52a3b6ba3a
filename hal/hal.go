// Package hal is what may be asked of the world: samples come from a Source as
// Readings, and decisions go to an Actuator. Drivers live in the folders below,
// each of which imports this package; this package knows none of them.
package hal

import (
	"context"
	"time"
)

// Info describes what a source delivers. It does not change while the source is open.
type Info struct {
	Name     string   // the source's own name, such as "motor"
	Channels []string // one name a column, such as "x", "y", "z"
	Unit     string   // of every channel, such as "g"; empty when they differ
	Units    []string // of each channel; nil when all have Unit
	Rate     float64  // samples a second of each channel; 0 when irregular
}

// Reading is a block of consecutive samples.
type Reading struct {
	Time    time.Time // of the first sample
	Seq     uint64    // index of the first sample since the source opened; a jump is a gap
	Samples []float32 // [frames][channels], row-major, in Info.Unit
}

// Frames returns how many samples of each of n channels the reading holds.
func (r *Reading) Frames(n int) int { return len(r.Samples) / n }

// Source delivers readings in order. It is for one goroutine, except that Close
// may be called at any time and ends a Read that waits.
type Source interface {
	Info() Info
	// Read fills r, reusing r.Samples where its capacity allows, and waits for as
	// long as the world does. It returns io.EOF when the source has ended and
	// ctx.Err() when ctx is done first; any other error may be tried again.
	Read(ctx context.Context, r *Reading) error
	Close() error
}

// Actuator is an output with two levels, such as a GPIO line or a relay.
type Actuator interface {
	Set(ctx context.Context, on bool) error
	// Safe puts the output into the state that harms nobody; it is called on every exit.
	Safe() error
}
