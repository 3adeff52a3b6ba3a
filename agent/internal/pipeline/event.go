package pipeline

import (
	"slices"
	"time"
)

// Rule says when a label becomes an event and when the event ends. A label in Quiet never
// does. An event starts when a label scores at least On in Hold windows running, and ends
// when it has scored below Off in Hold windows running: the gap between On and Off is the
// hysteresis, Hold the debounce.
type Rule struct {
	On, Off float32
	Hold    int
	Quiet   []string
}

// Event is a change of state that lasted.
type Event struct {
	Pipeline string    `json:"pipeline"`
	Time     time.Time `json:"time"`
	Seq      uint64    `json:"seq"` // of the result that decided it
	Label    string    `json:"label"`
	Active   bool      `json:"active"` // true when it starts, false when it ends
	Score    float32   `json:"score"`
	Version  int       `json:"model_version"`
}

// detector is the state of a rule. At most one event is active.
type detector struct {
	rule   Rule
	active string // the label of the active event; empty when there is none
	runFor string // the label that has scored On for the last run windows
	run    int
	below  int // windows running in which the active label scored below Off
}

func newDetector(rule Rule) *detector {
	if rule.Hold < 1 {
		rule.Hold = 1
	}
	return &detector{rule: rule}
}

// step takes one result and returns the event that it completes, if any.
func (d *detector) step(r *Result) (Event, bool) {
	if d.active != "" {
		return d.leave(r)
	}
	if r.Score < d.rule.On || slices.Contains(d.rule.Quiet, r.Label) {
		d.runFor, d.run = "", 0
		return Event{}, false
	}
	if r.Label != d.runFor {
		d.runFor, d.run = r.Label, 0
	}
	if d.run++; d.run < d.rule.Hold {
		return Event{}, false
	}
	d.active, d.runFor, d.run, d.below = r.Label, "", 0, 0
	return d.event(r, r.Label, true, r.Score), true
}

// leave ends the active event when its label has stayed low.
func (d *detector) leave(r *Result) (Event, bool) {
	score := float32(0)
	if i := slices.Index(r.Labels, d.active); i >= 0 {
		score = r.Scores[i]
	}
	if score >= d.rule.Off {
		d.below = 0
		return Event{}, false
	}
	if d.below++; d.below < d.rule.Hold {
		return Event{}, false
	}
	label := d.active
	d.active = ""
	return d.event(r, label, false, score), true
}

func (d *detector) event(r *Result, label string, active bool, score float32) Event {
	return Event{Pipeline: r.Pipeline, Time: r.Time, Seq: r.Seq, Label: label, Active: active, Score: score, Version: r.Version}
}
