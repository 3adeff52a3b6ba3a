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

	state    state             // after the push
	docs     []document        // new ones
	chunks   map[string][]byte // by digest, as signed
	obsolete []leftover        // to clear afterwards
}
