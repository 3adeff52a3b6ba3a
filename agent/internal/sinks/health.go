package sinks

import (
	"time"

	"kinglet/agent/internal/pipeline"
	"kinglet/ota"
)

// healthEvery is how many runs one report covers at most.
const healthEvery = 5

// Health reports to the updater how a model does, so that a bad one is taken back.
type Health struct {
	report func(ota.Health)
	h      ota.Health
	spent  time.Duration
	active bool // an event holds
}

// NewHealth returns a sink for one pipeline that runs the named model.
func NewHealth(model string, report func(ota.Health)) *Health {
	return &Health{report: report, h: ota.Health{Model: model}}
}

// Result counts a run.
func (s *Health) Result(r *pipeline.Result) {
	s.of(r.Version)
	s.h.Runs++
	s.spent += r.Latency
	if !r.Finite {
		s.h.NaN++
	}
	if s.active {
		s.h.Events++
	}
	if s.h.Runs >= healthEvery {
		s.flush()
	}
}

// Event notes whether an event holds from now on.
func (s *Health) Event(e *pipeline.Event) { s.active = e.Active }

// Failed counts a run without an answer.
func (s *Health) Failed(version int, _ error) {
	s.of(version)
	s.h.Runs++
	s.h.Errors++
	if s.h.Runs >= healthEvery {
		s.flush()
	}
}

// of makes the counts those of a version; another one's are reported first.
func (s *Health) of(version int) {
	if s.h.Version != int64(version) {
		s.flush()
		s.h.Version = int64(version)
	}
}

func (s *Health) flush() {
	if s.h.Runs == 0 {
		return
	}
	s.h.Latency = s.spent / time.Duration(s.h.Runs)
	s.report(s.h)
	s.h = ota.Health{Model: s.h.Model, Version: s.h.Version}
	s.spent = 0
}
