package publish

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"kinglet/ota"
)

// Send writes the plan's state to the directory and then sends its messages in order.
// When the broker already has a timestamp of ours that is as new or newer, an old copy of
// the directory is at work: ErrBehind, and nothing is written or sent.
//
// When Send stops half way, devices stay on the old metadata, because the timestamp goes
// out last; Republish goes on from there.
func (r *Repository) Send(ctx context.Context, p *Plan, t Transport) error {
	if p.state.Timestamp != r.state.Timestamp+1 {
		return fmt.Errorf("send: the plan was built on timestamp %d, the directory is at %d", p.state.Timestamp-1, r.state.Timestamp)
	}
	if err := r.present(ctx, p.state.Timestamp, t); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	if err := r.store(p); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	for i, m := range p.Messages {
		if err := t.Publish(ctx, m.Topic, m.Payload, m.Retained); err != nil {
			return fmt.Errorf("send: message %d of %d, %s: %w", i+1, len(p.Messages), m.Topic, err)
		}
	}
	for _, old := range p.obsolete {
		if err := t.Publish(ctx, old.topic, nil, true); err != nil {
			return fmt.Errorf("send: the push is out; %s is left over: %w", old.topic, err)
		}
		if err := os.Remove(old.file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("send: the push is out; %w", err)
		}
	}
	return nil
}

// present asks the broker for its timestamp. One that our timestamp key has not signed is
// no reason to stop: a stranger or a broken message is overwritten.
func (r *Repository) present(ctx context.Context, next int64, t Transport) error {
	doc, err := t.Retained(ctx, ota.TimestampTopic(r.Name()), maxDocument, r.o.Silence)
	if errors.Is(err, ota.ErrAbsent) || errors.Is(err, ota.ErrTooLarge) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the broker's timestamp: %w", err)
	}
	n, ok := r.ours(doc)
	if ok && n >= next {
		return fmt.Errorf("timestamp %d on the broker, %d here: %w", n, next, ErrBehind)
	}
	return nil
}

// ours gives the version of a timestamp that our root's timestamp key signed.
func (r *Repository) ours(doc []byte) (n int64, ok bool) {
	defer func() {
		if recover() != nil { // go-tuf on a hostile document
			n, ok = 0, false
		}
	}()
	root, err := metadata.Root().FromBytes(r.root)
	if err != nil {
		return 0, false
	}
	timestamp, err := metadata.Timestamp().FromBytes(doc)
	if err != nil || root.VerifyDelegate(metadata.TIMESTAMP, timestamp) != nil {
		return 0, false
	}
	return timestamp.Signed.Version, true
}

// store writes chunks, documents and then, as the deciding step, state.json.
func (r *Repository) store(p *Plan) error {
	for name, b := range p.chunks {
		if _, err := os.Stat(chunkPath(r.dir, name)); err == nil {
			continue
		}
		if err := writeFile(chunkPath(r.dir, name), b); err != nil {
			return err
		}
	}
	for _, d := range p.docs {
		if err := writeFile(docPath(r.dir, d.role, d.n), d.bytes); err != nil {
			return err
		}
	}
	if err := p.state.write(r.dir); err != nil {
		return err
	}
	r.state = p.state
	// Timestamps are kept for whoever looks; a few are enough.
	if err := os.Remove(docPath(r.dir, metadata.TIMESTAMP, p.state.Timestamp-4)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
