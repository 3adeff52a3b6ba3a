package ota

import (
	"context"
	"errors"
	"fmt"

	"kinglet/ota/internal/store"
)

// job is a decision that Run's second goroutine carries out, so that Report returns soon
// and Host.Activate is never called from the host's own loop.
type job struct {
	model   string
	ref     *store.Ref // the active version the decision is about; nil with refusal: whatever runs
	refusal *Refusal   // take back; nil: confirm
	done    chan error // or nil
}

// work carries jobs out until ctx ends.
func (u *Updater) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case j := <-u.jobs:
			err := u.carry(ctx, j)
			if j.done != nil {
				j.done <- err
			} else if err != nil {
				u.log.Error("ota: not carried out", "model", j.model, "error", err)
			}
			select {
			case u.poke <- struct{}{}:
			default:
			}
		}
	}
}

func (u *Updater) carry(ctx context.Context, j job) error {
	u.turn.Lock()
	defer u.turn.Unlock()
	u.mu.Lock()
	l := u.lines[j.model]
	l.pending = false
	active := l.slot.Active
	u.mu.Unlock()
	if j.refusal == nil {
		return u.confirm(j.model, j.ref)
	}
	if j.ref != nil && j.ref != active {
		return nil // it was taken back meanwhile
	}
	return u.takeBack(ctx, j.model, active, j.refusal, true)
}

// confirm ends probation. u.turn is held.
func (u *Updater) confirm(model string, ref *store.Ref) error {
	u.mu.Lock()
	l := u.lines[model]
	if l.slot.Active != ref || l.slot.Probation == nil {
		u.mu.Unlock()
		return nil
	}
	err := u.change(model, entry(ref, PhaseConfirmed, nil), func(s *store.Slot) { s.Probation = nil }, nil)
	u.mu.Unlock()
	u.o.point("confirmed")
	if err != nil {
		return err
	}
	u.set(model, ref, PhaseConfirmed, 0, nil)
	return nil
}

// takeBack makes the previous version active again, in one transaction, remembers the
// digest of ref as refused, and has the host run the previous one when activate is set.
// u.turn is held.
func (u *Updater) takeBack(ctx context.Context, model string, ref *store.Ref, r *Refusal, activate bool) error {
	if ref == nil {
		return fmt.Errorf("ota: model %s: the factory version runs; there is nothing to go back to", model)
	}
	u.o.point("take-back")
	rec := store.Refused{Model: model, Version: ref.Version, Code: string(r.Code), Reason: r.Reason, Time: u.o.Clock().UTC(), Attempts: 1}
	u.mu.Lock()
	l := u.lines[model]
	if l.slot.Active != ref {
		u.mu.Unlock()
		return nil
	}
	err := u.change(model, entry(ref, PhaseRolledBack, r), func(s *store.Slot) {
		s.Active, s.Previous, s.Probation = s.Previous, nil, nil
	}, func(tx store.Tx) error { return tx.PutRefused(ref.Digest, rec) })
	if err == nil {
		l.window = window{}
	}
	u.mu.Unlock()
	u.o.point("taken-back")
	if err != nil {
		return fmt.Errorf("ota: model %s: %w", model, err)
	}
	u.set(model, ref, PhaseRolledBack, 0, r)
	if !activate {
		return nil
	}
	m, err := u.Active(model)
	if err != nil {
		return err
	}
	if err := u.activate(ctx, m); err != nil {
		return fmt.Errorf("ota: model %s: version %d was taken back; the host does not take version %d: %w", model, ref.Version, m.Version, err)
	}
	return nil
}

// Rollback takes the active version of model back by command and remembers its digest as
// refused. It needs Run, and returns when the previous version is active.
func (u *Updater) Rollback(ctx context.Context, model string) error {
	if _, ok := u.factory[model]; !ok {
		return fmt.Errorf("ota: no model %.80q", model)
	}
	j := job{model: model, refusal: Refuse(CodeByCommand, "taken back by command"), done: make(chan error, 1)}
	select {
	case u.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Boot counts this start for every model in probation and takes back those that
// crashed too often. Call it once after Open and before the models are used; nothing is
// activated, Active answers accordingly. A disk that does not take the count is said in the log,
// and is no error: the models run.
func (u *Updater) Boot() error {
	u.turn.Lock()
	defer u.turn.Unlock()
	var errs []error
	for _, name := range u.names {
		u.mu.Lock()
		slot := u.lines[name].slot
		u.mu.Unlock()
		if slot.Probation == nil {
			continue
		}
		most := u.factory[name].Rules.MaxBoots
		if n := slot.Probation.Boots; n >= most {
			r := Refuse(CodeCrashLoop, "%d starts in a row did not live long enough after it was promoted", n)
			if err := u.takeBack(context.Background(), name, slot.Active, r, false); err != nil {
				u.forgo(name, slot.Active, r)
				errs = append(errs, err)
			}
			continue
		}
		errs = append(errs, u.boots(name, slot.Probation.Boots+1))
	}
	if err := errors.Join(errs...); err != nil {
		u.log.Error("ota: this start could not be counted", "error", err)
	}
	return nil
}

// forgo lets the previous version run in this start, where a disk does not take the change.
func (u *Updater) forgo(model string, ref *store.Ref, r *Refusal) {
	u.mu.Lock()
	l := u.lines[model]
	l.slot.Active, l.slot.Previous, l.slot.Probation = l.slot.Previous, nil, nil
	u.mu.Unlock()
	u.set(model, ref, PhaseRolledBack, 0, r)
}

// Healthy says that this start has lived long enough: the boots counted so far are
// forgiven. Call it again some time after each promotion.
func (u *Updater) Healthy() error {
	var errs []error
	for _, name := range u.names {
		u.mu.Lock()
		p := u.lines[name].slot.Probation
		u.mu.Unlock()
		if p != nil && p.Boots > 0 {
			errs = append(errs, u.boots(name, 0))
		}
	}
	return errors.Join(errs...)
}

func (u *Updater) boots(model string, n int) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	err := u.change(model, store.Entry{}, func(s *store.Slot) {
		if s.Probation != nil {
			p := *s.Probation
			p.Boots = n
			s.Probation = &p
		}
	}, nil)
	if err != nil && !errors.Is(err, store.ErrReadOnly) {
		return fmt.Errorf("ota: model %s: %w", model, err)
	}
	return nil
}
