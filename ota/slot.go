package ota

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"kinglet/ota/internal/chunk"
	"kinglet/ota/internal/store"
)

func isReadOnlyDisk(err error) bool { return errors.Is(err, syscall.EROFS) }

// versionOf a reference; nil is the factory model.
func (u *Updater) versionOf(model string, ref *store.Ref) int64 {
	if ref == nil {
		return u.factory[model].Version
	}
	return ref.Version
}

func (u *Updater) digestOf(model string, ref *store.Ref) string {
	if ref == nil {
		return u.factory[model].digest
	}
	return ref.Digest
}

// describe gives a Model without its Bytes.
func (u *Updater) describe(model string, ref *store.Ref) Model {
	if ref == nil {
		f := u.factory[model]
		return Model{Name: model, Version: f.Version, Digest: f.digest, Factory: true}
	}
	return Model{Name: model, Version: ref.Version, Digest: ref.Digest, Spec: specOf(ref)}
}

func specOf(ref *store.Ref) Spec {
	return Spec{RunTime: time.Duration(ref.RunNS), MemoryBytes: ref.MemoryBytes, Operators: ref.Operators, Kinglet: ref.Kinglet}.clone()
}

// change alters a model's slot, with the audit line and whatever more belongs to it, in
// one transaction. u.mu is held.
func (u *Updater) change(model string, e store.Entry, f func(*store.Slot), more func(store.Tx) error) error {
	l := u.lines[model]
	next := l.slot
	f(&next)
	e.Model, e.Time = model, u.o.Clock().UTC()
	err := u.models.Update(func(tx store.Tx) error {
		if err := tx.PutSlot(model, next); err != nil {
			return err
		}
		if more != nil {
			if err := more(tx); err != nil {
				return err
			}
		}
		if e.Phase == "" {
			return nil
		}
		return tx.Append(e)
	})
	if err != nil {
		return err
	}
	l.slot = next
	return nil
}

// index reads and checks the chunk list of a stored model.
func (u *Updater) index(ref *store.Ref) (chunk.Index, error) {
	b, err := u.models.Chunk(ref.Index)
	if err != nil {
		return chunk.Index{}, err
	}
	un, err := chunk.NewUnpacker(chunk.MaxIndexRaw)
	if err != nil {
		return chunk.Index{}, err
	}
	defer un.Close()
	raw, err := un.Unpack(nil, ref.Index, b)
	if err != nil {
		return chunk.Index{}, err
	}
	return chunk.ParseIndex(raw, ref.Length, ref.AnswersLength)
}

// load puts a stored model and its trial answers together and checks every digest.
func (u *Updater) load(model string, ref *store.Ref) (Candidate, error) {
	c := Candidate{Model: u.describe(model, ref)}
	if ref == nil {
		c.Bytes = u.factory[model].Bytes
		return c, nil
	}
	if ref.Length > u.o.Limits.ModelBytes || ref.AnswersLength > u.o.Limits.AnswerBytes {
		return c, Refuse(CodeTooLarge, "the model has %d bytes, the answers %d; at most %d and %d", ref.Length, ref.AnswersLength, u.o.Limits.ModelBytes, u.o.Limits.AnswerBytes)
	}
	index, err := u.index(ref)
	if err != nil {
		return c, err
	}
	if c.Bytes, err = u.join(index.Model, ref.Length, ref.Digest); err != nil {
		return c, fmt.Errorf("model: %w", err)
	}
	if ref.AnswersLength > 0 {
		if c.Answers, err = u.join(index.Answers, ref.AnswersLength, ref.AnswersSHA256); err != nil {
			return c, fmt.Errorf("answers: %w", err)
		}
	}
	return c, nil
}

func (u *Updater) join(refs []chunk.Ref, length int64, digest string) ([]byte, error) {
	un, err := chunk.NewUnpacker(chunk.MaxRaw)
	if err != nil {
		return nil, err
	}
	defer un.Close()
	out := make([]byte, 0, length)
	for _, r := range refs {
		b, err := u.models.Chunk(r)
		if err != nil {
			return nil, err
		}
		if out, err = un.Unpack(out, r, b); err != nil {
			return nil, err
		}
	}
	if got := chunk.Digest(out); got != digest {
		return nil, fmt.Errorf("the whole has digest %.12s, want %.12s: %w", got, digest, chunk.ErrDigest)
	}
	return out, nil
}

// Active loads the version of model that should run. When the store cannot give it whole,
// it falls back to the previous one and then to the factory model, and remembers that.
// The error is non-nil only for an unknown name.
func (u *Updater) Active(model string) (Model, error) {
	if _, ok := u.factory[model]; !ok {
		return Model{}, fmt.Errorf("ota: no model %.80q", model)
	}
	for {
		u.mu.Lock()
		ref := u.lines[model].slot.Active
		u.mu.Unlock()
		c, err := u.load(model, ref)
		if err == nil {
			return c.Model, nil
		}
		u.abandon(model, ref, Refuse(CodeStoreCorrupt, "version %d does not read from the store: %w", ref.Version, err))
	}
}

// abandon gives an active version up that the store has lost, in favour of the previous
// one or the factory model; it may be fetched again.
func (u *Updater) abandon(model string, ref *store.Ref, r *Refusal) {
	u.mu.Lock()
	l := u.lines[model]
	if l.slot.Active != ref {
		u.mu.Unlock()
		return
	}
	now := u.o.Clock().UTC()
	back := func(s *store.Slot) { s.Active, s.Previous, s.Probation = s.Previous, nil, nil }
	err := u.change(model, entry(ref, PhaseRolledBack, r), back, func(tx store.Tx) error {
		return tx.PutRefused(ref.Digest, store.Refused{Model: model, Version: ref.Version, Code: string(r.Code),
			Reason: r.Reason, Time: now, Temporary: true, NotBefore: now})
	})
	if err != nil {
		u.log.Error("ota: the fallback could not be stored", "model", model, "error", err)
		back(&l.slot)
	}
	l.phase, l.version, l.refusal = PhaseRolledBack, ref.Version, r
	u.mu.Unlock()
	u.tell(model, ref, PhaseRolledBack, r)
}

func entry(ref *store.Ref, p Phase, r *Refusal) store.Entry {
	e := store.Entry{Version: ref.Version, Digest: ref.Digest, Phase: string(p)}
	if r != nil {
		e.Code, e.Reason = string(r.Code), r.Reason
	}
	return e
}

// storeRefusal gives an error of the store its code.
func storeRefusal(err error) *Refusal {
	switch {
	case errors.Is(err, store.ErrFull):
		return Refuse(CodeDiskFull, "%w", err)
	case errors.Is(err, store.ErrReadOnly):
		return Refuse(CodeReadOnly, "%w", err)
	case errors.Is(err, store.ErrCorrupt):
		return Refuse(CodeStoreCorrupt, "%w", err)
	}
	return Refuse(CodeStore, "%w", err)
}
