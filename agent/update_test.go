package main

import (
	"encoding/json"
	"math/rand/v2"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"kinglet/agent/internal/daemon"
	"kinglet/ota"
)

func TestUpdateIsTakenAndRolledBackByCommand(t *testing.T) {
	broker := mosquitto(t)
	keys, root := publisher(t)
	d := newDevice(t, broker, root)
	d.start()
	d.until("the factory model", func(m daemon.ModelStatus) bool { return m.Active == 1 })
	push(t, broker, keys, motorV2, 2)
	d.until("version 2 to be confirmed", func(m daemon.ModelStatus) bool {
		return m.Active == 2 && m.Phase == ota.PhaseConfirmed
	})
	push(t, broker, keys, motorV2, 2) // once more sends all of it again, and changes nothing
	if _, errs, status := kinglet(t, "push", "motor", "../models/builtin/motor_v1.tflite", "--version", "2", "--broker", broker, "--dir", keys); status != exitFailed || !strings.Contains(errs, "must increase") {
		t.Errorf("another model as the same version: exit status %d, %s", status, errs)
	}
	must(t, "rollback", "motor", "--socket", d.socket)
	d.until("version 1 again", func(m daemon.ModelStatus) bool {
		return m.Active == 1 && m.Phase == ota.PhaseRolledBack && m.Code == ota.CodeByCommand
	})
	d.signal(syscall.SIGTERM)
	if !strings.Contains(d.log.String(), "stopped") {
		t.Errorf("no clean stop:\n%s", d.log)
	}
	// The same metadata is on the broker still; what was taken back is not tried again.
	d.start()
	d.until("a second start", func(m daemon.ModelStatus) bool { return m.Active == 1 })
	waitFor(t, "the broker", func() bool { s, ok := d.status(); return ok && s.Connected })
	time.Sleep(2 * time.Second)
	if s, ok := d.status(); !ok || s.Models[0].Active != 1 {
		t.Errorf("after a restart: %+v", s)
	}
	var history []daemon.HistoryEntry
	if err := json.Unmarshal([]byte(must(t, "history", "motor", "--socket", d.socket, "-o", "json")), &history); err != nil {
		t.Fatal(err)
	}
	times := 0
	for _, e := range history {
		if e.Phase == ota.PhaseFetching {
			times++
		}
	}
	if times != 1 {
		t.Errorf("fetched %d times, want once: %+v", times, history)
	}
}

func TestStatusTellsOfMetadataThatIsNotTrusted(t *testing.T) {
	broker := mosquitto(t)
	_, root := publisher(t)
	strangers, _ := publisher(t)
	d := newDevice(t, broker, root)
	d.start()
	push(t, broker, strangers, motorV2, 2)
	waitFor(t, "the stranger to be named", func() bool {
		s, ok := d.status()
		return ok && s.Untrusted != nil && s.Untrusted.Code == ota.CodeUnknownKey && s.Models[0].Active == 1
	})
	if out := must(t, "status", "--socket", d.socket); !strings.Contains(out, "unknown-key") {
		t.Errorf("status says\n%s", out)
	}
}

func TestBadCandidatesFailTheirTrial(t *testing.T) {
	broker := mosquitto(t)
	keys, root := publisher(t)
	d := newDevice(t, broker, root)
	d.start()
	d.until("the factory model", func(m daemon.ModelStatus) bool { return m.Active == 1 })
	for i, c := range []struct {
		kind string
		code ota.Code
	}{
		{"panic", ota.CodeTrialCrash},
		{"hang", ota.CodeTrialTime},
		{"hog", ota.CodeTrialMemory},
	} {
		pushFault(t, broker, keys, c.kind, i+2)
		m := d.until(c.kind+" to be refused", func(m daemon.ModelStatus) bool {
			return m.About == int64(i+2) && m.Phase == ota.PhaseRefused
		})
		if m.Code != c.code || m.Active != 1 {
			t.Errorf("%s: code %s, active %d; want %s and 1 (%s)", c.kind, m.Code, m.Active, c.code, m.Reason)
		}
	}
	if !d.running() {
		t.Error("the daemon has died")
	}
}

func TestCrashLoopGoesBack(t *testing.T) {
	broker := mosquitto(t)
	keys, root := publisher(t)
	d := newDevice(t, broker, root)
	d.start()
	d.until("the factory model", func(m daemon.ModelStatus) bool { return m.Active == 1 })
	pushFault(t, broker, keys, "late-panic", 2)
	starts := 1
	var last daemon.ModelStatus
	waitFor(t, "the crashes to end", func() bool {
		if !d.running() {
			if starts++; starts > 10 {
				t.Fatalf("it crashes on; log:\n%s", d.log)
			}
			d.start() // as systemd would
		}
		s, ok := d.status()
		if ok {
			last = s.Models[0]
		}
		return ok && last.Active == 1 && last.Phase == ota.PhaseRolledBack
	})
	if last.Code != ota.CodeCrashLoop {
		t.Errorf("code %s, want %s", last.Code, ota.CodeCrashLoop)
	}
	if starts < 3 {
		t.Errorf("%d starts, want some crashes", starts)
	}
	waitFor(t, "inferences", func() bool { s, ok := d.status(); return ok && s.Pipelines[0].Inferences > 20 })
}

// TestKilledAtAnyInstant kills the daemon while it takes an update, again and again: each
// time the old model or the new one runs, and in the end the new one.
func TestKilledAtAnyInstant(t *testing.T) {
	broker := mosquitto(t)
	keys, root := publisher(t)
	d := newDevice(t, broker, root)
	push(t, broker, keys, motorV2, 2)
	r := rand.New(rand.NewPCG(11, 12))
	for i := range 15 {
		d.start()
		time.Sleep(time.Duration(r.IntN(900)) * time.Millisecond)
		if !d.running() {
			t.Fatalf("start %d: it ended by itself:\n%s", i, d.log)
		}
		if s, ok := d.status(); ok && s.Models[0].Active != 1 && s.Models[0].Active != 2 {
			t.Fatalf("start %d: version %d runs", i, s.Models[0].Active)
		}
		d.kill()
	}
	d.start()
	d.until("version 2, or that it was taken back", func(m daemon.ModelStatus) bool {
		return m.Active == 2 && m.Phase == ota.PhaseConfirmed || m.Active == 1 && m.Code == ota.CodeCrashLoop
	})
}

func TestDaemonWithoutBrokerGoesOn(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // a port that refuses
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, root := publisher(t)
	d := newDevice(t, "mqtt://"+addr, root)
	d.start()
	waitFor(t, "inferences", func() bool { s, ok := d.status(); return ok && s.Pipelines[0].Inferences > 20 })
	if s, _ := d.status(); s.Connected {
		t.Error("it says that it is connected")
	}
	t.Run("a second daemon on the same store says so", func(t *testing.T) {
		_, errs, status := kinglet(t, "run", "--config", d.config)
		if status != exitFailed || !strings.Contains(errs, "process") {
			t.Errorf("exit status %d, %s", status, errs)
		}
	})
	d.signal(syscall.SIGTERM)
	if code := d.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit status %d after SIGTERM:\n%s", code, d.log)
	}
}
