// Package tuf carries a device's trust from one update to the next, in the order of
// clause 5.3 to 5.6 of The Update Framework specification 1.0.
//
// Refresh takes the state trusted so far and gives the state to trust from now on; it
// neither stores nor downloads by itself. The checks are go-tuf's trustedmetadata.
package tuf

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"
)

// State is what a device trusts: documents as they were received, and time.
type State struct {
	Root      []byte
	Timestamp []byte    // nil before the first update
	Snapshot  []byte    // nil before the first update
	Targets   []byte    // nil before the first update
	Seen      time.Time // latest time at which everything was verified
}

// Limits bound what Refresh asks for.
type Limits struct {
	Document  int64 // bytes of one document
	RootChain int   // new roots in one refresh (clause 5.3.2's Y)
}

// Fetch gets version n of a role, at most max bytes. Silence is ErrAbsent, a longer
// document ErrTooLarge.
type Fetch func(ctx context.Context, role string, n, max int64) ([]byte, error)

// What a Fetch may answer instead of a document.
var (
	ErrAbsent   = errors.New("absent")
	ErrTooLarge = errors.New("too large")
)

// Refresh runs the client workflow with the timestamp document just received. The state it
// returns holds everything verified before an error, too, and is to be stored in either
// case: an update that stops half way still protects against rollback.
//
// Expiry is judged at the later of now and st.Seen. Seen moves only when everything was
// verified at that time, so a clock that is wrong once, in whichever direction, cannot
// move it past the expiry of a document that was valid then.
func Refresh(ctx context.Context, st State, timestamp []byte, now time.Time, lim Limits, fetch Fetch) (State, []Target, error) {
	r := &refresher{st: st, lim: lim, fetch: fetch, now: now.UTC()}
	if r.now.Before(st.Seen) {
		r.now = st.Seen.UTC()
	}
	if err := r.run(ctx, timestamp); err != nil {
		return r.st, nil, err
	}
	r.st.Seen = r.now
	return r.st, parseTargets(r.tm.Targets[metadata.TARGETS].Signed.Targets), nil
}

type refresher struct {
	st    State
	lim   Limits
	fetch Fetch
	now   time.Time
	tm    *trustedmetadata.TrustedMetadata
}

func (r *refresher) run(ctx context.Context, timestamp []byte) error {
	err := guard(func() (err error) {
		r.tm, err = trustedmetadata.New(r.st.Root)
		return err
	})
	if err != nil {
		return &Error{Role: metadata.ROOT, Kind: Malformed, Err: fmt.Errorf("the root this device trusts: %w", err)}
	}
	r.tm.RefTime = r.now
	if err := r.root(ctx); err != nil {
		return err
	}
	if err := r.timestamp(timestamp); err != nil {
		return err
	}
	if err := r.snapshot(ctx); err != nil {
		return err
	}
	return r.targets(ctx)
}

// root follows the chain of roots: clause 5.3.
func (r *refresher) root(ctx context.Context) error {
	before := r.tm.Root
	for range r.lim.RootChain {
		n := r.tm.Root.Signed.Version + 1
		doc, err := r.fetch(ctx, metadata.ROOT, n, r.lim.Document)
		if errors.Is(err, ErrAbsent) {
			break // 5.3.2: there is no newer root
		}
		if err != nil {
			return fetchError(metadata.ROOT, n, err)
		}
		err = guard(func() error {
			_, err := r.tm.UpdateRoot(doc)
			return err
		})
		if err != nil {
			return r.classify(metadata.ROOT, n, doc, nil, err)
		}
		r.st.Root = doc // 5.3.8
	}
	if r.tm.Root.Signed.IsExpired(r.now) { // 5.3.10
		return r.expired(metadata.ROOT, r.tm.Root.Signed.Version, r.tm.Root.Signed.Expires)
	}
	// 5.3.11: after a rotation the old documents no longer count, so that a thief of the
	// old keys cannot have run the versions ahead.
	if !sameKeys(before, r.tm.Root, metadata.TIMESTAMP) || !sameKeys(before, r.tm.Root, metadata.SNAPSHOT) {
		r.st.Timestamp, r.st.Snapshot = nil, nil
	}
	return nil
}

// timestamp is clause 5.4.
func (r *refresher) timestamp(doc []byte) error {
	if r.st.Timestamp != nil {
		err := r.updateTimestamp(r.st.Timestamp)
		// An expired one still protects against rollback; one that no longer verifies is dropped.
		if err != nil && !errors.Is(err, &metadata.ErrExpiredMetadata{}) {
			r.st.Timestamp = nil
		}
	}
	if int64(len(doc)) > r.lim.Document {
		return &Error{Role: metadata.TIMESTAMP, Kind: TooLarge, Err: fmt.Errorf("%d bytes, at most %d", len(doc), r.lim.Document)}
	}
	err := r.updateTimestamp(doc)
	switch {
	case err == nil:
		r.st.Timestamp = doc // 5.4.5
	case errors.Is(err, &metadata.ErrEqualVersionNumber{}): // 5.4.3: the one we have goes on
	case errors.Is(err, &metadata.ErrExpiredMetadata{}):
		return r.expired(metadata.TIMESTAMP, r.tm.Timestamp.Signed.Version, r.tm.Timestamp.Signed.Expires)
	default:
		return r.classify(metadata.TIMESTAMP, 0, doc, nil, err)
	}
	if t := r.tm.Timestamp.Signed; t.IsExpired(r.now) {
		return r.expired(metadata.TIMESTAMP, t.Version, t.Expires)
	}
	return nil
}

