package ota

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kinglet/ota/internal/chunk"
	"kinglet/ota/internal/store"
	"kinglet/ota/internal/tuf"
)

// consider takes, for each model of this device, the highest version that trusted
// metadata offers. It tells when to look again; 0 is never.
func (u *Updater) consider(ctx context.Context, targets []tuf.Target) time.Duration {
	var wait time.Duration
	u.partial = false
	for _, name := range u.names {
		var best *tuf.Target
		for i, t := range targets {
			if t.Model == name && (best == nil || t.Version > best.Version) {
				best = &targets[i]
			}
		}
		if best == nil || ctx.Err() != nil {
			continue
		}
		if w := u.offer(ctx, *best); w > 0 && (wait == 0 || w < wait) {
			wait = w
		}
	}
	return wait
}

// offer decides about one target and, when it is to be had, takes it as far as it goes.
func (u *Updater) offer(ctx context.Context, t tuf.Target) time.Duration {
	if u.holds(t) {
		return 0
	}
	ref := refOf(t)
	key, past, err := u.past(t)
	if err != nil {
		u.log.Error("ota: the refused digests do not read", "error", err)
	}
	if r := u.preflight(t); r != nil {
		if past.Code != string(r.Code) || past.Version != t.Version {
			u.refuse(ref, t.Model, r, refusedKey(t), 0, false)
		}
		return 0
	}
	attempts := 0
	if past.Code != "" && !preflightCode(Code(past.Code)) {
		wait, r := u.stands(past, t)
		if r != nil {
			if past.Version != t.Version { // the same bytes under a new number: said once
				u.refuse(ref, t.Model, r, key, 0, false)
			}
			return 0
		}
		if wait > 0 {
			u.partial = true
			return wait
		}
		if past.Temporary && past.Version == t.Version {
			attempts = past.Attempts
		}
	}
	err = u.take(ctx, t, ref)
	if errors.Is(err, store.ErrFull) {
		u.makeRoom(ref)
		err = u.take(ctx, t, ref)
	}
	if err != nil {
		if ctx.Err() != nil {
			u.partial = true
			return 0
		}
		r := asRefusal(err)
		u.partial = u.partial || r.Code.Temporary()
		return u.refuse(ref, t.Model, r, refusedKey(t), attempts, attempts > 0 && past.Code == string(r.Code))
	}
	return u.try(ctx, t.Model)
}

// past finds what was remembered against a target: against its bytes by whatever it did
// after promotion, or against these bytes with these trial answers and budgets.
func (u *Updater) past(t tuf.Target) (key string, past store.Refused, err error) {
	for _, key = range []string{t.Digest, refusedKey(t)} {
		past, err = u.models.Refused(key)
		if err == nil {
			return key, past, nil
		}
		if !errors.Is(err, store.ErrNone) {
			break
		}
		err = nil
	}
	return key, store.Refused{}, err
}

// holds tells whether the device already runs, keeps or tries this very version.
func (u *Updater) holds(t tuf.Target) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	slot := u.lines[t.Model].slot
	if u.versionOf(t.Model, slot.Active) == t.Version && u.digestOf(t.Model, slot.Active) == t.Digest {
		return true
	}
	// A candidate whose trial could not be finished waits for the next start.
	return slot.Candidate != nil && slot.Candidate.Version == t.Version && slot.Candidate.Digest == t.Digest
}

// preflight is what can be decided before anything is fetched.
func (u *Updater) preflight(t tuf.Target) *Refusal {
	if t.Err != nil {
		var te *tuf.Error
		if errors.As(t.Err, &te) {
			return Refuse(Code(te.Kind), "%w", te)
		}
		return Refuse(CodeMalformed, "%w", t.Err)
	}
	u.mu.Lock()
	active := u.versionOf(t.Model, u.lines[t.Model].slot.Active)
	u.mu.Unlock()
	lim := u.o.Limits
	switch {
	case t.Version <= active:
		return Refuse(CodeRollbackVersion, "version %d is not newer than version %d, which runs", t.Version, active)
	case t.Length > lim.ModelBytes:
		return Refuse(CodeTooLarge, "the model has %d bytes, at most %d here", t.Length, lim.ModelBytes)
	case t.Answers.Length > lim.AnswerBytes:
		return Refuse(CodeTooLarge, "the trial answers have %d bytes, at most %d here", t.Answers.Length, lim.AnswerBytes)
	case olderThan(u.o.Kinglet, t.Kinglet):
		return Refuse(CodeKingletTooOld, "it needs kinglet %s, this is %s", t.Kinglet, u.o.Kinglet)
	case lim.MemoryBytes > 0 && t.MemoryBytes > lim.MemoryBytes:
		return Refuse(CodeMemoryBudget, "it asks for %d bytes of memory, at most %d here", t.MemoryBytes, lim.MemoryBytes)
	case lim.RunTime > 0 && time.Duration(t.RunNS) > lim.RunTime:
		return Refuse(CodeTimeBudget, "it asks for %s per run, at most %s here", time.Duration(t.RunNS), lim.RunTime)
	}
	for _, op := range t.Operators {
		if !u.o.Supports(op) {
			return Refuse(CodeOperator, "it needs operator %.80q, which this version does not have", op)
		}
	}
	return nil
}

