package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// report gathers what go test says in one stage. Only the innermost subtests are counted.
type report struct {
	ctx                     context.Context
	passed, failed, skipped int
	failures                []string          // package and test
	skips                   map[string]string // reason to the tests that gave it
	order                   []string          // the reasons as they came
	running                 map[string]*pkg
}

// pkg is what is known of a package while its tests run.
type pkg struct {
	output map[string]*bytes.Buffer // by test; "" is the package's own
	order  []string
	parent map[string]bool // tests that have subtests
	tests  int
	failed bool
}

// event is a line of `go test -json`; see `go doc test2json`.
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
}

// start runs a program in a process group of its own, which ends with the suite.
func (r *report) command(env []string, name string, args ...string) *exec.Cmd {
	if name == "go" && os.Getenv("GO") != "" {
		name = os.Getenv("GO")
	}
	c := exec.CommandContext(r.ctx, name, args...)
	c.Env = append(os.Environ(), env...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGTERM) }
	c.WaitDelay = 10 * time.Second
	return c
}

// goTest runs go test and counts. Its error says that something failed.
func (r *report) goTest(args, env []string) error {
	fmt.Printf("   %s\n", strings.Join(append(append([]string{}, env...), append([]string{"go"}, args...)...), " "))
	c := r.command(env, "go", args...)
	c.Stderr = os.Stdout
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	r.skips, r.running = map[string]string{}, map[string]*pkg{}
	readErr := r.read(out)
	err = c.Wait()
	switch {
	case readErr != nil:
		return readErr
	case err != nil:
		return fmt.Errorf("go test: %w", err)
	case r.passed == 0:
		return fmt.Errorf("no test ran")
	}
	return nil
}

// read follows the events to their end.
func (r *report) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) == nil {
				r.take(e)
			} else {
				fmt.Printf("%s", line)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// take counts one event.
func (r *report) take(e event) {
	if e.Package == "" {
		if e.Action == "build-output" {
			fmt.Print(e.Output)
		}
		return
	}
	p := r.running[e.Package]
	if p == nil {
		p = &pkg{output: map[string]*bytes.Buffer{}, parent: map[string]bool{}}
		r.running[e.Package] = p
	}
	switch {
	case e.Action == "run":
		for i, c := range e.Test { // a subtest's own name may hold slashes
			if c == '/' {
				p.parent[e.Test[:i]] = true
			}
		}
	case e.Action == "output":
		if p.output[e.Test] == nil {
			p.output[e.Test] = &bytes.Buffer{}
			p.order = append(p.order, e.Test)
		}
		if b := p.output[e.Test]; b.Len() < 1<<20 {
			b.WriteString(e.Output)
		}
	case e.Test == "":
		r.end(e, p)
	case e.Action == "pass" || e.Action == "skip" || e.Action == "fail":
		r.test(e, p)
	}
}

// test counts a test that has ended.
func (r *report) test(e event, p *pkg) {
	leaf := !p.parent[e.Test]
	switch e.Action {
	case "pass":
		if leaf {
			r.passed++
			p.tests++
		}
		delete(p.output, e.Test)
	case "skip":
		r.skipped++
		r.skip(reason(p.output[e.Test]), e.Package+" "+e.Test)
		delete(p.output, e.Test)
	case "fail":
		p.failed = true
		if leaf {
			r.failed++
			r.failures = append(r.failures, e.Package+" "+e.Test)
		}
	}
}

// skip notes a reason and the test that gave it.
func (r *report) skip(reason, test string) {
	switch tests := r.skips[reason]; {
	case tests == "":
		r.order = append(r.order, reason)
		r.skips[reason] = test
	case strings.HasSuffix(tests, "..."):
	case strings.Count(tests, ",") == 2:
		r.skips[reason] = tests + ", ..."
	default:
		r.skips[reason] = tests + ", " + test
	}
}

// reason is what a skipped test said, without its file and line.
func reason(out *bytes.Buffer) string {
	if out == nil {
		return "no reason given"
	}
	for line := range strings.SplitSeq(out.String(), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "===") || strings.HasPrefix(line, "---") {
			continue
		}
		if _, text, found := strings.Cut(line, ".go:"); found {
			if _, text, found = strings.Cut(text, ": "); found {
				line = text
			}
		}
		return line
	}
	return "no reason given"
}

// end prints a package's line, and all that its failed tests said.
func (r *report) end(e event, p *pkg) {
	delete(r.running, e.Package)
	switch e.Action {
	case "pass":
		fmt.Printf("ok    %-44s %6d tests %8.1fs\n", e.Package, p.tests, e.Elapsed)
	case "fail":
		for _, t := range p.order {
			if b := p.output[t]; b != nil {
				fmt.Print(b.String())
			}
		}
		if !p.failed { // it did not build, or ended otherwise than by a test
			r.failed++
			r.failures = append(r.failures, e.Package)
		}
		fmt.Printf("FAIL  %-44s %6d tests %8.1fs\n", e.Package, p.tests, e.Elapsed)
	}
}
