package ota

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"kinglet/ota/internal/chunk"
	"kinglet/ota/internal/store"
	"kinglet/ota/internal/tuf"
)

// follow takes one timestamp after the other. It is the only goroutine that fetches,
// tries and sweeps.
func (u *Updater) follow(ctx context.Context) {
	u.resume(ctx)
	watch := u.watch(ctx)
	if watch == nil {
		return
	}
	var latest []byte
	retry := time.NewTimer(time.Hour)
	retry.Stop()
	defer retry.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case p, ok := <-watch:
			if !ok {
				return
			}
			latest = p.Bytes
			// It also comes after each reconnect, perhaps to a broker that forgot everything.
			for _, name := range u.names {
				u.publishStatus(name)
			}
			if p.Err != nil {
				latest = nil
				u.refuseMeta(&tuf.Error{Role: "timestamp", Kind: tuf.TooLarge, Err: p.Err}, "oversize")
				continue
			}
		case <-retry.C:
		case <-u.poke:
			u.sweep()
			continue
		}
		if len(latest) == 0 {
			continue // a cleared topic
		}
		retry.Stop()
		if wait := u.check(ctx, latest); wait > 0 {
			retry.Reset(wait)
		}
		u.sweep()
	}
}

func (u *Updater) watch(ctx context.Context) <-chan Payload {
	pause := u.o.Timing.Backoff
	for said := false; ; said = true {
		ch, err := u.o.Transport.Watch(ctx, TimestampTopic(u.o.Repository), int(u.o.Limits.DocumentBytes))
		if err == nil {
			return ch
		}
		if !said && ctx.Err() == nil {
			u.log.Warn("ota: the repository is not followed; trying on", "error", err)
		}
		if !sleep(ctx, pause) {
			return nil
		}
		pause = min(2*pause, time.Minute)
	}
}

// check verifies what a timestamp leads to and takes what is new. It tells when to look
// again; 0 is never.
func (u *Updater) check(ctx context.Context, timestamp []byte) time.Duration {
	trusted, err := u.trusted()
	if err != nil {
		u.log.Error("ota: trust.db does not read", "error", err)
		return u.o.Timing.RetryAfter
	}
	u.o.point("check")
	if string(timestamp) != string(trusted.State.Timestamp) {
		u.emit(Event{Phase: PhaseChecking})
	}
	lim := tuf.Limits{Document: u.o.Limits.DocumentBytes, RootChain: u.o.Limits.RootChain}
	before := trusted.State
	state, targets, err := tuf.Refresh(ctx, trusted.State, timestamp, u.o.Clock(), lim, u.document)
	if ctx.Err() != nil {
		return 0 // stopping; what was verified is verified again at the next start
	}
	trusted.State = state
	if changed(before, state) {
		if err := u.trust.Save(u.o.Repository, trusted); err != nil {
			u.log.Error("ota: what is trusted could not be stored; no update is taken", "error", err)
			return u.o.Timing.RetryAfter
		}
	}
	u.o.point("trusted")
	if err != nil {
		digest := sha256.Sum256(timestamp)
		return u.refuseMeta(err, hex.EncodeToString(digest[:]))
	}
	u.metaFails = 0
	u.timestamp = tuf.TimestampVersion(state.Timestamp)
	return u.consider(ctx, targets)
}

// changed tells whether there is something to store. The time alone is stored once an
// hour at most, for the sake of the disk.
func changed(a, b tuf.State) bool {
	return string(a.Root) != string(b.Root) || string(a.Timestamp) != string(b.Timestamp) ||
		string(a.Snapshot) != string(b.Snapshot) || string(a.Targets) != string(b.Targets) ||
		b.Seen.Sub(a.Seen) > time.Hour
}

// trusted reads trust.db. A root document that is not the one it began with is a decision
// of whoever looks after the device: trust begins anew.
func (u *Updater) trusted() (store.Trusted, error) {
	pinned := chunk.Digest(u.o.Root)
	t, err := u.trust.Load(u.o.Repository)
	if errors.Is(err, store.ErrCorrupt) {
		u.log.Error("ota: trust.db was corrupt; it is moved aside and trust begins anew at the given root", "cause", err)
		if err := u.trust.Reset(err); err != nil {
			return t, err
		}
		err = store.ErrNone
	}
	if errors.Is(err, store.ErrNone) {
		return store.Trusted{Pinned: pinned, State: tuf.State{Root: u.o.Root}}, nil
	}
	if err != nil {
		return t, err
	}
	if t.Pinned != pinned {
		u.log.Warn("ota: this device was given another root; trust begins anew", "root", pinned[:12])
		return store.Trusted{Pinned: pinned, State: tuf.State{Root: u.o.Root, Seen: t.State.Seen}}, nil
	}
	return t, nil
}

