package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kinglet/agent/internal/daemon"
	"kinglet/agent/internal/trial"
	"kinglet/ota/mqtt"
	"kinglet/ota/publish"
	"kinglet/runtime/infer"
)

// patience bounds how long a test waits for what must come; it is no measure of speed.
const patience = 60 * time.Second

// program builds the binary once, with the operator FaultTest.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "kinglet-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "kinglet")
	if out, err := exec.Command("go", "build", "-tags", "faulttest", "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := program(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// kinglet runs a command of the binary to its end.
func kinglet(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, path, args...)
	var o, e bytes.Buffer
	c.Stdout, c.Stderr = &o, &e
	err = c.Run()
	if c.ProcessState == nil {
		t.Fatal(err)
	}
	return o.String(), e.String(), c.ProcessState.ExitCode()
}

// must is kinglet for a command that has to succeed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, status := kinglet(t, args...)
	if status != 0 {
		t.Fatalf("kinglet %s: exit status %d\n%s", strings.Join(args, " "), status, errs)
	}
	return out
}

// mosquitto starts a broker on a free port and returns its URL.
func mosquitto(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("mosquitto")
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/mosquitto"); err != nil {
			t.Skip("mosquitto is not installed")
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().(*net.TCPAddr)
	l.Close()
	file := filepath.Join(t.TempDir(), "mosquitto.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, "listener %d 127.0.0.1\nallow_anonymous true\npersistence false\n", addr.Port), 0o644); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(path, "-c", file)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	waitFor(t, "mosquitto to listen", func() bool {
		conn, err := net.Dial("tcp", addr.String())
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return "mqtt://" + addr.String()
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatalf("waited %v for %s", patience, what)
}

// device is a directory with a configured daemon that can be started, killed and asked.
type device struct {
	t      *testing.T
	dir    string
	config string
	socket string
	cmd    *exec.Cmd
	log    *bytes.Buffer
	ended  chan struct{}
}

// publisher makes a repository and returns its directory and root document.
func publisher(t *testing.T) (dir, root string) {
	t.Helper()
	base := t.TempDir()
	dir, root = filepath.Join(base, "keys"), filepath.Join(base, "root.json")
	must(t, "keys", "init", "--dir", dir, "--root", root)
	return dir, root
}

func newDevice(t *testing.T, broker, root string) *device {
	t.Helper()
	dir, err := os.MkdirTemp("", "kd") // short: a socket's path has 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	d := &device{t: t, dir: dir, config: filepath.Join(dir, "agent.yaml"), socket: filepath.Join(dir, "s")}
	yaml := fmt.Sprintf(`
device: {id: pump-1, state: %q, socket: %q}
mqtt: {broker: %q}
sources:
  motor: {driver: sim-motor, rate: 3200Hz, pace: 10, state: normal, seed: 3}
models:
  motor:
    file: builtin:motor
    probation: {time: 300ms, runs: 20}
    rules: {min_runs: 10, event_rate: 0.3, max_boots: 2}
pipelines:
  vibration: {source: motor, model: motor, hop: 512, event: {on: 0.8, off: 0.4, hold: 3, quiet: [off, normal]}}
updates: {root: %q, healthy: 30s, trial: 3s}
`, filepath.Join(dir, "state"), d.socket, broker, root)
	if err := os.WriteFile(d.config, []byte(yaml), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.kill)
	return d
}

// start runs the daemon without waiting for it.
func (d *device) start() {
	d.t.Helper()
	path, err := program()
	if err != nil {
		d.t.Fatal(err)
	}
	d.cmd = exec.Command(path, "run", "--config", d.config, "--log", "debug")
	d.log = new(bytes.Buffer)
	d.cmd.Stderr = d.log
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	ended := make(chan struct{})
	d.ended = ended
	cmd := d.cmd
	go func() { _ = cmd.Wait(); close(ended) }()
}

// running tells whether the process lives.
func (d *device) running() bool {
	select {
	case <-d.ended:
		return false
	default:
		return true
	}
}

func (d *device) signal(s syscall.Signal) {
	if d.cmd == nil || !d.running() {
		return
	}
	_ = d.cmd.Process.Signal(s)
	<-d.ended
}

func (d *device) kill() { d.signal(syscall.SIGKILL) }

// status asks the daemon, or returns false when it does not answer.
func (d *device) status() (s daemon.Status, ok bool) {
	out, _, code := kinglet(d.t, "status", "--socket", d.socket, "-o", "json")
	return s, code == 0 && json.Unmarshal([]byte(out), &s) == nil && len(s.Models) == 1
}

// until waits for a state of the only model.
func (d *device) until(what string, is func(m daemon.ModelStatus) bool) daemon.ModelStatus {
	d.t.Helper()
	var m daemon.ModelStatus
	var said bool
	defer func() {
		if d.t.Failed() && !said {
			said = true
			d.t.Logf("last status %+v; the daemon's log:\n%s", m, d.log)
		}
	}()
	waitFor(d.t, what, func() bool {
		s, ok := d.status()
		if ok {
			m = s.Models[0]
		}
		return ok && is(m)
	})
	return m
}

// push publishes a file as a version of the model.
func push(t *testing.T, broker, keys, file string, version int) {
	t.Helper()
	must(t, "push", "motor", file, "--version", fmt.Sprint(version), "--broker", broker, "--dir", keys)
}

// pushFault publishes a model that harms whoever runs it. The push command cannot: it
// would have to answer for the model itself. The answers are those of the model inside.
func pushFault(t *testing.T, broker, keys, kind string, version int) {
	t.Helper()
	model, err := os.ReadFile(faults + kind + ".tflite")
	if err != nil {
		t.Fatal(err)
	}
	inside, err := os.ReadFile(motorV2)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := trial.Answers(inside, nil, 1, infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := mqtt.Open(mqtt.Options{Broker: broker})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	repo, err := publish.Open(keys, publish.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	if _, err := repo.Push(t.Context(), publish.Push{
		Model: "motor", Version: int64(version), Bytes: model, Answers: answers, MemoryBytes: 200 << 20,
	}, client); err != nil {
		t.Fatal(err)
	}
}

const (
	motorV2 = "../models/builtin/motor_v2.tflite"
	faults  = "testdata/faults/"
)
