// Package mqtt carries ota over an MQTT 3.1.1 broker, and the agent's own messages.
//
// A [Client] trusts nothing it receives: packets above a limit are dropped while they
// stream in, callbacks only put messages on bounded queues, every token is waited for with
// a timeout.
package mqtt

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

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

// ErrNotConnected says that the broker is not reached at present.
var ErrNotConnected = errors.New("not connected to the broker")

var errClosed = errors.New("the client is closed")

// Client is one connection, kept up until Close. It implements ota.Transport and
// publish.Transport. Safe for concurrent use.
type Client struct {
	o      Options
	broker *url.URL
	log    *slog.Logger
	paho   paho.Client
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	wg     sync.WaitGroup
	lost   chan error
	outbox *outbox
	routes routes

	subscribing sync.Mutex // keeps routes and subscriptions in step

	mu    sync.Mutex
	up    chan struct{} // closed while connected
	last  error         // why not connected
	wire  net.Conn      // the present connection, or the last one
	wires atomic.Int64  // connections made
}

// Open returns at once and connects in the background. The error is about options only.
func Open(o Options) (*Client, error) {
	o = o.defaults()
	broker, err := parseBroker(o.Broker)
	if err != nil {
		return nil, fmt.Errorf("mqtt: %w", err)
	}
	if o.ClientID == "" {
		b := make([]byte, 8)
		if _, err := rand.Read(b); err != nil {
			return nil, fmt.Errorf("mqtt: client id: %w", err)
		}
		o.ClientID = "kinglet-" + hex.EncodeToString(b)
	}
	c := &Client{o: o, broker: broker, log: o.Logger, lost: make(chan error, 1), outbox: newOutbox(o.Queue), up: make(chan struct{}), last: ErrNotConnected}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.paho = paho.NewClient(c.options())
	c.wg.Go(c.keepUp)
	c.wg.Go(func() { c.outbox.run(c) })
	return c, nil
}

func (o Options) defaults() Options {
	orElse(&o.KeepAlive, 30*time.Second)
	orElse(&o.Timeout, 10*time.Second)
	orElse(&o.PacketBytes, 256<<10)
	orElse(&o.Queue, 256)
	orElse(&o.Backoff, 500*time.Millisecond)
	orElse(&o.BackoffMax, time.Minute)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

func orElse[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (c *Client) options() *paho.ClientOptions {
	p := paho.NewClientOptions()
	p.AddBroker(c.broker.String())
	p.SetClientID(c.o.ClientID)
	p.SetUsername(c.o.Username)
	p.SetPassword(c.o.Password)
	p.SetProtocolVersion(4)
	p.SetCleanSession(true)
	p.SetAutoReconnect(false) // keepUp does it, with jitter
	p.SetConnectRetry(false)
	p.SetConnectTimeout(c.o.Timeout)
	p.SetWriteTimeout(c.o.Timeout)
	p.SetKeepAlive(c.o.KeepAlive)
	p.SetPingTimeout(c.o.Timeout)
	p.SetOrderMatters(true) // the handler never blocks
	p.SetDefaultPublishHandler(c.routes.handle)
	p.SetConnectionLostHandler(func(_ paho.Client, err error) {
		select {
		case c.lost <- err:
		default:
		}
	})
	p.SetCustomOpenConnectionFn(c.dial)
	if w := c.o.Will; w != nil {
		p.SetBinaryWill(w.Topic, w.Payload, 1, w.Retained)
	}
	return p
}

// WaitConnected returns when the client is connected, or ctx's error with the last reason.
func (c *Client) WaitConnected(ctx context.Context) error {
	c.mu.Lock()
	up := c.up
	c.mu.Unlock()
	select {
	case <-up:
		return nil
	case <-c.ctx.Done():
		return errClosed
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		return fmt.Errorf("mqtt: %s: %w: %w", c.broker.Redacted(), c.last, ctx.Err())
	}
}

// Connected tells whether the connection stands now.
func (c *Client) Connected() bool { return c.paho.IsConnectionOpen() }

// Publish sends with QoS 1 and returns when the broker has confirmed. Calls of one
// goroutine arrive in their order.
func (c *Client) Publish(ctx context.Context, topic string, payload []byte, retained bool) error {
	if err := c.ready(ctx); err != nil {
		return fmt.Errorf("mqtt: publish %s: %w", topic, err)
	}
	if err := c.wait(ctx, c.paho.Publish(topic, 1, retained, payload)); err != nil {
		return fmt.Errorf("mqtt: publish %s: %w", topic, err)
	}
	return nil
}

// ready waits for the connection, at most Timeout.
func (c *Client) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	return c.WaitConnected(ctx)
}

// wait for a token; none is waited for without a limit.
func (c *Client) wait(ctx context.Context, t paho.Token) error {
	timer := time.NewTimer(c.o.Timeout)
	defer timer.Stop()
	select {
	case <-t.Done():
		return t.Error()
	case <-timer.C:
		return fmt.Errorf("no answer from the broker in %s", c.o.Timeout)
	case <-ctx.Done():
		return ctx.Err()
	case <-c.ctx.Done():
		return errClosed
	}
}

// Post queues a message and returns at once; one goroutine sends them in order, again
// after a reconnect. When the queue is full the oldest is dropped and counted.
func (c *Client) Post(m Message) { c.outbox.put(m) }

// Dropped counts messages that Post gave up.
func (c *Client) Dropped() int64 { return c.outbox.dropped.Load() }

// Close says goodbye (the will is not published) and stops.
func (c *Client) Close() error {
	c.cancel()
	c.wg.Wait()
	return nil
}

// A Client is a transport for both sides.
var _ ota.Transport = (*Client)(nil)
