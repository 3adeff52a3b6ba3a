package main

import (
	"io"
	"runtime"
	"slices"
	"testing"

	"kinglet/agent/internal/dsp"
	"kinglet/hal/sim"
)

// TestHeldOut checks that the held-out sets share no seed, speed or load with training.
func TestHeldOut(t *testing.T) {
	apart := func(what string, a, b []span) {
		for _, x := range a {
			for _, y := range b {
				if x.lo <= y.hi && y.lo <= x.hi {
					t.Errorf("%s: trained on %v, held out %v", what, x, y)
				}
			}
		}
	}
	seeds := func(p protocol) []span { return []span{{float64(p.seed), float64(p.seed) + float64(p.motors)}} }
	for _, trained := range protocols()[:2] {
		for _, held := range protocols()[2:] {
			apart("seed", seeds(trained), seeds(held))
			apart("rpm", trained.rpm, held.rpm)
			apart("load", trained.load, held.load)
		}
	}
}

// TestSet checks the order of a set and that the processors that make it do not matter.
func TestSet(t *testing.T) {
	p := protocols()[0]
	p.motors, p.windows = 3, 2
	a, err := p.make(dsp.Motor())
	if err != nil {
		t.Fatal(err)
	}
	want := []sim.State{sim.Off, sim.Off, sim.Normal, sim.Normal, sim.Imbalance, sim.Imbalance, sim.Bearing, sim.Bearing}
	if !slices.Equal(a.y[8:16], want) {
		t.Errorf("got states %v of a motor, want %v", a.y[8:16], want)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	b, err := p.make(dsp.Motor())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.x, b.x) {
		t.Error("the same protocol gave other features")
	}
}

func TestHeader(t *testing.T) {
	h := npyHeader("<f4", []int{8, 128, 1, 6})
	if len(h)%64 != 0 || h[len(h)-1] != '\n' {
		t.Errorf("got a head of %d bytes that ends in %q", len(h), h[len(h)-1])
	}
}

// TestAccuracy measures the embedded models on a few held-out windows.
func TestAccuracy(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates 80 motors")
	}
	if code := run([]string{"accuracy", "--windows", "40"}, io.Discard, io.Discard); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"sets"}, {"accuracy", "a", "b"}, {"accuracy", "--windows", "0"}} {
		if code := run(args, io.Discard, io.Discard); code != 2 {
			t.Errorf("%q: got exit code %d, want 2", args, code)
		}
	}
	if code := run([]string{"accuracy", "--windows", "1", "none.tflite"}, io.Discard, io.Discard); code != 1 {
		t.Errorf("a missing file: got exit code %d, want 1", code)
	}
}
