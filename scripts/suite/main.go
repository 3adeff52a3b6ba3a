// Command suite runs the project's tests in the ways that a set names, from the root of the
// project, and sums them up: what failed, what was skipped and why, how long it took.
//
//	go run ./scripts/suite test|long|check|qemu|purego|race
//
// With CI=true a stage that cannot run is a failure; elsewhere it is skipped, aloud.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// errSkip marks a stage that this machine cannot run.
var errSkip = errors.New("skipped")

// outcome is how a stage ended.
type outcome struct {
	name   string
	err    error
	report report
	took   time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) != 2 || !slices.ContainsFunc(stages, func(s stage) bool { return s.in(os.Args[1]) }) {
		fmt.Fprintln(os.Stderr, "usage: go run ./scripts/suite test|long|check|qemu|purego|race")
		os.Exit(2)
	}
	var done []outcome
	start := time.Now()
	for _, s := range stages {
		if !s.in(os.Args[1]) || ctx.Err() != nil {
			continue
		}
		fmt.Printf("== %s\n", s.name)
		o := outcome{name: s.name}
		o.report.ctx = ctx
		began := time.Now()
		o.err = s.do(&o.report)
		o.took = time.Since(began)
		if errors.Is(o.err, errSkip) && os.Getenv("CI") == "true" {
			o.err = fmt.Errorf("CI must run it: %s", strings.TrimSuffix(o.err.Error(), ": "+errSkip.Error()))
		}
		if o.err != nil {
			fmt.Printf("== %s: %v\n", s.name, o.err)
		}
		done = append(done, o)
	}
	ok := summary(done, time.Since(start))
	if ctx.Err() != nil {
		fmt.Println("interrupted")
		ok = false
	}
	if !ok {
		os.Exit(1)
	}
}

func (s *stage) in(set string) bool { return slices.Contains(strings.Fields(s.sets), set) }

// do runs the stage.
func (s *stage) do(r *report) error {
	if s.needs != "" {
		if _, err := exec.LookPath(s.needs); err != nil {
			return fmt.Errorf("%s is not installed: %w", s.needs, errSkip)
		}
	}
	if s.run != nil {
		return s.run(r)
	}
	args := []string{"test", "-json", "-count=1", "-timeout=20m"}
	if s.cpu != "" {
		qemu, err := emulator(s.env)
		if err != nil {
			return err
		}
		args = append(args, "-exec", qemu+" -cpu "+s.cpu)
	}
	return r.goTest(append(args, strings.Fields(s.test)...), s.env)
}

// emulator finds QEMU's user mode for the architecture that env names.
func emulator(env []string) (string, error) {
	name := "qemu-arm"
	if slices.Contains(env, "GOARCH=arm64") {
		name = "qemu-aarch64"
	}
	for _, n := range []string{name + "-static", name} {
		if path, err := exec.LookPath(n); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s-static is not installed: %w", name, errSkip)
}

// summary prints a line a stage, the skipped tests by reason, and the counts. It reports
// whether everything passed.
func summary(done []outcome, took time.Duration) bool {
	fmt.Printf("\n%-24s %-8s %7s %7s %7s %8s\n", "stage", "result", "passed", "failed", "skipped", "time")
	var passed, failed, skipped int
	for _, o := range done {
		result := "ok"
		r := &o.report
		switch {
		case errors.Is(o.err, errSkip):
			result = "skipped"
			skipped++
		case o.err != nil:
			result = "FAILED"
			if r.failed == 0 {
				failed++
			}
		case r.passed == 0:
			passed++ // a check that counts no tests
		}
		passed, failed, skipped = passed+r.passed, failed+r.failed, skipped+r.skipped
		fmt.Printf("%-24s %-8s %7d %7d %7d %8s\n", o.name, result, r.passed, r.failed, r.skipped, o.took.Round(100*time.Millisecond))
	}
	fmt.Println()
	for _, o := range done {
		for _, reason := range o.report.order {
			fmt.Printf("skipped: %s: %s: %s\n", o.name, reason, o.report.skips[reason])
		}
		if errors.Is(o.err, errSkip) {
			fmt.Printf("skipped: %s: %s\n", o.name, strings.TrimSuffix(o.err.Error(), ": "+errSkip.Error()))
		}
	}
	for _, o := range done {
		if o.err != nil && !errors.Is(o.err, errSkip) {
			fmt.Printf("FAILED: %s: %v\n", o.name, o.err)
			for _, f := range o.report.failures {
				fmt.Printf("FAILED: %s: %s\n", o.name, f)
			}
		}
	}
	fmt.Printf("%d stages in %s\n%d passed, %d failed, %d skipped\n", len(done), took.Round(time.Second), passed, failed, skipped)
	return failed == 0
}
