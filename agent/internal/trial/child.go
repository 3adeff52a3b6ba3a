package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	goruntime "runtime"
	"strings"
	"syscall"
	"time"

	"kinglet/ota"
)

// Child tries candidates in a child process: whatever a model does to the process that
// runs it is only a failed trial. It implements ota.Trial.
type Child struct {
	// Command runs Serve with the process's standard streams: a program and its arguments.
	Command []string
}

// watchEvery is how often the child's resident size is looked at.
const watchEvery = 10 * time.Millisecond

// Try starts the child and tells what became of it.
func (t *Child) Try(ctx context.Context, c ota.Candidate) error {
	// The kernel kills the child when the thread that started it ends.
	goruntime.LockOSThread()
	defer goruntime.UnlockOSThread()

	var stdout, stderr tail
	cmd := exec.CommandContext(ctx, t.Command[0], t.Command[1:]...)
	cmd.Stdin = newRequest(c)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start trial: %w", err)
	}
	done := make(chan struct{})
	over := make(chan int64, 1)
	go watch(cmd.Process, c.Spec.MemoryBytes, done, over)
	err := cmd.Wait()
	close(done)

	select {
	case rss := <-over:
		return ota.Refuse(ota.CodeTrialMemory, "took %d bytes of memory, its budget is %d", rss, c.Spec.MemoryBytes)
	default:
	}
	if ctx.Err() != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return ota.Refuse(ota.CodeTrialTime, "the trial did not end in its time")
		}
		return ctx.Err()
	}
	if err != nil {
		said := stderr.String()
		if strings.Contains(said, "out of memory") || strings.Contains(said, "cannot allocate memory") {
			return ota.Refuse(ota.CodeTrialMemory, "ran out of memory, its budget is %d bytes", c.Spec.MemoryBytes)
		}
		return ota.Refuse(ota.CodeTrialCrash, "the process that ran it died (%v): %s", err, firstLine(said))
	}
	var v verdict
	if err := json.Unmarshal(stdout.buf.Bytes(), &v); err != nil {
		return ota.Refuse(ota.CodeTrialCrash, "the process that ran it gave no verdict: %w", err)
	}
	if v.Code != "" {
		return ota.Refuse(v.Code, "%s", v.Reason)
	}
	return nil
}

// watch kills p when its resident size passes budget bytes, and reports the size.
func watch(p *os.Process, budget int64, done <-chan struct{}, over chan<- int64) {
	if budget <= 0 {
		return
	}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			if rss, ok := resident(p.Pid); ok && rss > budget {
				over <- rss
				_ = p.Kill() // it may be gone already
				return
			}
		}
	}
}

// resident returns the resident size of a process, in bytes (proc(5), statm).
func resident(pid int) (int64, bool) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, false
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(b), &size, &pages); err != nil {
		return 0, false
	}
	return pages * int64(os.Getpagesize()), true
}

// tail keeps the first bytes that are written to it and drops the rest.
type tail struct{ buf bytes.Buffer }

// tailBytes bounds what is kept of a child's output.
const tailBytes = 16 << 10

func (t *tail) Write(p []byte) (int, error) {
	if room := tailBytes - t.buf.Len(); room > 0 {
		t.buf.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (t *tail) String() string { return t.buf.String() }

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	if len(line) > 200 {
		line = line[:200]
	}
	return line
}
