package ota

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"kinglet/ota/internal/store"
)

// set moves a model's line and tells of it.
func (u *Updater) set(model string, ref *store.Ref, p Phase, progress float64, r *Refusal) {
	u.mu.Lock()
	l := u.lines[model]
	l.phase, l.version, l.progress = p, u.versionOf(model, ref), progress
	if r != nil || p == PhaseConfirmed || p == PhaseProbation {
		l.refusal = r
	}
	u.mu.Unlock()
	u.tellProgress(model, ref, p, progress, r)
}

func (u *Updater) tell(model string, ref *store.Ref, p Phase, r *Refusal) {
	u.tellProgress(model, ref, p, 0, r)
}

func (u *Updater) tellProgress(model string, ref *store.Ref, p Phase, progress float64, r *Refusal) {
	u.mu.Lock()
	active := u.versionOf(model, u.lines[model].slot.Active)
	u.mu.Unlock()
	e := Event{Model: model, Version: u.versionOf(model, ref), Digest: u.digestOf(model, ref), Phase: p,
		Progress: progress, Refusal: r, Active: active}
	u.emit(e)
	u.publishStatus(model)
}

// emit numbers an event, logs it and hands it on. u.mu is not held.
func (u *Updater) emit(e Event) {
	u.emitting.Lock()
	defer u.emitting.Unlock()
	e.Seq, e.Time = u.next(), u.o.Clock().UTC()
	attrs := []any{"phase", string(e.Phase)}
	if e.Model != "" {
		attrs = append(attrs, "model", e.Model, "version", e.Version)
	}
	if e.Document != "" {
		attrs = append(attrs, "document", e.Document)
	}
	level := slog.LevelInfo
	if e.Refusal != nil {
		level = slog.LevelWarn
		attrs = append(attrs, "code", string(e.Refusal.Code), "reason", e.Refusal.Reason)
	} else if e.Phase == PhaseFetching || e.Phase == PhaseChecking {
		level = slog.LevelDebug
	}
	u.log.Log(context.Background(), level, "ota: "+string(e.Phase), attrs...)
	u.o.OnEvent(e)
}

// next is the next event number. u.emitting is held.
func (u *Updater) next() uint64 {
	if u.seq == u.lastSeq {
		if err := u.reserve(); err != nil {
			u.log.Error("ota: no new event numbers", "error", err)
			u.lastSeq = 1 << 62
		}
	}
	u.seq++
	return u.seq
}

// publishStatus puts where a model stands on its way to the broker.
func (u *Updater) publishStatus(model string) {
	if u.o.Transport == nil || u.o.Device == "" {
		return
	}
	u.emitting.Lock()
	seq := u.next()
	u.emitting.Unlock()
	u.mu.Lock()
	l := u.lines[model]
	m := StatusMessage{Schema: StatusSchema, Seq: seq, Time: u.o.Clock().UTC(), Model: model,
		Active: u.versionOf(model, l.slot.Active), Digest: u.digestOf(model, l.slot.Active),
		Phase: l.phase, Version: l.version, Progress: l.progress}
	if l.refusal != nil {
		m.Code, m.Reason = l.refusal.Code, l.refusal.Reason
	}
	u.mu.Unlock()
	u.status.put(m)
}

// statusQueue holds the newest status of each model until the broker has it.
type statusQueue struct {
	mu   sync.Mutex
	next map[string]StatusMessage
	more chan struct{}
}

func newStatusQueue() *statusQueue {
	return &statusQueue{next: map[string]StatusMessage{}, more: make(chan struct{}, 1)}
}

func (q *statusQueue) put(m StatusMessage) {
	q.mu.Lock()
	if m.Seq > q.next[m.Model].Seq {
		q.next[m.Model] = m
	}
	q.mu.Unlock()
	select {
	case q.more <- struct{}{}:
	default:
	}
}

func (q *statusQueue) take() (StatusMessage, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for name, m := range q.next {
		delete(q.next, name)
		return m, true
	}
	return StatusMessage{}, false
}

// run publishes until ctx ends. A broker that is away is said once.
func (q *statusQueue) run(ctx context.Context, o Options, log *slog.Logger) {
	pause, said := o.Timing.Backoff, false
	for {
		m, ok := q.take()
		if !ok {
			select {
			case <-q.more:
				continue
			case <-ctx.Done():
				return
			}
		}
		payload, err := json.Marshal(m)
		if err == nil {
			err = o.Transport.Publish(ctx, ModelTopic(o.Device, m.Model), payload, true)
		}
		if err == nil {
			pause, said = o.Timing.Backoff, false
			continue
		}
		if ctx.Err() != nil {
			return
		}
		if !said {
			log.Warn("ota: the status is not published; trying on", "error", err)
			said = true
		}
		q.mu.Lock()
		if _, newer := q.next[m.Model]; !newer {
			q.next[m.Model] = m
		}
		q.mu.Unlock()
		if !sleep(ctx, pause) {
			return
		}
		pause = min(2*pause, time.Minute)
	}
}

// sleep waits and tells whether ctx still holds.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
