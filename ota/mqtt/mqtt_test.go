package mqtt

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	broker "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"

	"kinglet/ota"
)

// serve runs a broker on an address until stop is called.
func serve(t testing.TB, address string, hook broker.Hook) (url string, stop func()) {
	t.Helper()
	var l net.Listener
	var err error
	for range 100 { // the port of a broker that has just stopped
		if l, err = net.Listen("tcp", address); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	b := broker.New(&broker.Options{Logger: slog.New(slog.DiscardHandler)})
	if hook == nil {
		hook = new(auth.AllowHook)
	}
	if err := b.AddHook(hook, nil); err != nil {
		t.Fatal(err)
	}
	if err := b.AddListener(listeners.NewNet("test", l)); err != nil {
		t.Fatal(err)
	}
	if err := b.Serve(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	stop = func() { once.Do(func() { closeBroker(b, l) }) }
	t.Cleanup(stop)
	return "mqtt://" + l.Addr().String(), stop
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

func open(t testing.TB, o Options) *Client {
	t.Helper()
	if o.Backoff == 0 {
		o.Backoff = 10 * time.Millisecond
	}
	c, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func next(t testing.TB, ch <-chan ota.Payload) ota.Payload {
	t.Helper()
	select {
	case p := <-ch:
		return p
	case <-time.After(10 * time.Second):
		t.Fatal("no message")
		return ota.Payload{}
	}
}

func TestRetained(t *testing.T) {
	url, _ := serve(t, "127.0.0.1:0", nil)
	c := open(t, Options{Broker: url})
	ctx := within(t, 30*time.Second)
	if err := c.Publish(ctx, "kinglet/a", []byte("payload"), true); err != nil {
		t.Fatal(err)
	}
	for range 3 { // each fetch subscribes anew
		b, err := c.Retained(ctx, "kinglet/a", 7, time.Second)
		if err != nil || string(b) != "payload" {
			t.Fatalf("%q, %v", b, err)
		}
	}
	if _, err := c.Retained(ctx, "kinglet/a", 6, time.Second); !errors.Is(err, ota.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Retained(ctx, "kinglet/none", 10, 50*time.Millisecond); !errors.Is(err, ota.ErrAbsent) {
		t.Errorf("got %v", err)
	}
	if err := c.Publish(ctx, "kinglet/a", nil, true); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Retained(ctx, "kinglet/a", 10, 50*time.Millisecond); !errors.Is(err, ota.ErrAbsent) {
		t.Errorf("a cleared topic: %v", err)
	}
}

func TestManyFetchesOfOneTopicAtOnce(t *testing.T) {
	url, _ := serve(t, "127.0.0.1:0", nil)
	c := open(t, Options{Broker: url})
	ctx := within(t, 30*time.Second)
	if err := c.Publish(ctx, "kinglet/a", []byte("x"), true); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				if _, err := c.Retained(ctx, "kinglet/a", 10, 5*time.Second); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestWatchOverReconnects(t *testing.T) {
	url, stop := serve(t, "127.0.0.1:0", nil)
	address := strings.TrimPrefix(url, "mqtt://")
	var log bytes.Buffer
	c := open(t, Options{Broker: url, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	ctx := within(t, 60*time.Second)
	ch, err := c.Watch(ctx, "kinglet/w", 100)
	if err != nil {
		t.Fatal(err)
	}
	other := open(t, Options{Broker: url})
	if err := other.Publish(ctx, "kinglet/w", []byte("one"), true); err != nil {
		t.Fatal(err)
	}
	if p := next(t, ch); string(p.Bytes) != "one" {
		t.Errorf("got %q", p.Bytes)
	}
	for round := range 3 {
		stop()
		time.Sleep(100 * time.Millisecond)
		if c.Connected() {
			time.Sleep(time.Second)
		}
		if _, err := c.Retained(within(t, 50*time.Millisecond), "kinglet/w", 10, time.Second); err == nil || errors.Is(err, ota.ErrAbsent) {
			t.Errorf("a broker that is away said %v", err)
		}
		_, stop = serve(t, address, nil)
		want := fmt.Sprint("after ", round)
		if err := other.Publish(ctx, "kinglet/w", []byte(want), true); err != nil {
			t.Fatal(err)
		}
		if p := next(t, ch); string(p.Bytes) != want {
			t.Errorf("got %q, want %q", p.Bytes, want)
		}
	}
	c.Close()
	if n := strings.Count(log.String(), "trying on"); n > 3 {
		t.Errorf("three absences were said %d times:\n%s", n, log.String())
	}
}

func TestUnreachableIsSaidOnce(t *testing.T) {
	var log bytes.Buffer
	c := open(t, Options{Broker: "mqtt://127.0.0.1:1", Logger: slog.New(slog.NewTextHandler(&log, nil)), Backoff: time.Millisecond, BackoffMax: 2 * time.Millisecond})
	err := c.WaitConnected(within(t, 300*time.Millisecond))
	if !errors.Is(err, ErrNotConnected) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("got %v", err)
	}
	if err := c.Publish(within(t, 10*time.Millisecond), "a", nil, false); !errors.Is(err, ErrNotConnected) {
		t.Errorf("got %v", err)
	}
	c.Close()
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("said %d times:\n%s", n, log.String())
	}
}

func TestPostKeepsOrderAndCountsWhatItDrops(t *testing.T) {
	url, stop := serve(t, "127.0.0.1:0", nil)
	stop()
	c := open(t, Options{Broker: url, Queue: 10})
	for i := range 25 {
		c.Post(Message{Topic: "kinglet/p", Payload: fmt.Appendf(nil, "%d", i)})
	}
	if d := c.Dropped(); d < 14 || d > 15 { // one may be on its way
		t.Errorf("dropped %d of 25 with room for 10", d)
	}
	_, _ = serve(t, strings.TrimPrefix(url, "mqtt://"), nil)
	watcher := open(t, Options{Broker: url})
	ctx := within(t, 30*time.Second)
	if err := watcher.WaitConnected(ctx); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		c.Post(Message{Topic: "kinglet/last", Payload: fmt.Appendf(nil, "%d", i), Retained: true})
	}
	for {
		b, err := watcher.Retained(ctx, "kinglet/last", 10, time.Second)
		if err == nil && string(b) == "4" {
			break
		}
		if ctx.Err() != nil {
			t.Fatalf("%q, %v", b, err)
		}
	}
}

func TestWillAndBirth(t *testing.T) {
	url, _ := serve(t, "127.0.0.1:0", nil)
	ctx := within(t, 30*time.Second)
	watcher := open(t, Options{Broker: url})
	ch, err := watcher.Watch(ctx, "kinglet/d/x/status", 100)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Broker: url, Will: &Message{Topic: "kinglet/d/x/status", Payload: []byte("offline"), Retained: true},
		Birth: &Message{Topic: "kinglet/d/x/status", Payload: []byte("online"), Retained: true}}
	c := open(t, o)
	if p := next(t, ch); string(p.Bytes) != "online" {
		t.Errorf("got %q", p.Bytes)
	}
	c.paho.Disconnect(0) // says goodbye, so no will
	o.ClientID = "kinglet-cut"
	o.Birth = nil
	cut := open(t, o)
	if err := cut.WaitConnected(ctx); err != nil {
		t.Fatal(err)
	}
	cut.conn().Close()
	if p := next(t, ch); string(p.Bytes) != "offline" {
		t.Errorf("got %q", p.Bytes)
	}
}

// deny is a broker that allows nothing to be read.
type deny struct{ auth.AllowHook }

func (deny) OnACLCheck(_ *broker.Client, _ string, write bool) bool { return write }

func TestBrokerThatDoesNotAllowIt(t *testing.T) {
	url, _ := serve(t, "127.0.0.1:0", &deny{})
	c := open(t, Options{Broker: url})
	if _, err := c.Retained(within(t, 10*time.Second), "kinglet/a", 10, 100*time.Millisecond); err == nil || errors.Is(err, ota.ErrAbsent) {
		t.Errorf("got %v", err)
	}
}

// hostile answers as a broker would, and then sends what it likes.
func hostile(t *testing.T, send func(w io.Writer)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				for {
					kind, err := r.ReadByte()
					if err != nil {
						return
					}
					size, err := binary.ReadUvarint(r)
					if err != nil {
						return
					}
					body := make([]byte, size)
					if _, err := io.ReadFull(r, body); err != nil {
						return
					}
					switch kind >> 4 {
					case 1: // CONNECT
						conn.Write([]byte{0x20, 2, 0, 0})
					case 8: // SUBSCRIBE
						conn.Write([]byte{0x90, 3, body[0], body[1], 0})
						send(conn)
					case 10: // UNSUBSCRIBE
						conn.Write([]byte{0xb0, 2, body[0], body[1]})
					}
				}
			}()
		}
	}()
	return "mqtt://" + l.Addr().String()
}

// packet is a PUBLISH of QoS 0.
func packet(topic string, size int) []byte {
	body := binary.BigEndian.AppendUint16(nil, uint16(len(topic)))
	body = append(body, topic...)
	out := binary.AppendUvarint([]byte{0x30}, uint64(len(body)+size))
	return append(append(out, body...), make([]byte, size)...)
}

func TestHostileBroker(t *testing.T) {
	t.Run("a message of 40 MiB is dropped and the next one taken", func(t *testing.T) {
		url := hostile(t, func(w io.Writer) {
			w.Write(packet("kinglet/other", 40<<20))
			w.Write(packet("kinglet/a", 5))
		})
		c := open(t, Options{Broker: url})
		b, err := c.Retained(within(t, 20*time.Second), "kinglet/a", 10, 10*time.Second)
		if err != nil || len(b) != 5 {
			t.Errorf("%d bytes, %v", len(b), err)
		}
	})
	t.Run("the message asked for is too large", func(t *testing.T) {
		url := hostile(t, func(w io.Writer) { w.Write(packet("kinglet/a", 1<<20)) })
		c := open(t, Options{Broker: url})
		if _, err := c.Retained(within(t, 20*time.Second), "kinglet/a", 10, 10*time.Second); !errors.Is(err, ota.ErrTooLarge) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("messages nobody asked for", func(t *testing.T) {
		url := hostile(t, func(w io.Writer) {
			for i := range 1000 {
				w.Write(packet(fmt.Sprint("flood/", i), 1000))
			}
			w.Write(packet("kinglet/a", 5))
		})
		c := open(t, Options{Broker: url})
		if b, err := c.Retained(within(t, 20*time.Second), "kinglet/a", 10, 10*time.Second); err != nil || len(b) != 5 {
			t.Errorf("%d bytes, %v", len(b), err)
		}
	})
	t.Run("no packets at all", func(t *testing.T) {
		url := hostile(t, func(w io.Writer) { w.Write(bytes.Repeat([]byte{0xff}, 100)) })
		c := open(t, Options{Broker: url})
		if _, err := c.Retained(within(t, 20*time.Second), "kinglet/a", 10, 100*time.Millisecond); err == nil {
			t.Error("no error")
		}
	})
}

func TestBrokerURL(t *testing.T) {
	for in, want := range map[string]string{
		"mqtt://h": "tcp://h:1883", "tcp://h:1": "tcp://h:1", "mqtts://h": "ssl://h:8883", "tls://[::1]:5": "ssl://[::1]:5",
		"http://h": "", "h:1883": "", "": "", "mqtt://": "", "mqtt://%zz": "",
	} {
		u, err := parseBroker(in)
		if got := ""; err == nil {
			if got = u.String(); got != want {
				t.Errorf("%s: got %s, want %s", in, got, want)
			}
		} else if want != "" {
			t.Errorf("%s: %v", in, err)
		}
	}
	if _, err := parseBroker("http://user:secret@h"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}
