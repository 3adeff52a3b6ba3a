package ota

import (
	"time"

	"kinglet/ota/internal/store"
)

// window is what was reported since it was last judged and found in order.
type window struct {
	runs, events, nan, errors int64
	busy                      float64 // seconds spent in runs
}

func (w *window) add(h Health) {
	w.runs += h.Runs
	w.events += h.Events
	w.nan += h.NaN
	w.errors += h.Errors
	w.busy += h.Latency.Seconds() * float64(h.Runs)
}

// judge gives the rule that the window breaks, or nil.
func (w window) judge(r Rules) *Refusal {
	if w.runs < r.MinRuns {
		return nil
	}
	share := func(n int64) float64 { return float64(n) / float64(w.runs) }
	mean := w.busy / float64(w.runs)
	switch {
	case r.NaNRate > 0 && share(w.nan) > r.NaNRate:
		return Refuse(CodeHealthNaN, "%d of %d runs gave NaN, at most %.3g %% may", w.nan, w.runs, 100*r.NaNRate)
	case r.ErrorRate > 0 && share(w.errors) > r.ErrorRate:
		return Refuse(CodeHealthErrors, "%d of %d runs failed, at most %.3g %% may", w.errors, w.runs, 100*r.ErrorRate)
	case r.EventRate > 0 && share(w.events) > r.EventRate:
		return Refuse(CodeHealthEventRate, "%d of %d runs raised an event, at most %.3g %% may", w.events, w.runs, 100*r.EventRate)
	case r.Latency > 0 && mean > r.Latency.Seconds():
		return Refuse(CodeHealthLatency, "a run takes %s, at most %s", time.Duration(mean*float64(time.Second)).Round(time.Microsecond), r.Latency)
	}
	return nil
}

// Probation is written at most this often while it goes on, for the sake of the disk.
const saveEvery = 5 * time.Minute

// Report takes what the host saw. It returns soon; a rollback it causes is carried out by Run.
func (u *Updater) Report(h Health) {
	f, ok := u.factory[h.Model]
	if !ok || h.Runs < 0 || h.Events < 0 || h.NaN < 0 || h.Errors < 0 || h.Latency < 0 {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	l := u.lines[h.Model]
	ref := l.slot.Active
	if l.slot.Probation == nil || ref == nil || ref.Version != h.Version || l.pending {
		return
	}
	now := u.o.Clock()
	p := *l.slot.Probation
	if !l.last.IsZero() {
		p.Time += min(max(now.Sub(l.last), 0), time.Minute)
	}
	l.last = now
	p.Runs += h.Runs
	l.slot.Probation = &p
	l.window.add(h)

	j := job{model: h.Model, ref: ref}
	if j.refusal = l.window.judge(*f.Rules); j.refusal == nil {
		if l.window.runs >= 2*f.Rules.MinRuns {
			l.window = window{}
		}
		if h.Runs == 0 || p.Runs < f.Probation.Runs || p.Time < f.Probation.Time || p.Runs < f.Rules.MinRuns {
			u.save(h.Model, l, p)
			return
		}
	}
	select {
	case u.jobs <- j:
		l.pending = true
	default: // the next report comes to the same
	}
}

// save writes how far probation has come, now and then. u.mu is held.
func (u *Updater) save(model string, l *line, p store.Probation) {
	if p.Time-l.saved < saveEvery {
		return
	}
	l.saved = p.Time
	if err := u.change(model, store.Entry{}, func(s *store.Slot) { s.Probation = &p }, nil); err != nil {
		u.log.Warn("ota: the progress of probation is not stored", "model", model, "error", err)
	}
}
