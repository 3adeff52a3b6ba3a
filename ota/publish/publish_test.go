package publish

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kinglet/ota"
	"kinglet/ota/internal/chunk"
)

// board is a broker as a map, which remembers the order.
type board struct {
	topics map[string][]byte
	order  []string
}

func newBoard() *board { return &board{topics: map[string][]byte{}} }

func (b *board) Publish(_ context.Context, topic string, payload []byte, retained bool) error {
	if !retained {
		return errors.New("not retained")
	}
	b.order = append(b.order, topic)
	if len(payload) == 0 {
		delete(b.topics, topic)
	} else {
		b.topics[topic] = payload
	}
	return nil
}

func (b *board) Retained(_ context.Context, topic string, limit int, _ time.Duration) ([]byte, error) {
	p, ok := b.topics[topic]
	switch {
	case !ok:
		return nil, ota.ErrAbsent
	case len(p) > limit:
		return nil, ota.ErrTooLarge
	}
	return p, nil
}

func initRepo(t *testing.T) (*Repository, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "repo")
	r, err := Init(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r, dir
}

func push(version int64) Push {
	return Push{Model: "motor", Version: version, Bytes: bytes.Repeat([]byte{byte(version), 7, 9}, 100000), Answers: []byte("answers")}
}

func TestInit(t *testing.T) {
	r, dir := initRepo(t)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := os.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Init(dir, Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("a second Init while open: %v", err)
	}
	key, err := os.ReadFile(keyFile(dir, "root"))
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	if _, err := Init(dir, Options{}); !errors.Is(err, ErrExists) {
		t.Errorf("a second Init: %v", err)
	}
	if again, err := os.ReadFile(keyFile(dir, "root")); err != nil || !bytes.Equal(key, again) {
		t.Errorf("the key changed: %v", err)
	}
	if _, err := Open(t.TempDir(), Options{}); !errors.Is(err, ErrNone) {
		t.Errorf("got %v", err)
	}
	if _, err := Init(t.TempDir(), Options{Name: "a/b"}); err == nil {
		t.Error("took a name with a slash")
	}
}

func TestOrderOfMessages(t *testing.T) {
	r, _ := initRepo(t)
	b := newBoard()
	plan, err := r.Push(context.Background(), push(2), b)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, topic := range b.order {
		kind := "chunk"
		if i := strings.Index(topic, "/meta/"); i >= 0 {
			kind = topic[i+6:]
		}
		if len(kinds) == 0 || kinds[len(kinds)-1] != kind {
			kinds = append(kinds, kind)
		}
	}
	if want := []string{"chunk", "1.targets", "1.snapshot", "1.root", "timestamp"}; !slices.Equal(kinds, want) {
		t.Errorf("got %v, want %v", kinds, want)
	}
	for topic, payload := range b.topics {
		if len(payload) > chunk.MaxPacked && strings.Contains(topic, "/chunk/") || len(payload) > maxDocument {
			t.Errorf("%s has %d bytes", topic, len(payload))
		}
		if name, ok := strings.CutPrefix(topic, "kinglet/r/main/chunk/"); ok && chunk.Digest(payload) != name {
			t.Errorf("%s has another digest", topic)
		}
	}
	if plan.Digest != chunk.Digest(push(2).Bytes) {
		t.Error("the plan's digest is not the model's")
	}
}

func TestVersionMustIncrease(t *testing.T) {
	r, dir := initRepo(t)
	b := newBoard()
	ctx := context.Background()
	if _, err := r.Push(ctx, push(5), b); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(keyFile(dir, "root")); err != nil { // kept elsewhere: a push does not need it
		t.Fatal(err)
	}
	n := len(b.order)
	for _, v := range []int64{5, 4, 1} {
		if _, err := r.Push(ctx, push(v), b); !errors.Is(err, ErrVersion) || !strings.Contains(err.Error(), "version 5") {
			t.Errorf("version %d: %v", v, err)
		}
	}
	r.Close()
	r, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Push(ctx, push(5), b); !errors.Is(err, ErrVersion) {
		t.Errorf("after a restart: %v", err)
	}
	if len(b.order) != n {
		t.Error("a refused push sent something")
	}
	if _, err := r.Push(ctx, push(6), b); err != nil {
		t.Error(err)
	}
	if r.Version("motor") != 6 || r.Version("horn") != 0 {
		t.Errorf("versions %d and %d", r.Version("motor"), r.Version("horn"))
	}
}

