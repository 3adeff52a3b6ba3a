// Package publish is the publisher's side of ota: keys, signing, chunks, and the order
// in which everything goes out.
//
// A [Repository] is a directory: four keys, the documents signed so far, the chunks they
// name. Build signs a push without sending it, Send sends a built plan, Push does both.
package publish

import (
	"context"
	"time"
)

// Transport sends retained messages and reads them back; ota/mqtt's Client is one.
type Transport interface {
	// Publish returns when the broker has confirmed the message.
	Publish(ctx context.Context, topic string, payload []byte, retained bool) error
	// Retained fetches a retained message; silence for wait is ota.ErrAbsent.
	Retained(ctx context.Context, topic string, max int, wait time.Duration) ([]byte, error)
}

// Options of a repository. The zero value serves.
type Options struct {
	Name    string           // in topics; "": "main". Fixed by Init, ignored by Open
	Clock   func() time.Time // nil: the system's
	Expiry  Expiry
	Silence time.Duration // without an answer a retained topic is absent; 0: 2s
}

// Expiry is how long newly signed documents hold.
type Expiry struct {
	Root      time.Duration // 0: 10 years
	Targets   time.Duration // 0: 1 year
	Snapshot  time.Duration // 0: 1 year
	Timestamp time.Duration // 0: 90 days
}

// Push is one new version of one model.
type Push struct {
	Model       string
	Version     int64         // higher than every version pushed before
	Bytes       []byte        // the .tflite file
	Answers     []byte        // trial answers, opaque here; may be empty
	RunTime     time.Duration // budget of one run; 0: none
	MemoryBytes int64         // budget in bytes; 0: none
	Operators   []string      // operators the model needs
	Kinglet     string        // lowest kinglet version, "1.2.3"; "": any
}

// Message is one MQTT message of a plan.
type Message struct {
	Topic    string
	Payload  []byte
	Retained bool
}

// Plan is a signed push that is not yet sent: its messages in order, chunks first, then
// targets, snapshot, root, and the timestamp last. Tests and demonstrations may change
// Messages before Send to see a device refuse them.
type Plan struct {
	Model    string
	Version  int64
	Digest   string // sha256 of the model, hexadecimal
	Messages []Message
}

// Repository is a publisher's directory. Not safe for concurrent use; a lock file keeps
// a second process out.
type Repository struct{}

// Init makes the keys (ed25519, one a role) and an empty repository in dir, which must not
// hold one. Files have mode 0600, dir 0700.
func Init(dir string, o Options) (*Repository, error) { return nil, nil }

// Open opens what Init made.
func Open(dir string, o Options) (*Repository, error) { return nil, nil }

// Close gives the lock back.
func (r *Repository) Close() error { return nil }

// Name is the repository's name in topics.
func (r *Repository) Name() string { return "" }

// Root is the newest root document: what a device is given to trust.
func (r *Repository) Root() []byte { return nil }

// Build signs a push. Nothing is written or sent. A version that is not higher than the
// last one pushed is ErrVersion.
func (r *Repository) Build(p Push) (*Plan, error) { return nil, nil }

// Send writes the plan's state to the directory and then sends its messages in order.
// When the broker already has a timestamp of ours that is as new or newer, an old copy of
// the directory is at work: ErrBehind, and nothing is sent.
func (r *Repository) Send(ctx context.Context, p *Plan, t Transport) error { return nil }

// Push is Build and Send.
func (r *Repository) Push(ctx context.Context, p Push, t Transport) (*Plan, error) { return nil, nil }

// Republish signs snapshot and timestamp anew and sends everything again: after a push
// that stopped half way, to a broker that lost its retained messages, or before the
// timestamp expires.
func (r *Repository) Republish(ctx context.Context, t Transport) error { return nil }
