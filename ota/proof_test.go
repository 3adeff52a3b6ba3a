package ota_test

import (
	"context"
	"errors"
	"testing"

	"kinglet/ota"
)

// slow is a trial that ends when its context does, or is told to.
type slow struct {
	begun chan ota.Candidate
	end   chan error
}

func (s slow) Try(ctx context.Context, c ota.Candidate) error {
	s.begun <- c
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-s.end:
		return err
	}
}

func TestTrials(t *testing.T) {
	t.Run("panic", in(func(t *testing.T, r *rig, _ *memory) {
		r.open()
		r.push(2, "die", nil)
		r.expect(ota.PhaseRefused, 2, ota.CodeTrialCrash)
	}))
	t.Run("no end", in(func(t *testing.T, r *rig, _ *memory) {
		r.options.Trial = slow{make(chan ota.Candidate, 9), nil}
		r.open()
		r.push(2, "right", nil)
		r.patient(ota.PhaseRefused, 2, ota.CodeTrialTime)
	}))
	t.Run("error", in(func(t *testing.T, r *rig, _ *memory) {
		s := slow{make(chan ota.Candidate, 9), make(chan error, 1)}
		s.end <- errors.New("cannot be opened")
		r.options.Trial = s
		r.open()
		r.push(2, "right", nil)
		r.expect(ota.PhaseRefused, 2, ota.CodeTrialError)
	}))
	t.Run("the daemon stops", in(func(t *testing.T, r *rig, _ *memory) {
		s := slow{make(chan ota.Candidate, 9), make(chan error, 1)}
		r.options.Trial = s
		r.push(2, "right", nil)
		for range 5 {
			r.open()
			if c := <-s.begun; c.Attempt != 1 || c.Version != 2 || string(c.Answers) != "right" {
				t.Errorf("got attempt %d of version %d", c.Attempt, c.Version)
			}
			r.close()
		}
		s.end <- nil
		r.open()
		r.expect(ota.PhaseProbation, 2, "")
	}))
	t.Run("a newer one comes meanwhile", in(func(t *testing.T, r *rig, _ *memory) {
		s := slow{make(chan ota.Candidate, 9), make(chan error, 1)}
		r.options.Trial = s
		r.open()
		r.push(2, "right", nil)
		<-s.begun
		r.push(3, "right", nil)
		r.push(4, "right", nil)
		s.end <- nil
		r.expect(ota.PhaseProbation, 2, "")
		if c := <-s.begun; c.Version != 4 {
			t.Errorf("version %d is next", c.Version)
		}
		s.end <- nil
		r.expect(ota.PhaseProbation, 4, "")
	}))
}

type shadow func(ota.Candidate) error

func (s shadow) Shadow(_ context.Context, c ota.Candidate) error { return s(c) }

func TestShadowStandsBetweenTrialAndPromotion(t *testing.T) {
	in(func(t *testing.T, r *rig, _ *memory) {
		r.options.Shadow = shadow(func(c ota.Candidate) error {
			if len(r.host.ran) > 0 && c.Version == 2 {
				t.Error("promoted before the shadow")
			}
			if c.Version == 3 {
				return errors.New("it disagrees on live data")
			}
			return nil
		})
		r.open()
		r.push(2, "right", nil)
		r.expect(ota.PhaseShadow, 2, "")
		r.expect(ota.PhaseProbation, 2, "")
		r.push(3, "right", nil)
		r.expect(ota.PhaseRefused, 3, ota.CodeShadow)
	})(t)
}
