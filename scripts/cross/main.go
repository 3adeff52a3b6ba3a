// Command cross builds kinglet for every board that it serves and prints each binary's
// size. It fails when one is not static or over the limit.
package main

import (
	"debug/elf"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// limit is the largest binary that may be shipped, in bytes.
const limit = 24_000_000

// targets lists the boards: arm6 for the first Raspberry Pi and the Zero, arm7 for the Pi 2
// and 32-bit systems after it, arm64 for the Pi 3 to 5 and Jetson, amd64 for a laptop.
var targets = []struct{ name, arch, arm string }{
	{"linux-arm64", "arm64", ""},
	{"linux-armv7", "arm", "7"},
	{"linux-armv6", "arm", "6"},
	{"linux-amd64", "amd64", ""},
}

func main() {
	out := flag.String("o", "dist", "folder for the binaries")
	ldflags := flag.String("ldflags", "-s -w", "flags for the linker")
	flag.Parse()

	failed := 0
	for _, t := range targets {
		file := filepath.Join(*out, "kinglet-"+t.name)
		size, err := build(file, t.arch, t.arm, *ldflags)
		if err == nil {
			err = static(file)
		}
		if err == nil && size > limit {
			err = fmt.Errorf("over the limit of %.0f MB", limit/1e6)
		}
		if err != nil {
			failed++
			fmt.Printf("%-24s %5.1f MB  FAILED: %v\n", file, float64(size)/1e6, err)
			continue
		}
		fmt.Printf("%-24s %5.1f MB of %.0f MB, static\n", file, float64(size)/1e6, limit/1e6)
	}
	if failed > 0 {
		fmt.Fprintf(os.Stderr, "cross: %d of %d targets failed\n", failed, len(targets))
		os.Exit(1)
	}
}

// build makes one binary and returns its size in bytes.
func build(file, arch, arm, ldflags string) (int64, error) {
	gocmd := os.Getenv("GO")
	if gocmd == "" {
		gocmd = "go"
	}
	c := exec.Command(gocmd, "build", "-trimpath", "-ldflags", ldflags, "-o", file, "./agent")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOARM="+arm)
	c.Stderr = os.Stderr
	if err := c.Run(); err != nil {
		return 0, fmt.Errorf("go build: %w", err)
	}
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// static says whether a binary runs without a dynamic linker and without libraries.
func static(file string) error {
	f, err := elf.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return fmt.Errorf("not static: it asks for a dynamic linker")
		}
	}
	libraries, err := f.ImportedLibraries()
	if err != nil {
		return err
	}
	if len(libraries) > 0 {
		return fmt.Errorf("not static: it needs %v", libraries)
	}
	return nil
}
