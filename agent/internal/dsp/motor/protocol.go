package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"

	"kinglet/agent/internal/dsp"
	"kinglet/hal"
	"kinglet/hal/sim"
)

// span is a range of nominal values.
type span struct{ lo, hi float64 }

// protocol says which motors a set of windows comes from. The sets for training and the
// held-out sets share no seed, no speed and no load: their spans do not touch.
type protocol struct {
	name    string
	seed    uint64 // of the first motor; each motor has the next one
	motors  int    // each gives windows in every state
	windows int    // a state of a motor
	rpm     []span
	load    []span
	snr     span // dB
}

// trained are the speeds and loads of the training sets, and held those between them.
func trainedSpeeds() []span { return comb(900, 1100) }
func heldSpeeds() []span    { return comb(1130, 1190) }

// comb repeats a span of speeds every 320 rpm, up to 3660 rpm.
func comb(lo, hi float64) []span {
	var spans []span
	for shift := 0.0; hi+shift <= 3660; shift += 320 {
		spans = append(spans, span{lo + shift, hi + shift})
	}
	return spans
}

func trainedLoads() []span { return []span{{0, 0.22}, {0.38, 0.62}, {0.78, 1}} }
func heldLoads() []span    { return []span{{0.25, 0.35}, {0.65, 0.75}} }

// heldOut is the protocol that the accuracy is measured with.
func heldOut(snr float64, windows int) protocol {
	return protocol{
		name: fmt.Sprintf("held%.0f", snr), seed: 30_000_000, motors: windows, windows: 1,
		rpm: heldSpeeds(), load: heldLoads(), snr: span{snr, snr},
	}
}

// protocols lists the sets that are written for training. The last two are for the
// report only.
func protocols() []protocol {
	return []protocol{
		{name: "train", seed: 1_000_000, motors: 12000, windows: 1, rpm: trainedSpeeds(), load: trainedLoads(), snr: span{3, 30}},
		{name: "valid", seed: 5_000_000, motors: 400, windows: 1, rpm: trainedSpeeds(), load: trainedLoads(), snr: span{5, 21}},
		heldOut(20, 500),
		heldOut(6, 500),
	}
}

func (s span) draw(r *rand.Rand) float64 { return s.lo + (s.hi-s.lo)*r.Float64() }

func draw(spans []span, r *rand.Rand) float64 { return spans[r.IntN(len(spans))].draw(r) }

// set is the features of a protocol's windows, [windows][features], and their states, in
// the order of motors, then states, then windows.
type set struct {
	x []float32
	y []sim.State
}

func (p protocol) count() int { return p.motors * p.windows * states }

// make simulates the windows, on every processor there is.
func (p protocol) make(cfg dsp.Config) (set, error) {
	spectrum, err := dsp.NewSpectrum(cfg)
	if err != nil {
		return set{}, err
	}
	out := set{x: make([]float32, p.count()*spectrum.Size()), y: make([]sim.State, p.count())}
	workers := runtime.GOMAXPROCS(0)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < p.motors && errs[w] == nil; i += workers {
				errs[w] = p.motor(cfg, i, out)
			}
		})
	}
	wg.Wait()
	return out, errors.Join(errs...)
}

// motor fills the part of the set that one motor gives.
func (p protocol) motor(cfg dsp.Config, i int, out set) error {
	spectrum, err := dsp.NewSpectrum(cfg)
	if err != nil {
		return err
	}
	seed := p.seed + uint64(i)
	rng := rand.New(rand.NewPCG(seed, 0))
	o := sim.Options{
		Rate: cfg.Rate, Block: cfg.Window, Seed: seed,
		Speed: draw(p.rpm, rng), Load: draw(p.load, rng), SNR: p.snr.draw(rng),
		Line: float64(50 + 10*rng.IntN(2)),
	}
	at := i * p.windows * states
	var r hal.Reading
	for _, state := range sim.States() {
		o.State = state
		source, err := sim.New(o)
		if err != nil {
			return err
		}
		for range p.windows {
			for range 1 + rng.IntN(8) { // up to 2.6 s between two windows of a motor
				if err := source.Read(context.Background(), &r); err != nil {
					return err
				}
			}
			spectrum.Features(out.x[at*spectrum.Size():(at+1)*spectrum.Size()], r.Samples)
			out.y[at] = state
			at++
		}
	}
	return nil
}
