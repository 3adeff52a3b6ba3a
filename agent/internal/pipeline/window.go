package pipeline

import (
	"time"

	"kinglet/hal"
)

// windower gathers readings into overlapping windows.
type windower struct {
	frames, hop, channels int
	buf                   []float32 // [frames][channels], of which fill frames are there
	fill                  int
	rest                  []float32 // what add has not taken yet of its reading
	next                  uint64    // the sequence number that continues the window
	begun                 bool
	last                  time.Time // of the newest reading
}

func newWindower(frames, hop, channels int) *windower {
	return &windower{frames: frames, hop: hop, channels: channels, buf: make([]float32, frames*channels)}
}

// gap starts the window anew when r does not continue what came before, and says so.
func (w *windower) gap(r *hal.Reading) bool {
	jump := w.begun && r.Seq != w.next
	if jump {
		w.fill = 0
	}
	w.begun = true
	w.next = r.Seq + uint64(r.Frames(w.channels))
	w.last = r.Time
	w.rest = r.Samples
	return jump
}

// add takes samples of the reading that gap has seen and reports whether a window is
// full. It is called until it says no.
func (w *windower) add() bool {
	if w.fill == w.frames {
		copy(w.buf, w.buf[w.hop*w.channels:])
		w.fill -= w.hop
	}
	n := copy(w.buf[w.fill*w.channels:], w.rest)
	w.rest = w.rest[n:]
	w.fill += n / w.channels
	return w.fill == w.frames
}

// window returns the full window, [frames][channels], valid until the next add.
func (w *windower) window() []float32 { return w.buf }

// time returns when the reading that completed the window began.
func (w *windower) time() time.Time { return w.last }
