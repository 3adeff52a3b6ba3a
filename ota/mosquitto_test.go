package ota_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"kinglet/ota"
	"kinglet/ota/publish"
)

// mosquitto is a real broker as a process, with the message size of a small cloud broker.
type mosquitto struct {
	t      *testing.T
	binary string
	config string
	url    string
	cmd    *exec.Cmd
}

func startMosquitto(t *testing.T) *mosquitto {
	t.Helper()
	binary, err := exec.LookPath("mosquitto")
	if err != nil {
		if binary, err = exec.LookPath("/usr/sbin/mosquitto"); err != nil {
			t.Skip("mosquitto is not installed: apt-get install mosquitto")
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	m := &mosquitto{t: t, binary: binary, config: filepath.Join(t.TempDir(), "mosquitto.conf"), url: fmt.Sprintf("mqtt://127.0.0.1:%d", port)}
	config := fmt.Sprintf("listener %d 127.0.0.1\nallow_anonymous true\npersistence false\nmessage_size_limit 131072\nmax_queued_messages 1000\n", port)
	if err := os.WriteFile(m.config, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	m.start()
	t.Cleanup(m.stop)
	return m
}

func (m *mosquitto) start() {
	m.t.Helper()
	m.cmd = exec.Command(m.binary, "-c", m.config)
	var out bytes.Buffer
	m.cmd.Stderr = &out
	if err := m.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	for range 500 {
		if c, err := net.Dial("tcp", m.url[len("mqtt://"):]); err == nil {
			c.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	m.t.Fatalf("mosquitto does not listen: %s", out.Bytes())
}

func (m *mosquitto) stop() {
	if m.cmd != nil {
		m.cmd.Process.Kill()
		m.cmd.Wait()
		m.cmd = nil
	}
}

func TestMosquitto(t *testing.T) {
	m := startMosquitto(t)
	r := newRigAt(t, m.url)
	r.open()
	ctx := context.Background()
	// Noise does not compress: the chunks are as large as they get.
	noisy := func(p *publish.Push) { p.Bytes = noise(2 << 20) }
	r.push(2, "right", noisy)
	r.expect(ota.PhaseProbation, 2, "")
	r.live(2)
	r.push(3, "wrong", nil)
	r.expect(ota.PhaseRefused, 3, ota.CodeTrialAnswers)

	// The broker dies and forgets everything.
	m.stop()
	r.quiet(300 * time.Millisecond)
	m.start()
	if err := r.repo.Republish(ctx, r.send); err != nil {
		t.Fatal(err)
	}
	r.quiet(500 * time.Millisecond) // version 3 stays refused
	r.push(4, "right", nil)
	r.expect(ota.PhaseProbation, 4, "")
	r.u.Report(ota.Health{Model: "motor", Version: 4, Runs: 12, Events: 11})
	r.expect(ota.PhaseRolledBack, 4, ota.CodeHealthEventRate)
	if got, err := r.u.Active("motor"); err != nil || got.Version != 2 || !bytes.Equal(got.Bytes, noise(2<<20)) {
		t.Errorf("version %d, %v", got.Version, err)
	}
	// The status comes back although the broker had lost it.
	for range 100 {
		b, err := r.send.Retained(ctx, ota.ModelTopic("bench", "motor"), 1<<16, time.Second)
		if s, perr := ota.ParseStatus(b); err == nil && perr == nil && s.Phase == ota.PhaseRolledBack && s.Code == ota.CodeHealthEventRate {
			return
		}
	}
	t.Error("the status was not published")
}

func TestKilledWithMosquitto(t *testing.T) {
	m := startMosquitto(t)
	repo, err := publish.Init(t.TempDir()+"/repo", publish.Options{Silence: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	_, err = repo.Push(context.Background(), publish.Push{Model: "motor", Version: 2, Bytes: model(2), Answers: []byte("right")}, dial(t, m.url))
	if err != nil {
		t.Fatal(err)
	}
	v := victim{Dir: t.TempDir(), Broker: m.url, Root: repo.Root()}
	for _, point := range []string{"trusted", "chunk", "fetched", "candidate", "trial", "promote", "promoted", "confirmed"} {
		v.Point, v.Count = point, 1
		if !v.run(t, 0) {
			t.Fatalf("the child passed %s", point)
		}
		want := int64(1)
		if point == "promoted" || point == "confirmed" {
			want = 2
		}
		if got := v.stands(t); got != want {
			t.Errorf("killed at %s: version %d is active, want %d", point, got, want)
		}
	}
}
