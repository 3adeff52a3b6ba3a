package ota_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	broker "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"

	"kinglet/ota"
	"kinglet/ota/mqtt"
	"kinglet/ota/publish"
)

// startBroker runs an MQTT broker in this process and gives its URL.
func startBroker(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := broker.New(&broker.Options{Logger: slog.New(slog.DiscardHandler)})
	if err := b.AddHook(new(auth.AllowHook), nil); err != nil {
		t.Fatal(err)
	}
	if err := b.AddListener(listeners.NewNet("test", l)); err != nil {
		t.Fatal(err)
	}
	if err := b.Serve(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeBroker(b, l) })
	return "mqtt://" + l.Addr().String()
}

// closeBroker ends a broker. Its own Close locks up when a client leaves at the same moment
// (it takes a read lock twice), so the clients are sent away first.
func closeBroker(b *broker.Server, l net.Listener) {
	_ = l.Close() // nobody comes any more
	for _, c := range b.Clients.GetAll() {
		c.Stop(io.EOF)
	}
	for i := 0; b.Clients.Len() > 0 && i < 1000; i++ {
		time.Sleep(time.Millisecond)
	}
	ended := make(chan error, 1)
	go func() { ended <- b.Close() }()
	select {
	case <-ended:
	case <-time.After(2 * time.Second):
	}
}

