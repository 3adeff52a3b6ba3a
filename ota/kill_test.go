package ota_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"kinglet/ota"
	"kinglet/ota/mqtt"
	"kinglet/ota/publish"
)

// TestMain lets the test binary be the device that is killed.
func TestMain(m *testing.M) {
	if text := os.Getenv("KINGLET_OTA_CHILD"); text != "" {
		os.Exit(child(text))
	}
	os.Exit(m.Run())
}

// victim is what the child is told.
type victim struct {
	Dir, Broker string
	Root        []byte
	Point       string // SIGKILL itself there, "" for nowhere
	Count       int    // at the n-th time
	Alarm       bool   // report a model that raises alarms
}

// child runs a device until its update is through, or it is killed.
func child(text string) int {
	var v victim
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return 3
	}
	client, err := mqtt.Open(mqtt.Options{Broker: v.Broker, Backoff: 10 * time.Millisecond})
	if err != nil {
		return 3
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	events := make(chan ota.Event, 1000)
	o := deviceOptions(v.Dir, v.Root, client)
	o.OnEvent = func(e ota.Event) { events <- e }
	count := make(chan int, 1)
	count <- v.Count
	u, err := ota.Open(o.WithPoint(func(name string) {
		if name != v.Point {
			return
		}
		n := <-count - 1
		if n <= 0 {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		count <- n
	}))
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		return 4
	}
	if err := u.Boot(); err != nil {
		return 5
	}
	go u.Run(ctx)
	tick := time.NewTicker(2 * time.Millisecond)
	for {
		select {
		case e := <-events:
			switch e.Phase {
			case ota.PhaseConfirmed, ota.PhaseRolledBack, ota.PhaseRefused:
				return 0
			}
		case <-tick.C:
			h := ota.Health{Model: "motor", Version: 2, Runs: 5, Latency: time.Millisecond}
			if v.Alarm {
				h.Events = h.Runs
			}
			u.Report(h)
			// Before the child began, the update may have been over.
			if s := u.Status()[0]; s.Active.Version == 2 && s.Phase == ota.PhaseIdle && s.ProbationRuns == 0 {
				return 0
			}
		}
	}
}

func deviceOptions(dir string, root []byte, transport ota.Transport) ota.Options {
	return ota.Options{
		Dir: dir, Device: "bench", Root: root, Transport: transport, Trial: judge{}, Host: &host{},
		Factory:   []ota.Factory{{Name: "motor", Version: 1, Bytes: model(1)}},
		Rules:     ota.Rules{MinRuns: 10, EventRate: 0.2, MaxBoots: 1000, TrialStart: 1000},
		Probation: ota.Probation{Runs: 10},
		Timing: ota.Timing{Silence: 60 * time.Millisecond, Backoff: 5 * time.Millisecond, Attempts: 3,
			RetryAfter: 100 * time.Millisecond, RetryMax: time.Second},
	}
}

