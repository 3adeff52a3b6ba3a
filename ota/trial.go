package ota

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kinglet/ota/internal/chunk"
	"kinglet/ota/internal/store"
)

// resume goes on with candidates whose trial a restart cut short.
func (u *Updater) resume(ctx context.Context) {
	for _, name := range u.names {
		if ctx.Err() != nil {
			return
		}
		u.try(ctx, name)
	}
}

// try takes a model's candidate through trial, shadow and promotion. It tells when to try
// again; 0 is never.
func (u *Updater) try(ctx context.Context, model string) time.Duration {
	u.mu.Lock()
	slot := u.lines[model].slot
	u.mu.Unlock()
	ref := slot.Candidate
	if ref == nil {
		return 0
	}
	refuse := func(r *Refusal) time.Duration { return u.refuse(ref, model, r, trialKey(ref), 0, false) }
	if active := u.versionOf(model, slot.Active); ref.Version <= active {
		return refuse(Refuse(CodeSuperseded, "version %d is not newer than version %d, which runs", ref.Version, active))
	}
	if most := u.factory[model].Rules.TrialStart; slot.Attempts >= most {
		return refuse(Refuse(CodeTrialCrash, "%d trials were begun and the device died in each", slot.Attempts))
	}
	c, err := u.load(model, ref)
	if err != nil {
		return refuse(asRefusal(err))
	}
	// The attempt is counted before it begins, so that a trial that kills the device ends.
	u.mu.Lock()
	err = u.change(model, store.Entry{}, func(s *store.Slot) { s.Attempts++ }, nil)
	u.mu.Unlock()
	if err != nil {
		return refuse(storeRefusal(err))
	}
	c.Attempt = slot.Attempts + 1
	u.o.point("trial")
	u.set(model, ref, PhaseTrial, 0, nil)
	if r := u.prove(ctx, c, u.o.Trial.Try, CodeTrialError); r != nil {
		return refuse(r)
	}
	if u.o.Shadow != nil && ctx.Err() == nil {
		u.set(model, ref, PhaseShadow, 0, nil)
		u.o.point("shadow")
		if r := u.prove(ctx, c, u.o.Shadow.Shadow, CodeShadow); r != nil {
			return refuse(r)
		}
	}
	if ctx.Err() != nil {
		u.uncount(model, ref)
		return 0
	}
	return u.promote(ctx, c, ref)
}

// uncount takes an attempt back that ended because the daemon stops in order.
func (u *Updater) uncount(model string, ref *store.Ref) {
	u.mu.Lock()
	defer u.mu.Unlock()
	err := u.change(model, store.Entry{}, func(s *store.Slot) {
		if s.Candidate != nil && s.Candidate.Digest == ref.Digest && s.Attempts > 0 {
			s.Attempts--
		}
	}, nil)
	if err != nil {
		u.log.Warn("ota: an attempt stays counted", "model", model, "error", err)
	}
}

// prove runs a trial or shadow. A trial that ends because the daemon stops is no refusal.
func (u *Updater) prove(ctx context.Context, c Candidate, f func(context.Context, Candidate) error, code Code) (r *Refusal) {
	if code == CodeTrialError { // a shadow takes as long as it takes
		var cancel context.CancelFunc
		parent := ctx
		ctx, cancel = context.WithTimeout(ctx, u.o.Timing.TrialTimeout)
		defer cancel()
		defer func() {
			if parent.Err() != nil {
				r = nil
			}
		}()
	} else {
		defer func() {
			if ctx.Err() != nil {
				r = nil
			}
		}()
	}
	defer func() {
		if p := recover(); p != nil {
			r = Refuse(CodeTrialCrash, "it panicked: %v", p)
		}
	}()
	err := f(ctx, c)
	if err == nil {
		return nil
	}
	if errors.As(err, &r) {
		return r
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Refuse(CodeTrialTime, "no end after %s: %w", u.o.Timing.TrialTimeout, err)
	}
	return Refuse(code, "%w", err)
}

// promote makes the candidate the active model, in one transaction, and has the host run it.
// It tells when to try again when that was not possible.
func (u *Updater) promote(ctx context.Context, c Candidate, ref *store.Ref) time.Duration {
	u.turn.Lock()
	defer u.turn.Unlock()
	u.o.point("promote")
	u.mu.Lock()
	l := u.lines[c.Name]
	if l.slot.Candidate != ref || ref.Version <= u.versionOf(c.Name, l.slot.Active) {
		u.mu.Unlock()
		return u.refuse(ref, c.Name, Refuse(CodeSuperseded, "another version was promoted meanwhile"), trialKey(ref), 0, false)
	}
	err := u.change(c.Name, entry(ref, PhaseProbation, nil), func(s *store.Slot) {
		if s.Probation == nil { // Previous is always one that was confirmed
			s.Previous = s.Active
		}
		// This start is the first that must live long enough.
		s.Active, s.Candidate, s.Attempts, s.Probation = ref, nil, 0, &store.Probation{Boots: 1}
	}, func(tx store.Tx) error {
		return errors.Join(tx.DeleteRefused(trialKey(ref)), tx.DeleteRefused(ref.Digest))
	})
	if err == nil {
		l.window, l.last, l.saved, l.pending = window{}, u.o.Clock(), 0, false
	}
	u.mu.Unlock()
	u.o.point("promoted")
	if err != nil {
		return u.refuse(ref, c.Name, storeRefusal(err), trialKey(ref), 0, false)
	}
	u.set(c.Name, ref, PhaseProbation, 0, nil)
	if err := u.activate(ctx, c.Model); err != nil && ctx.Err() == nil {
		if err := u.takeBack(ctx, c.Name, ref, Refuse(CodeActivate, "%w", err), true); err != nil {
			u.log.Error("ota: not taken back", "model", c.Name, "error", err)
		}
	}
	u.o.point("activated")
	return 0
}

func (u *Updater) activate(ctx context.Context, m Model) (err error) {
	if u.o.Host == nil {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it panicked: %v", p)
		}
	}()
	return u.o.Host.Activate(ctx, m)
}

// asRefusal gives an error of load its code.
func asRefusal(err error) *Refusal {
	var r *Refusal
	switch {
	case errors.As(err, &r):
		return r
	case errors.Is(err, store.ErrNone), errors.Is(err, store.ErrCorrupt):
		return Refuse(CodeStoreCorrupt, "%w", err)
	case errors.Is(err, chunk.ErrDigest):
		return Refuse(CodeMalformed, "%w", err)
	}
	return storeRefusal(err)
}
