package mqtt

import (
	"context"
	"fmt"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"kinglet/ota"
)

// Retained implements ota.Transport. A topic that somebody watches, or fetches at the
// same time, is subscribed to again, since only that makes a broker send its message.
func (c *Client) Retained(ctx context.Context, topic string, limit int, wait time.Duration) ([]byte, error) {
	if err := c.ready(ctx); err != nil {
		return nil, fmt.Errorf("mqtt: fetch %s: %w", topic, err)
	}
	w := newWaiter(limit)
	defer c.forget(topic, w)
	wires := c.wires.Load()
	if err := c.granted(ctx, topic, c.want(topic, w, 0)); err != nil {
		return nil, fmt.Errorf("mqtt: fetch %s: %w", topic, err)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case p := <-w.ch:
		if p.Err != nil {
			return nil, fmt.Errorf("mqtt: fetch %s: %w", topic, p.Err)
		}
		if len(p.Bytes) == 0 { // the topic is being cleared
			return nil, fmt.Errorf("mqtt: fetch %s: %w", topic, ota.ErrAbsent)
		}
		return p.Bytes, nil
	case <-timer.C:
		if !c.Connected() || c.wires.Load() != wires {
			// Silence over a lost connection says nothing about the topic.
			return nil, fmt.Errorf("mqtt: fetch %s: %w", topic, ErrNotConnected)
		}
		return nil, fmt.Errorf("mqtt: fetch %s: %w", topic, ota.ErrAbsent)
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.ctx.Done():
		return nil, errClosed
	}
}

// Watch implements ota.Transport.
func (c *Client) Watch(ctx context.Context, topic string, limit int) (<-chan ota.Payload, error) {
	w := newWaiter(limit)
	token := c.want(topic, w, 1)
	if c.Connected() { // else: connect subscribes
		if err := c.granted(ctx, topic, token); err != nil && c.Connected() {
			c.forget(topic, w)
			return nil, fmt.Errorf("mqtt: watch %s: %w", topic, err)
		}
	}
	out := make(chan ota.Payload)
	c.wg.Go(func() {
		defer close(out)
		defer c.forget(topic, w)
		for {
			select {
			case p := <-w.ch:
				if !handOver(ctx, c.ctx, w, p, out) {
					return
				}
			case <-ctx.Done():
				return
			case <-c.ctx.Done():
				return
			}
		}
	})
	return out, nil
}

// handOver gives p, or what has come in its place meanwhile, to the reader.
func handOver(ctx, closed context.Context, w *waiter, p ota.Payload, out chan<- ota.Payload) bool {
	for {
		select {
		case out <- p:
			return true
		case p = <-w.ch:
		case <-ctx.Done():
			return false
		case <-closed.Done():
			return false
		}
	}
}

// want adds a waiter and asks for the topic. Waiters come and go under one lock, so that
// one that leaves does not take a newer one's subscription with it.
func (c *Client) want(topic string, w *waiter, qos byte) paho.Token {
	c.subscribing.Lock()
	defer c.subscribing.Unlock()
	c.routes.add(topic, w)
	return c.paho.Subscribe(topic, qos, nil)
}

// granted waits for the broker's answer to a subscription.
func (c *Client) granted(ctx context.Context, topic string, token paho.Token) error {
	if err := c.wait(ctx, token); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	if t, ok := token.(*paho.SubscribeToken); ok {
		if granted, ok := t.Result()[topic]; ok && granted == 0x80 {
			return fmt.Errorf("subscribe: the broker does not allow it")
		}
	}
	return nil
}

// forget ends a subscription that nobody needs any more; it does not wait for the answer.
func (c *Client) forget(topic string, w *waiter) {
	c.subscribing.Lock()
	defer c.subscribing.Unlock()
	if c.routes.remove(topic, w) && c.Connected() {
		c.paho.Unsubscribe(topic)
	}
}
