package ota_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"kinglet/ota"
	"kinglet/ota/publish"
)

// The story that kinglet demo tells.
func TestJourney(t *testing.T) {
	r := newRig(t)
	r.open()
	r.active(1)
	ctx := context.Background()

	r.push(2, "right", nil)
	r.expect(ota.PhaseProbation, 2, "")
	r.active(2)
	r.live(2)

	r.push(3, "wrong", nil)
	r.expect(ota.PhaseRefused, 3, ota.CodeTrialAnswers)
	r.active(2)

	build := func(version int64) *publish.Plan {
		plan, err := r.repo.Build(publish.Push{Model: "motor", Version: version, Bytes: model(uint64(version)), Answers: []byte("right")})
		if err != nil {
			t.Fatal(err)
		}
		return plan
	}
	plan := build(4)
	last := &plan.Messages[len(plan.Messages)-1]
	i := bytes.Index(last.Payload, []byte(`"sig":"`)) + len(`"sig":"`)
	last.Payload[i] = "10"[last.Payload[i]&1] // another digit
	if err := r.repo.Send(ctx, plan, r.send); err != nil {
		t.Fatal(err)
	}
	e := r.expect(ota.PhaseRefused, 0, ota.CodeBadSignature)
	if e.Document != "timestamp" {
		t.Errorf("document %q, want timestamp", e.Document)
	}

	plan = build(5)
	plan.Messages[0].Payload = plan.Messages[0].Payload[:len(plan.Messages[0].Payload)/2]
	if err := r.repo.Send(ctx, plan, r.send); err != nil {
		t.Fatal(err)
	}
	r.expect(ota.PhaseRefused, 5, ota.CodeTruncated)

	stranger, err := publish.Init(t.TempDir()+"/stranger", publish.Options{Silence: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	if _, err := stranger.Push(ctx, publish.Push{Model: "motor", Version: 6, Bytes: model(6)}, r.send); err != nil {
		t.Fatal(err)
	}
	r.expect(ota.PhaseRefused, 0, ota.CodeUnknownKey)
	r.active(2)

	r.push(7, "right", nil)
	r.expect(ota.PhaseProbation, 7, "")
	r.active(7)
	r.u.Report(ota.Health{Model: "motor", Version: 7, Runs: 12, Events: 11, Latency: time.Millisecond})
	e = r.expect(ota.PhaseRolledBack, 7, ota.CodeHealthEventRate)
	if e.Active != 2 || !strings.Contains(e.Refusal.Reason, "11 of 12") {
		t.Errorf("got %+v, %v", e, e.Refusal)
	}
	r.active(2)

	// A restart, and the same metadata again: silence.
	r.close()
	r.open()
	r.quiet(500 * time.Millisecond)
	r.active(2)
	if h, err := r.u.History("motor"); err != nil || len(h) < 7 {
		t.Errorf("history has %d lines, %v", len(h), err)
	}
	status, err := r.send.Retained(ctx, ota.ModelTopic("bench", "motor"), 1<<16, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	m, err := ota.ParseStatus(status)
	if err != nil || m.Active != 2 {
		t.Errorf("status %s: %v", status, err)
	}
}
