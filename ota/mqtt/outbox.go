package mqtt

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// outbox sends queued messages in order.
type outbox struct {
	mu      sync.Mutex
	queue   []Message
	max     int
	more    chan struct{}
	dropped atomic.Int64
}

func newOutbox(limit int) *outbox { return &outbox{max: limit, more: make(chan struct{}, 1)} }

func (q *outbox) put(m Message) {
	q.mu.Lock()
	if len(q.queue) >= q.max {
		q.queue = q.queue[1:]
		q.dropped.Add(1)
	}
	q.queue = append(q.queue, m)
	q.mu.Unlock()
	select {
	case q.more <- struct{}{}:
	default:
	}
}

func (q *outbox) take() (Message, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queue) == 0 {
		return Message{}, false
	}
	m := q.queue[0]
	q.queue = q.queue[1:]
	return m, true
}

// run sends until the client closes. A message is tried until the broker confirms it, so
// it may arrive twice, never out of order.
func (q *outbox) run(c *Client) {
	for {
		m, ok := q.take()
		if !ok {
			select {
			case <-q.more:
				continue
			case <-c.ctx.Done():
				return
			}
		}
		for c.Publish(c.ctx, m.Topic, m.Payload, m.Retained) != nil {
			if !sleep(c.ctx, c.o.Backoff) {
				return
			}
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
