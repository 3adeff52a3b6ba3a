package ota

import (
	"context"
	"errors"
	"time"
)

// What a Transport's Retained may answer instead of a payload.
var (
	ErrAbsent   = errors.New("no retained message")
	ErrTooLarge = errors.New("message too large")
)

// Transport is how a device reaches its repository. Implementations are safe for
// concurrent use and trust nothing they receive. The bytes they return belong to the caller.
type Transport interface {
	// Retained fetches the retained message of topic. Silence for wait after the
	// subscription stands is ErrAbsent; a message of more than max bytes is ErrTooLarge
	// and is never held whole; other errors mean the broker was not reached.
	Retained(ctx context.Context, topic string, max int, wait time.Duration) ([]byte, error)

	// Watch delivers the newest message of topic, the retained one first, over
	// reconnects, until ctx ends; then the channel is closed. Of messages that come
	// faster than they are read only the newest is kept. A message of more than max
	// bytes comes as an empty one with ErrTooLarge.
	Watch(ctx context.Context, topic string, max int) (<-chan Payload, error)

	// Publish returns when the broker has confirmed the message.
	Publish(ctx context.Context, topic string, payload []byte, retained bool) error
}

// Payload is one message of a watched topic.
type Payload struct {
	Bytes []byte
	Err   error
}
