package ota_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kinglet/ota"
	"kinglet/ota/publish"
)

// memory is a broker without a network: retained messages in a map.
type memory struct {
	mu      sync.Mutex
	topics  map[string][]byte
	watch   map[string][]chan ota.Payload
	asked   []string         // topics that Retained was called for
	failing map[string]error // answers of Retained by topic
}

func newMemory() *memory {
	return &memory{topics: map[string][]byte{}, watch: map[string][]chan ota.Payload{}, failing: map[string]error{}}
}

func (m *memory) Publish(_ context.Context, topic string, payload []byte, _ bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(payload) == 0 {
		delete(m.topics, topic)
	} else {
		m.topics[topic] = slices.Clone(payload)
	}
	for _, ch := range m.watch[topic] {
		select {
		case <-ch:
		default:
		}
		ch <- ota.Payload{Bytes: slices.Clone(payload)}
	}
	return nil
}

func (m *memory) Retained(ctx context.Context, topic string, limit int, wait time.Duration) ([]byte, error) {
	m.mu.Lock()
	m.asked = append(m.asked, topic)
	b, ok := m.topics[topic]
	err := m.failing[topic]
	m.mu.Unlock()
	switch {
	case err != nil:
		return nil, err
	case ok && len(b) > limit:
		return nil, ota.ErrTooLarge
	case ok:
		return slices.Clone(b), nil
	}
	select {
	case <-time.After(wait):
		return nil, ota.ErrAbsent
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (m *memory) Watch(ctx context.Context, topic string, _ int) (<-chan ota.Payload, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ch := make(chan ota.Payload, 1)
	m.watch[topic] = append(m.watch[topic], ch)
	if b, ok := m.topics[topic]; ok {
		ch <- ota.Payload{Bytes: slices.Clone(b)}
	}
	context.AfterFunc(ctx, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.watch[topic] = slices.DeleteFunc(m.watch[topic], func(x chan ota.Payload) bool { return x == ch })
		close(ch)
	})
	return ch, nil
}

// chunks lists the chunk topics there are.
func (m *memory) chunks() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for topic := range m.topics {
		if strings.Contains(topic, "/chunk/") {
			out = append(out, topic)
		}
	}
	slices.Sort(out)
	return out
}

// edit changes a retained message without telling whoever watches.
func (m *memory) edit(topic string, f func([]byte) []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.topics[topic] = f(m.topics[topic])
}

// newMemoryRig is a rig without a network, for synctest: time passes when everybody waits.
func newMemoryRig(t testing.TB) (*rig, *memory) {
	t.Helper()
	m := newMemory()
	repo, err := publish.Init(t.TempDir()+"/repo", publish.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { repo.Close() })
	r := &rig{t: t, repo: repo, send: m, host: &host{err: map[int64]error{}}, events: make(chan ota.Event, 1000)}
	r.options = ota.Options{
		Dir: t.TempDir(), Device: "bench", Root: repo.Root(), Transport: m, Trial: judge{}, Host: r.host, Kinglet: "1.0.0",
		Factory:   []ota.Factory{{Name: "motor", Version: 1, Bytes: model(1)}},
		Rules:     ota.Rules{MinRuns: 10, EventRate: 0.2, NaNRate: 0.01, ErrorRate: 0.1, Latency: time.Second},
		Probation: ota.Probation{Runs: 30},
		OnEvent:   func(e ota.Event) { r.events <- e },
	}
	t.Cleanup(func() { r.close() })
	return r, m
}

// log gives the topics that Retained was called for, from the n-th on.
func (m *memory) log(n int) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.asked[n:])
}

// payload is the retained message of a topic.
func (m *memory) payload(topic string) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.topics[topic])
}