func dial(t testing.TB, url string) *mqtt.Client {
	t.Helper()
	c, err := mqtt.Open(mqtt.Options{Broker: url, Backoff: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// model makes the bytes of a pretended model, several chunks of it.
func model(seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 0))
	b := make([]byte, 300<<10)
	for i := range b {
		b[i] = byte(r.Uint32N(64))
	}
	return b
}

// noise is what does not compress.
func noise(n int) []byte {
	r := rand.New(rand.NewPCG(77, 0))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// judge is a Trial that passes a candidate whose answers are "right".
type judge struct{}

func (judge) Try(_ context.Context, c ota.Candidate) error {
	switch string(c.Answers) {
	case "right":
		return nil
	case "die":
		panic("trial of a broken operator")
	}
	return ota.Refuse(ota.CodeTrialAnswers, "case 0: got %s, want right", c.Answers)
}

// host remembers what it was told to run.
type host struct {
	mu  sync.Mutex
	ran []int64
	err map[int64]error
}

func (h *host) Activate(_ context.Context, m ota.Model) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ran = append(h.ran, m.Version)
	return h.err[m.Version]
}

// rig is a publisher, a broker and one device.
type rig struct {
	t       testing.TB
	repo    *publish.Repository
	send    publish.Transport
	options ota.Options
	host    *host
	events  chan ota.Event
	u       *ota.Updater
	stop    func()
}

func newRig(t testing.TB) *rig {
	t.Helper()
	return newRigAt(t, startBroker(t))
}

func newRigAt(t testing.TB, url string) *rig {
	t.Helper()
	repo, err := publish.Init(t.TempDir()+"/repo", publish.Options{Silence: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { repo.Close() })
	r := &rig{t: t, repo: repo, send: dial(t, url), host: &host{err: map[int64]error{}}, events: make(chan ota.Event, 1000)}
	r.options = ota.Options{
		Dir: t.TempDir(), Device: "bench", Root: repo.Root(),
		Factory:   []ota.Factory{{Name: "motor", Version: 1, Bytes: model(1)}},
		Transport: dial(t, url), Trial: judge{}, Host: r.host, Kinglet: "1.0.0",
		Rules:     ota.Rules{MinRuns: 10, EventRate: 0.2, NaNRate: 0.01, ErrorRate: 0.1, Latency: time.Second},
		Probation: ota.Probation{Runs: 30},
		Timing: ota.Timing{Silence: 100 * time.Millisecond, Backoff: 5 * time.Millisecond, Attempts: 3,
			RetryAfter: 200 * time.Millisecond, RetryMax: time.Second},
		OnEvent: func(e ota.Event) { r.events <- e },
	}
	t.Cleanup(func() { r.close() })
	return r
}

func (r *rig) open() {
	r.t.Helper()
	u, err := ota.Open(r.options)
	if err != nil {
		r.t.Fatal(err)
	}
	r.u = u
	if err := u.Boot(); err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		u.Run(ctx)
	}()
	r.stop = func() {
		cancel()
		<-done
		if err := u.Close(); err != nil {
			r.t.Error(err)
		}
	}
}

func (r *rig) close() {
	if r.stop != nil {
		r.stop()
		r.stop = nil
	}
}

func (r *rig) push(version int64, answers string, change func(*publish.Push)) *publish.Plan {
	r.t.Helper()
	p := publish.Push{Model: "motor", Version: version, Bytes: model(uint64(version)), Answers: []byte(answers), Operators: []string{"CONV_2D"}}
	if change != nil {
		change(&p)
	}
	plan, err := r.repo.Push(context.Background(), p, r.send)
	if err != nil {
		r.t.Fatal(err)
	}
	return plan
}

// expect waits for a phase; a refusal on the way that is not expected ends the test.
func (r *rig) expect(p ota.Phase, version int64, code ota.Code) ota.Event {
	r.t.Helper()
	return r.within(20*time.Second, p, version, code)
}

// patient is expect for what may take an hour of a bubble's time.
func (r *rig) patient(p ota.Phase, version int64, code ota.Code) ota.Event {
	r.t.Helper()
	return r.within(time.Hour, p, version, code)
}

func (r *rig) within(limit time.Duration, p ota.Phase, version int64, code ota.Code) ota.Event {
	r.t.Helper()
	deadline := time.After(limit)
	for {
		select {
		case e := <-r.events:
			var got ota.Code
			if e.Refusal != nil {
				got = e.Refusal.Code
			}
			if e.Phase == p && e.Version == version && got == code {
				return e
			}
			if e.Refusal != nil {
				r.t.Fatalf("got %s version %d: %v; want %s version %d %q", e.Phase, e.Version, e.Refusal, p, version, code)
			}
		case <-deadline:
			r.t.Fatalf("no %s of version %d %q", p, version, code)
		}
	}
}

// quiet checks that nothing is refused or promoted for a while.
func (r *rig) quiet(d time.Duration) {
	r.t.Helper()
	end := time.After(d)
	for {
		select {
		case e := <-r.events:
			if e.Phase != ota.PhaseChecking {
				r.t.Fatalf("got %s version %d: %v; want silence", e.Phase, e.Version, e.Refusal)
			}
		case <-end:
			return
		}
	}
}

func (r *rig) active(version int64) {
	r.t.Helper()
	m, err := r.u.Active("motor")
	if err != nil {
		r.t.Fatal(err)
	}
	if m.Version != version || !bytes.Equal(m.Bytes, model(uint64(version))) {
		r.t.Fatalf("version %d is active, want %d", m.Version, version)
	}
}

// live reports healthy runs until probation is over.
func (r *rig) live(version int64) {
	r.t.Helper()
	for range 5 {
		r.u.Report(ota.Health{Model: "motor", Version: version, Runs: 10, Latency: time.Millisecond})
	}
	r.expect(ota.PhaseConfirmed, version, "")
}

// tamper lets messages through changed.
type tamper struct {
	publish.Transport
	change func(topic string, payload []byte) ([]byte, error)
}

func (x tamper) Publish(ctx context.Context, topic string, payload []byte, retained bool) error {
	payload, err := x.change(topic, bytes.Clone(payload))
	if err != nil {
		return err
	}
	return x.Transport.Publish(ctx, topic, payload, retained)
}

var errStopped = errors.New("stopped half way")

// quietlyActive lets an hour pass and checks what runs, whatever is said meanwhile.
func (r *rig) quietlyActive(version int64) {
	r.t.Helper()
	time.Sleep(time.Hour)
	for len(r.events) > 0 {
		if e := <-r.events; e.Phase == ota.PhaseProbation {
			r.t.Errorf("version %d was promoted", e.Version)
		} else if e.Refusal != nil {
			r.t.Logf("said: %s", e.Refusal)
		}
	}
	r.active(version)
}