// refuseMeta tells of metadata that is not trusted, once for the same bytes and reason, also over restarts.
func (u *Updater) refuseMeta(err error, digest string) time.Duration {
	var te *tuf.Error
	if !errors.As(err, &te) {
		te = &tuf.Error{Role: "metadata", Kind: tuf.Malformed, Err: err}
	}
	r := Refuse(Code(te.Kind), "%w", te)
	again := store.Rejection{SHA256: digest, Code: string(r.Code)}
	trusted, err := u.trusted()
	if err != nil || trusted.Rejection != again {
		trusted.Rejection = again
		if err == nil {
			err = u.trust.Save(u.o.Repository, trusted)
		}
		if err != nil {
			u.log.Error("ota: a refusal could not be stored", "error", err)
		}
		u.emit(Event{Phase: PhaseRefused, Refusal: r, Document: te.Role})
	}
	if !r.Code.Temporary() && te.Role == "timestamp" {
		return 0
	}
	// What a timestamp leads to may be mended on the broker, whatever is wrong with it.
	u.metaFails++
	return u.backoff(u.metaFails)
}

// backoff is the pause before attempt n+1.
func (u *Updater) backoff(n int) time.Duration {
	d := u.o.Timing.RetryAfter
	for ; n > 1 && d < u.o.Timing.RetryMax; n-- {
		d *= 2
	}
	return min(d, u.o.Timing.RetryMax)
}

// document is tuf.Fetch over the transport. A root that may not exist is asked for once.
func (u *Updater) document(ctx context.Context, role string, n, limit int64) ([]byte, error) {
	attempts := u.o.Timing.Attempts
	b, err := u.retained(ctx, MetaTopic(u.o.Repository, role, n), int(limit), attempts, role == "root", nil)
	switch {
	case errors.Is(err, ErrAbsent):
		return nil, tuf.ErrAbsent
	case errors.Is(err, ErrTooLarge):
		return nil, tuf.ErrTooLarge
	}
	return b, err
}

// retained fetches a retained message, trying again with growing pauses when the broker
// is silent (unless absence is an answer) or away, or when verify does not like the bytes.
func (u *Updater) retained(ctx context.Context, topic string, limit, attempts int, once bool, verify func([]byte) error) ([]byte, error) {
	pause := u.o.Timing.Backoff
	for n := 1; ; n++ {
		b, err := u.o.Transport.Retained(ctx, topic, limit, u.o.Timing.Silence)
		if err == nil && len(b) > limit {
			err = ErrTooLarge
		}
		if err == nil && verify != nil {
			err = verify(b)
		}
		if err == nil || once && errors.Is(err, ErrAbsent) || n >= attempts {
			return b, err
		}
		if !sleep(ctx, pause) {
			return nil, ctx.Err()
		}
		pause = min(2*pause, time.Minute)
	}
}

// sweep removes chunks that no slot needs, unless an update is under way: a candidate
// waits, or a fetch goes on later.
func (u *Updater) sweep() {
	if u.partial || u.models.ReadOnly() {
		return
	}
	refs, waiting := u.refs()
	if waiting {
		return
	}
	u.sweepBut(refs, nil)
}

// makeRoom removes what no slot and not this target needs, on a full disk.
func (u *Updater) makeRoom(ref *store.Ref) {
	refs, _ := u.refs()
	u.sweepBut(refs, ref)
}

// refs lists what the slots hold, and tells whether a candidate is among it.
func (u *Updater) refs() (refs []*store.Ref, waiting bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, l := range u.lines {
		for _, ref := range []*store.Ref{l.slot.Active, l.slot.Previous, l.slot.Candidate} {
			if ref != nil {
				refs = append(refs, ref)
			}
		}
		waiting = waiting || l.slot.Candidate != nil
	}
	return refs, waiting
}

// sweepBut keeps all chunks of refs, and those of extra when its index is there.
func (u *Updater) sweepBut(refs []*store.Ref, extra *store.Ref) {
	keep := map[string]bool{}
	add := func(ref *store.Ref) error {
		x, err := u.index(ref)
		if err != nil {
			return err
		}
		keep[ref.Index.Digest] = true
		for _, r := range append(x.Model, x.Answers...) {
			keep[r.Digest] = true
		}
		return nil
	}
	for _, ref := range refs {
		if add(ref) != nil {
			return // Active will find out; until then nothing is thrown away
		}
	}
	if extra != nil && add(extra) != nil {
		u.log.Debug("ota: nothing of it is there yet", "version", extra.Version)
	}
	if _, err := u.models.Sweep(keep); err != nil {
		u.log.Warn("ota: unused chunks stay", "error", err)
	}
}
