package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// command is a check that a program makes. Exit status 77 says that it cannot run here.
func command(name string, args ...string) func(*report) error {
	return func(r *report) error {
		c := r.command(nil, name, args...)
		c.Stdout = os.Stdout
		var stderr bytes.Buffer
		c.Stderr = &stderr
		err := c.Run()
		said := strings.TrimSpace(stderr.String())
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == 77 {
			return fmt.Errorf("%s: %w", said[strings.LastIndexByte(said, '\n')+1:], errSkip)
		}
		if said != "" {
			fmt.Println(said)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", strings.Join(append([]string{name}, args...), " "), err)
		}
		return nil
	}
}

// gofmt lists the files that gofmt would change.
func gofmt(r *report) error {
	goroot, err := r.command(nil, "go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env GOROOT: %w", err)
	}
	out, err := r.command(nil, filepath.Join(strings.TrimSpace(string(goroot)), "bin", "gofmt"), "-l", ".").CombinedOutput()
	if err != nil || len(out) > 0 {
		return fmt.Errorf("gofmt would change:\n%s", out)
	}
	return nil
}

// vet runs go vet for every architecture, with and without assembly, and for the test build
// whose models may fail on purpose, since it sees only one at a time.
func vet(r *report) error {
	var failed []string
	for _, arch := range []string{"GOARCH=amd64", "GOARCH=arm64", "GOARCH=arm GOARM=7", "GOARCH=arm GOARM=6"} {
		for _, tags := range []string{"", "purego", "faulttest"} {
			c := r.command(append(strings.Fields(arch), "CGO_ENABLED=0"), "go", "vet", "-tags="+tags, "./...")
			if out, err := c.CombinedOutput(); err != nil {
				fmt.Printf("%s -tags=%s\n%s", arch, tags, out)
				failed = append(failed, arch+" "+tags)
			}
		}
	}
	if failed != nil {
		return fmt.Errorf("go vet: %s", strings.Join(failed, ", "))
	}
	return nil
}

// cleanTree lists what is not committed.
func cleanTree(r *report) error {
	out, err := r.command(nil, "git", "status", "--porcelain").CombinedOutput()
	if err != nil || len(out) > 0 {
		return fmt.Errorf("not committed:\n%s", out)
	}
	return nil
}

// smoke runs the whole binary as on the first Raspberry Pi: every model of testdata must
// give LiteRT's answers.
func smoke(r *report) error {
	env := []string{"GOARCH=arm", "GOARM=6", "CGO_ENABLED=0"}
	qemu, err := emulator(env)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "kinglet-smoke-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	kinglet := filepath.Join(dir, "kinglet")
	if out, err := r.command(env, "go", "build", "-trimpath", "-o", kinglet, "./agent").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	c := r.command(nil, qemu, "-cpu", "arm1176", kinglet, "model", "verify", "testdata", "-o", "json")
	c.Stderr = os.Stdout
	out, err := c.Output()
	if err != nil {
		return fmt.Errorf("kinglet model verify testdata: %w\n%s", err, out)
	}
	var v struct{ Files, Exact, Close, Failed, Unsupported, Refused int }
	if err := json.Unmarshal(out, &v); err != nil {
		return fmt.Errorf("kinglet model verify: %w", err)
	}
	fmt.Printf("models of testdata: %d exact, %d close, %d others\n", v.Exact, v.Close, v.Files-v.Exact-v.Close)
	r.passed, r.failed, r.skipped = v.Exact+v.Close, v.Failed, v.Unsupported+v.Refused
	if v.Exact == 0 || v.Failed > 0 {
		return fmt.Errorf("kinglet model verify: %d exact, %d failed", v.Exact, v.Failed)
	}
	return nil
}
