// Package ui draws the demo for people: plain lines for any output, a live picture for a
// terminal.
package ui

import (
	"fmt"
	"io"
	"sync"

	"kinglet/agent/internal/demo"
	"kinglet/agent/internal/pipeline"
	"kinglet/hal"
	"kinglet/ota"
)

// Plain writes one line for each thing that happens. It implements demo.View.
type Plain struct {
	mu   sync.Mutex
	out  io.Writer
	last string // label of the last result
}

// NewPlain returns a view that writes to out.
func NewPlain(out io.Writer) *Plain { return &Plain{out: out} }

func (p *Plain) line(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, format+"\n", args...)
}

// Reading implements demo.View.
func (p *Plain) Reading(*hal.Reading) {}

// Result writes a line when the answer changes.
func (p *Plain) Result(r *pipeline.Result) {
	p.mu.Lock()
	same := r.Label == p.last
	p.last = r.Label
	p.mu.Unlock()
	if !same {
		p.line("  answer   %-9s %3.0f %%  model v%d  %v", r.Label, 100*r.Score, r.Version, r.Latency.Round(1000))
	}
}

// Event writes a line when an event starts or ends.
func (p *Plain) Event(e *pipeline.Event) {
	word := "starts"
	if !e.Active {
		word = "ends"
	}
	p.line("  event    %s %s", e.Label, word)
}

// Scene writes what happens now.
func (p *Plain) Scene(s demo.Scene) { p.line("%s", s.Text) }

// Step writes the steps of an update that say something new.
func (p *Plain) Step(e ota.Event) {
	if e.Phase == ota.PhaseTrial || e.Phase == ota.PhaseProbation {
		p.line("  update   v%d: %s", e.Version, e.Phase)
	}
}

// Update writes how an update ended.
func (p *Plain) Update(u demo.Update) {
	if u.Reason == "" {
		p.line("  update   v%d %s", u.Version, u.Result)
		return
	}
	p.line("  update   v%d %s (%s): %s", u.Version, u.Result, u.Code, u.Reason)
}
