package ota

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"kinglet/ota/internal/chunk"
	"kinglet/ota/internal/store"
	"kinglet/ota/internal/tuf"
)

// take fetches what is missing of a target, checks the whole, and makes it the candidate.
func (u *Updater) take(ctx context.Context, t tuf.Target, ref *store.Ref) error {
	if u.models.ReadOnly() {
		return Refuse(CodeReadOnly, "version %d cannot be stored: the disk is read-only", t.Version)
	}
	u.set(t.Model, ref, PhaseFetching, 0, nil)
	if err := u.models.Room(int64(ref.Index.Packed)); err != nil {
		return err
	}
	if err := u.fetchChunk(ctx, ref.Index); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	u.o.point("index")
	index, err := u.index(ref)
	if err != nil {
		if errors.Is(err, store.ErrCorrupt) {
			return err
		}
		return Refuse(CodeMalformed, "%w", err)
	}
	if err := u.fetchAll(ctx, t.Model, ref, append(index.Model, index.Answers...)); err != nil {
		return err
	}
	u.o.point("fetched")
	if _, err := u.load(t.Model, ref); err != nil {
		if errors.Is(err, chunk.ErrDigest) && !errors.Is(err, store.ErrCorrupt) {
			return Refuse(CodeMalformed, "its chunks are right, but not what they make: %w", err)
		}
		return err
	}
	u.o.point("checked")
	u.mu.Lock()
	err = u.change(t.Model, entry(ref, PhaseFetching, nil), func(s *store.Slot) { s.Candidate, s.Attempts = ref, 0 }, nil)
	u.mu.Unlock()
	u.o.point("candidate")
	return err
}

// fetchAll fetches the missing chunks, a few at a time.
func (u *Updater) fetchAll(ctx context.Context, model string, ref *store.Ref, refs []chunk.Ref) error {
	var missing []chunk.Ref
	seen := map[string]bool{}
	for _, r := range refs {
		if seen[r.Digest] {
			continue
		}
		seen[r.Digest] = true
		_, err := u.models.Chunk(r)
		switch {
		case err == nil:
		case errors.Is(err, store.ErrNone), errors.Is(err, store.ErrCorrupt):
			missing = append(missing, r)
		default:
			return err
		}
	}
	var size int64
	for _, r := range missing {
		size += int64(r.Packed)
	}
	if err := u.models.Room(size); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	todo := make(chan chunk.Ref)
	var wg sync.WaitGroup
	var mu sync.Mutex
	done, told := 0, 0.0
	for range min(u.o.Timing.Parallel, len(missing)) {
		wg.Go(func() {
			for r := range todo {
				if err := u.fetchChunk(ctx, r); err != nil {
					cancel(err)
					return
				}
				u.o.point("chunk")
				mu.Lock()
				done++
				share := float64(done) / float64(len(missing))
				if share-told >= u.o.Timing.StatusEvery || share == 1 {
					told = share
					u.set(model, ref, PhaseFetching, share, nil)
				}
				mu.Unlock()
			}
		})
	}
feed:
	for _, r := range missing {
		select {
		case todo <- r:
		case <-ctx.Done():
			break feed
		}
	}
	close(todo)
	wg.Wait()
	return context.Cause(ctx)
}

// fetchChunk has one chunk in the store, verified, or a Refusal that says why not.
func (u *Updater) fetchChunk(ctx context.Context, r chunk.Ref) error {
	if _, err := u.models.Chunk(r); err == nil {
		return nil
	}
	topic := ChunkTopic(u.o.Repository, r.Digest)
	b, err := u.retained(ctx, topic, chunk.MaxPacked, u.o.Timing.Attempts, false, func(b []byte) error { return chunk.Verify(r, b) })
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrAbsent):
		return Refuse(CodeMissing, "chunk %.12s is not on the broker: %w", r.Digest, err)
	case errors.Is(err, ErrTooLarge):
		return Refuse(CodeDigestMismatch, "chunk %.12s is longer than any chunk: %w", r.Digest, err)
	case errors.Is(err, chunk.ErrTruncated):
		return Refuse(CodeTruncated, "%w", err)
	case errors.Is(err, chunk.ErrDigest):
		return Refuse(CodeDigestMismatch, "%w", err)
	default:
		return Refuse(CodeUnreachable, "%w", err)
	}
	return u.models.PutChunk(r.Digest, b)
}