// preflightCode tells codes that are decided anew each time, since they depend on this
// device as much as on the model.
func preflightCode(c Code) bool {
	switch c {
	case CodeRollbackVersion, CodeTooLarge, CodeKingletTooOld, CodeMemoryBudget, CodeTimeBudget, CodeOperator,
		CodeMalformed, CodeUnsupported:
		return true
	}
	return false
}

// stands tells whether a past refusal still holds: for ever (a refusal), for some time,
// or no more. One of a trial stands for the same bytes with the same answers and budgets;
// a temporary one until its time, or until the publisher has published again.
func (u *Updater) stands(past store.Refused, t tuf.Target) (time.Duration, *Refusal) {
	if !past.Temporary {
		r := &Refusal{Code: Code(past.Code), Reason: past.Reason}
		if past.Version != t.Version {
			r.Reason = fmt.Sprintf("the same bytes were refused as version %d: %s", past.Version, past.Reason)
		}
		return 0, r
	}
	now := u.o.Clock()
	if u.timestamp > past.Timestamp || now.Before(past.Time) || !now.Before(past.NotBefore) {
		return 0, nil
	}
	return past.NotBefore.Sub(now), nil
}

// refusedKey is the model's digest and, for what a trial may find wrong, what it is tried with.
func refusedKey(t tuf.Target) string {
	if t.Err != nil {
		return chunk.Digest([]byte(t.Path))
	}
	return trialKey(refOf(t))
}

// trialKey is the digest of all that a trial depends on.
func trialKey(ref *store.Ref) string {
	text, err := json.Marshal([]any{ref.Digest, ref.AnswersSHA256, ref.RunNS, ref.MemoryBytes})
	if err != nil {
		return ref.Digest
	}
	return chunk.Digest(text)
}

func refOf(t tuf.Target) *store.Ref {
	ref := &store.Ref{Version: t.Version, Digest: t.Digest, Length: t.Length, Index: t.Index,
		RunNS: t.RunNS, MemoryBytes: t.MemoryBytes, Operators: t.Operators, Kinglet: t.Kinglet}
	if t.Answers.Length > 0 {
		ref.AnswersSHA256, ref.AnswersLength = t.Answers.SHA256, t.Answers.Length
	}
	return ref
}

// refuse remembers why a version was not taken, ends its candidacy, and tells, unless
// quiet. attempts were made before. It tells when to try again; 0 is never.
func (u *Updater) refuse(ref *store.Ref, model string, r *Refusal, key string, attempts int, quiet bool) time.Duration {
	now := u.o.Clock().UTC()
	rec := store.Refused{Model: model, Version: ref.Version, Code: string(r.Code), Reason: r.Reason, Time: now,
		Temporary: r.Code.Temporary(), Attempts: attempts + 1, Timestamp: u.timestamp}
	var wait time.Duration
	if rec.Temporary {
		wait = u.backoff(rec.Attempts)
		rec.NotBefore = now.Add(wait)
	}
	line := entry(ref, PhaseRefused, r)
	if quiet {
		line.Phase = ""
	}
	drop := func(s *store.Slot) {
		if s.Candidate != nil && s.Candidate.Digest == ref.Digest {
			s.Candidate, s.Attempts = nil, 0
		}
	}
	u.mu.Lock()
	err := u.change(model, line, drop, func(tx store.Tx) error { return tx.PutRefused(key, rec) })
	u.mu.Unlock()
	if err != nil {
		u.log.Error("ota: a refusal could not be stored", "model", model, "error", err)
		wait = max(wait, u.o.Timing.RetryAfter)
	}
	u.o.point("refused")
	if !quiet {
		u.set(model, ref, PhaseRefused, 0, r)
	}
	return wait
}