func TestBadPush(t *testing.T) {
	r, _ := initRepo(t)
	for want, change := range map[string]func(*Push){
		"model":      func(p *Push) { p.Model = "a+b" },
		"at least 1": func(p *Push) { p.Version = 0 },
		"empty":      func(p *Push) { p.Bytes = nil },
		"budget":     func(p *Push) { p.MemoryBytes = -1 },
		"form 1.2.3": func(p *Push) { p.Kinglet = "newest" },
		"1.2.3.4":    func(p *Push) { p.Kinglet = "1.2.3.4" },
	} {
		p := push(2)
		change(&p)
		if _, err := r.Build(p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

// A copy of the directory that has fallen behind must not publish backwards.
func TestOldCopyOfTheDirectory(t *testing.T) {
	r, dir := initRepo(t)
	b := newBoard()
	ctx := context.Background()
	if _, err := r.Push(ctx, push(2), b); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(t.TempDir(), "old")
	if err := os.CopyFS(old, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Push(ctx, push(3), b); err != nil {
		t.Fatal(err)
	}
	before := b.topics[ota.TimestampTopic("main")]
	behind, err := Open(old, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer behind.Close()
	n := len(b.order)
	if _, err := behind.Push(ctx, push(4), b); !errors.Is(err, ErrBehind) {
		t.Errorf("got %v", err)
	}
	if len(b.order) != n || !bytes.Equal(before, b.topics[ota.TimestampTopic("main")]) {
		t.Error("something was sent")
	}
	if behind.Version("motor") != 2 {
		t.Error("the directory moved on")
	}
}

func TestStrangersTimestampIsOverwritten(t *testing.T) {
	r, _ := initRepo(t)
	stranger, _ := initRepo(t)
	b := newBoard()
	ctx := context.Background()
	for v := int64(2); v < 9; v++ {
		if _, err := stranger.Push(ctx, push(v), b); err != nil {
			t.Fatal(err)
		}
	}
	for _, junk := range [][]byte{nil, []byte("junk"), []byte(`{"signed":{"_type":"timestamp","meta":{"snapshot.json":null}},"signatures":[]}`), make([]byte, 1<<20)} {
		if junk != nil {
			b.topics[ota.TimestampTopic("main")] = junk
		}
		if _, err := r.Push(ctx, push(r.Version("motor")+1), b); err != nil {
			t.Errorf("over %.20q: %v", junk, err)
		}
	}
}

func TestRepublish(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "repo")
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	r, err := Init(dir, Options{Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ctx := context.Background()
	if err := r.Republish(ctx, newBoard()); err == nil {
		t.Error("republished nothing")
	}
	first := newBoard()
	if _, err := r.Push(ctx, push(2), first); err != nil {
		t.Fatal(err)
	}
	for i, wait := range []time.Duration{0, 60 * 24 * time.Hour, 200 * 24 * time.Hour} {
		now = now.Add(wait)
		b := newBoard()
		if err := r.Republish(ctx, b); err != nil {
			t.Fatal(err)
		}
		for topic := range first.topics {
			if strings.Contains(topic, "/chunk/") && b.topics[topic] == nil {
				t.Errorf("%s is missing", topic)
			}
		}
		if renewed := b.topics[ota.MetaTopic("main", "targets", 2)] != nil; renewed != (i == 2) {
			t.Errorf("after %d: targets signed anew: %t", i, renewed)
		}
	}
	// A chunk that has changed on the publisher's disk is not sent.
	entries, err := os.ReadDir(filepath.Join(dir, "chunks"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "chunks", entries[0].Name()), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Republish(ctx, newBoard()); err == nil || !strings.Contains(err.Error(), "have changed") {
		t.Errorf("got %v", err)
	}
}

func TestLocked(t *testing.T) {
	_, dir := initRepo(t)
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v", err)
	}
}

func TestPlanOnAnotherState(t *testing.T) {
	r, _ := initRepo(t)
	b := newBoard()
	ctx := context.Background()
	stale, err := r.Build(push(2))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Push(ctx, push(3), b); err != nil {
		t.Fatal(err)
	}
	if err := r.Send(ctx, stale, b); err == nil {
		t.Error("a stale plan was sent")
	}
}

// What is no longer pushed leaves the directory and the broker.
func TestOldThingsGo(t *testing.T) {
	r, dir := initRepo(t)
	b := newBoard()
	ctx := context.Background()
	for v := int64(2); v < 20; v++ {
		p := push(v)
		p.Bytes = make([]byte, 200000)
		for i := range p.Bytes {
			p.Bytes[i] = byte(i*i>>7) ^ byte(v*int64(i))
		}
		if _, err := r.Push(ctx, p, b); err != nil {
			t.Fatal(err)
		}
	}
	for _, sub := range []string{"chunks", "meta"} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) > 40 {
			t.Errorf("%d files in %s", len(entries), sub)
		}
	}
	if len(b.topics) > 60 {
		t.Errorf("%d topics on the broker", len(b.topics))
	}
	if err := r.Republish(ctx, newBoard()); err != nil {
		t.Error(err)
	}
}