func (r *refresher) updateTimestamp(doc []byte) error {
	return guard(func() error {
		parsed, err := metadata.Timestamp().FromBytes(doc)
		if err != nil {
			return err
		}
		if parsed.Signed.Meta["snapshot.json"] == nil {
			return errors.New("it names no snapshot")
		}
		_, err = r.tm.UpdateTimestamp(doc)
		return err
	})
}

// snapshot is clause 5.5.
func (r *refresher) snapshot(ctx context.Context) error {
	meta := r.tm.Timestamp.Signed.Meta["snapshot.json"]
	if r.st.Snapshot != nil {
		err := r.updateSnapshot(r.st.Snapshot, true)
		if err == nil && meta.VerifyLengthHashes(r.st.Snapshot) == nil {
			return nil
		}
	}
	doc, err := r.get(ctx, metadata.SNAPSHOT, meta)
	if err != nil {
		return err
	}
	err = r.updateSnapshot(doc, false)
	if errors.Is(err, &metadata.ErrExpiredMetadata{}) {
		return r.expired(metadata.SNAPSHOT, r.tm.Snapshot.Signed.Version, r.tm.Snapshot.Signed.Expires)
	}
	if err != nil {
		return r.classify(metadata.SNAPSHOT, meta.Version, doc, meta, err)
	}
	r.st.Snapshot = doc // 5.5.7
	return nil
}

func (r *refresher) updateSnapshot(doc []byte, trusted bool) error {
	return guard(func() error {
		parsed, err := metadata.Snapshot().FromBytes(doc)
		if err != nil {
			return err
		}
		if parsed.Signed.Meta["targets.json"] == nil {
			return errors.New("it names no targets")
		}
		for name, m := range parsed.Signed.Meta {
			if m == nil {
				return fmt.Errorf("meta[%.80q] is null", name)
			}
		}
		_, err = r.tm.UpdateSnapshot(doc, trusted)
		return err
	})
}

// targets is clause 5.6, the top-level role only.
func (r *refresher) targets(ctx context.Context) error {
	meta := r.tm.Snapshot.Signed.Meta["targets.json"]
	if r.st.Targets != nil && r.updateTargets(r.st.Targets) == nil {
		return nil
	}
	doc, err := r.get(ctx, metadata.TARGETS, meta)
	if err != nil {
		return err
	}
	if err := r.updateTargets(doc); err != nil {
		return r.classify(metadata.TARGETS, meta.Version, doc, meta, err)
	}
	r.st.Targets = doc // 5.6.6
	return nil
}

func (r *refresher) updateTargets(doc []byte) error {
	return guard(func() error {
		_, err := r.tm.UpdateTargets(doc)
		return err
	})
}

// get fetches what a parent document names, bounded by the length it gives.
func (r *refresher) get(ctx context.Context, role string, meta *metadata.MetaFiles) ([]byte, error) {
	limit := r.lim.Document
	if meta.Length > limit {
		return nil, &Error{Role: role, Version: meta.Version, Kind: TooLarge,
			Err: fmt.Errorf("metadata gives it %d bytes, at most %d", meta.Length, limit)}
	}
	if meta.Length > 0 {
		limit = meta.Length
	}
	doc, err := r.fetch(ctx, role, meta.Version, limit)
	if err != nil {
		return nil, fetchError(role, meta.Version, err)
	}
	return doc, nil
}

// guard turns a panic over a document's content (a null where an object should be, a key
// of the wrong length) into an error.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it cannot be read: %v", p)
		}
	}()
	return f()
}

func sameKeys(a, b *metadata.Metadata[metadata.RootType], role string) bool {
	x, y := a.Signed.Roles[role], b.Signed.Roles[role]
	if x == nil || y == nil || x.Threshold != y.Threshold || len(x.KeyIDs) != len(y.KeyIDs) {
		return x == y
	}
	have := map[string]bool{}
	for _, id := range x.KeyIDs {
		have[id] = true
	}
	for _, id := range y.KeyIDs {
		if !have[id] {
			return false
		}
	}
	return true
}

// TimestampVersion is the version of a timestamp document that was verified before; 0 for
// none.
func TimestampVersion(doc []byte) int64 {
	m, err := metadata.Timestamp().FromBytes(doc)
	if err != nil {
		return 0
	}
	return m.Signed.Version
}
