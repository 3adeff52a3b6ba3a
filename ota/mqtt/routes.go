package mqtt

import (
	"bytes"
	"maps"
	"slices"
	"sync"

	paho "github.com/eclipse/paho.mqtt.golang"

	"kinglet/ota"
)

// routes brings messages to whoever waits for their topic. Its zero value is empty.
type routes struct {
	mu sync.Mutex
	by map[string][]*waiter
}

// waiter holds the newest message of a topic until it is read.
type waiter struct {
	max int
	ch  chan ota.Payload // capacity 1
}

func newWaiter(limit int) *waiter {
	return &waiter{max: limit, ch: make(chan ota.Payload, 1)}
}

// put replaces what was not read yet. The caller holds routes.mu, so that it is the only sender.
func (w *waiter) put(p ota.Payload) {
	select {
	case <-w.ch:
	default:
	}
	w.ch <- p
}

func (r *routes) add(topic string, w *waiter) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[string][]*waiter{}
	}
	r.by[topic] = append(r.by[topic], w)
}

// remove tells whether nobody waits for the topic any more.
func (r *routes) remove(topic string, w *waiter) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.by[topic] = slices.DeleteFunc(r.by[topic], func(x *waiter) bool { return x == w })
	if len(r.by[topic]) == 0 {
		delete(r.by, topic)
		return true
	}
	return false
}

// watched lists the topics to subscribe to again after a reconnect.
func (r *routes) watched() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.by))
}

// handle is paho's callback: it copies what is wanted and never blocks.
func (r *routes) handle(_ paho.Client, m paho.Message) {
	r.deliver(m.Topic(), m.Payload())
}

func (r *routes) deliver(topic string, payload []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.by[topic] {
		if len(payload) > w.max {
			w.put(ota.Payload{Err: ota.ErrTooLarge})
			continue
		}
		w.put(ota.Payload{Bytes: bytes.Clone(payload)})
	}
}

func (r *routes) oversize(topic string, _ int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.by[topic] {
		w.put(ota.Payload{Err: ota.ErrTooLarge})
	}
}