// scene is a broker with version 2 pushed, and a device's directory.
func scene(t *testing.T, answers string) victim {
	t.Helper()
	url := startBroker(t)
	repo, err := publish.Init(t.TempDir()+"/repo", publish.Options{Silence: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	_, err = repo.Push(context.Background(), publish.Push{Model: "motor", Version: 2, Bytes: model(2), Answers: []byte(answers)}, dial(t, url))
	if err != nil {
		t.Fatal(err)
	}
	return victim{Dir: t.TempDir(), Broker: url, Root: repo.Root()}
}

// run runs the child and tells whether SIGKILL ended it. A positive delay kills it from outside.
func (v victim) run(t *testing.T, delay time.Duration) bool {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "KINGLET_OTA_CHILD="+string(text))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	limit := 30 * time.Second
	if delay > 0 {
		limit = delay
	}
	timer := time.AfterFunc(limit, func() { cmd.Process.Kill() })
	err = cmd.Wait()
	inTime := timer.Stop()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	killed := ok && status.Signaled() && status.Signal() == syscall.SIGKILL
	if err != nil && !killed {
		t.Fatalf("child: %v: %s", err, stderr.Bytes())
	}
	if delay == 0 && !inTime {
		t.Fatal("the child did not come to an end")
	}
	return killed
}

// stands checks that the store opens and that the old or the new model runs, whole.
func (v victim) stands(t *testing.T) int64 {
	t.Helper()
	o := deviceOptions(v.Dir, v.Root, nil)
	u, err := ota.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	if _, err := os.Stat(v.Dir + "/models.db.corrupt"); err == nil {
		t.Fatal("models.db was taken for corrupt")
	}
	m, err := u.Active("motor")
	if err != nil {
		t.Fatal(err)
	}
	if m.Version != 1 && m.Version != 2 || !bytes.Equal(m.Bytes, model(uint64(m.Version))) {
		t.Fatalf("version %d is active, with %d bytes", m.Version, len(m.Bytes))
	}
	return m.Version
}

func TestKilledAtEachPoint(t *testing.T) {
	for _, tt := range []struct {
		point   string
		count   int
		answers string
		alarm   bool
		then    int64 // active right after the kill
		finally int64 // active after a run that is not killed
	}{
		{"check", 1, "right", false, 1, 2},
		{"trusted", 1, "right", false, 1, 2},
		{"index", 1, "right", false, 1, 2},
		{"chunk", 1, "right", false, 1, 2},
		{"chunk", 3, "right", false, 1, 2},
		{"fetched", 1, "right", false, 1, 2},
		{"checked", 1, "right", false, 1, 2},
		{"candidate", 1, "right", false, 1, 2},
		{"trial", 1, "right", false, 1, 2},
		{"promote", 1, "right", false, 1, 2},
		{"promoted", 1, "right", false, 2, 2},
		{"activated", 1, "right", false, 2, 2},
		{"confirmed", 1, "right", false, 2, 2},
		{"trial", 1, "wrong", false, 1, 1},
		{"refused", 1, "wrong", false, 1, 1},
		{"take-back", 1, "right", true, 2, 1},
		{"taken-back", 1, "right", true, 1, 1},
	} {
		t.Run(tt.point, func(t *testing.T) {
			v := scene(t, tt.answers)
			v.Point, v.Count, v.Alarm = tt.point, tt.count, tt.alarm
			if !v.run(t, 0) {
				t.Fatal("the child passed the point")
			}
			if got := v.stands(t); got != tt.then {
				t.Errorf("killed at %s: version %d is active, want %d", tt.point, got, tt.then)
			}
			v.Point = ""
			over := tt.then == tt.finally && tt.point != "promoted" && tt.point != "activated" && tt.answers == "right"
			if tt.point == "refused" {
				over = true
			}
			if over { // nothing is left to happen: a short run must change nothing
				v.run(t, 500*time.Millisecond)
			} else {
				v.run(t, 0)
			}
			if got := v.stands(t); got != tt.finally {
				t.Errorf("after another start version %d is active, want %d", got, tt.finally)
			}
		})
	}
}

func TestKilledAtRandomInstants(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 8
	}
	v := scene(t, "right")
	r := rand.New(rand.NewPCG(uint64(os.Getpid()), 0))
	for range rounds {
		v.run(t, time.Duration(5+r.IntN(300))*time.Millisecond)
		if v.stands(t) == 2 { // through: begin again with a fresh device
			v.Dir = t.TempDir()
		}
	}
	v.run(t, 0)
	if got := v.stands(t); got != 2 {
		t.Errorf("version %d is active at the end", got)
	}
}

// A trial that kills the device each time ends after some starts.
func TestTrialThatKillsTheDevice(t *testing.T) {
	v := scene(t, "right")
	v.Point, v.Count = "trial", 1
	for range 2 {
		if !v.run(t, 0) {
			t.Fatal("the child survived")
		}
	}
	events := make(chan ota.Event, 100)
	o := deviceOptions(v.Dir, v.Root, dial(t, v.Broker))
	o.Rules.TrialStart = 2
	o.OnEvent = func(e ota.Event) { events <- e }
	u, err := ota.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	done := make(chan struct{})
	go func() { defer close(done); u.Run(ctx) }()
	for {
		select {
		case e := <-events:
			if e.Phase != ota.PhaseRefused {
				continue
			}
			if e.Refusal.Code != ota.CodeTrialCrash {
				t.Errorf("got %v", e.Refusal)
			}
		case <-ctx.Done():
			t.Error("no refusal")
		}
		break
	}
	cancel()
	<-done
	u.Close()
}
