package demo

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kinglet/agent/internal/trial"
	"kinglet/hal/sim"
	"kinglet/models/builtin"
	"kinglet/ota"
	"kinglet/ota/publish"
	"kinglet/runtime/infer"
)

// seed draws the trial answers' inputs.
const seed = 1

// push is one version of the tour.
type push struct {
	version int
	what    string
	send    func(ctx context.Context, p push) error
}

// updates pushes to the device what a publisher, a thief and an accident might.
func (t *tour) updates(ctx context.Context) error {
	t.scene(sim.Normal, "Now the updates, over the broker, while the motor runs healthy.")
	for _, p := range []push{
		{2, "a better model", t.good},
		{3, "a model whose answers are not the publisher's", t.wrongAnswers},
		{4, "a model with a broken signature", t.brokenSignature},
		{5, "a model of which a part is cut off", t.truncated},
		{6, "a model signed by a stranger", t.stranger},
		{7, "a model that answers as published, but cries wolf", t.alarmist},
	} {
		if err := t.push(ctx, p); err != nil {
			return fmt.Errorf("version %d, %s: %w", p.version, p.what, err)
		}
		if err := t.pause(ctx, 3); err != nil {
			return err
		}
	}
	return nil
}

// push sends one version and waits for how it ends.
func (t *tour) push(ctx context.Context, p push) error {
	for len(t.steps) > 0 {
		<-t.steps
	}
	t.scene(t.motor.State(), "Version %d is pushed: %s.", p.version, p.what)
	if err := p.send(ctx, p); err != nil {
		return err
	}
	limit := time.After(patience)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-limit:
			return errors.New("the device did not come to an end with it")
		case e := <-t.steps:
			u := Update{Version: p.version, What: p.what}
			switch e.Phase {
			case ota.PhaseConfirmed:
				u.Result = "promoted"
			case ota.PhaseRefused:
				u.Result = "refused"
			case ota.PhaseRolledBack:
				u.Result = "rolled-back"
			default:
				continue
			}
			if e.Refusal != nil {
				u.Code, u.Reason = string(e.Refusal.Code), e.Refusal.Reason
			}
			t.report.Updates = append(t.report.Updates, u)
			t.opt.View.Update(u)
			t.drain()
			return nil
		}
	}
}

// bytesOf returns a model file that no other version has: the model, and after it, where a
// flatbuffer ends, the version.
func bytesOf(m builtin.Model, version int) []byte {
	return fmt.Appendf(slices.Clone(m.Data), "v%03d", version)
}

// plan signs a push of a model with the answers of another, or of the same, in a repository.
func plan(r *publish.Repository, version int, m, answers builtin.Model) (*publish.Plan, error) {
	data := bytesOf(m, version)
	needs, err := trial.Needs(data)
	if err != nil {
		return nil, err
	}
	a, err := trial.Answers(answers.Data, nil, seed, infer.Options{})
	if err != nil {
		return nil, err
	}
	return r.Build(publish.Push{Model: modelName, Version: int64(version), Bytes: data, Answers: a, Operators: needs, MemoryBytes: 256 << 20})
}

// good is version 2 as it should be.
func (t *tour) good(ctx context.Context, p push) error {
	return t.sendPlan(ctx, p, builtin.MotorV2(), builtin.MotorV2(), nil)
}

// wrongAnswers signs the answers of another model.
func (t *tour) wrongAnswers(ctx context.Context, p push) error {
	return t.sendPlan(ctx, p, builtin.MotorV2(), builtin.Motor(), nil)
}

// brokenSignature changes one digit of the timestamp's signature.
func (t *tour) brokenSignature(ctx context.Context, p push) error {
	return t.sendPlan(ctx, p, builtin.MotorV2(), builtin.MotorV2(), func(msgs []publish.Message) error {
		m := &msgs[len(msgs)-1]
		at := strings.Index(string(m.Payload), `"sig":`)
		if at < 0 {
			return errors.New("the timestamp has no signature to break")
		}
		at += strings.IndexByte(string(m.Payload[at+6:]), '"') + 6 + 1
		m.Payload[at] ^= 1 // a hexadecimal digit stays one, or the document is malformed
		if m.Payload[at] < '0' || m.Payload[at] > '9' && m.Payload[at] < 'a' || m.Payload[at] > 'f' {
			m.Payload[at] = '0'
		}
		return nil
	})
}

// truncated cuts off the end of every chunk.
func (t *tour) truncated(ctx context.Context, p push) error {
	return t.sendPlan(ctx, p, builtin.MotorV2(), builtin.MotorV2(), func(msgs []publish.Message) error {
		for i := range msgs {
			if strings.Contains(msgs[i].Topic, "/chunk/") {
				msgs[i].Payload = msgs[i].Payload[:len(msgs[i].Payload)/2]
			}
		}
		return nil
	})
}

// stranger pushes from a repository with keys of its own.
func (t *tour) stranger(ctx context.Context, p push) error {
	r, err := publish.Init(filepath.Join(t.dir, "stranger"), publishOptions())
	if err != nil {
		return err
	}
	defer r.Close()
	pl, err := plan(r, p.version, builtin.MotorV2(), builtin.MotorV2())
	if err != nil {
		return err
	}
	for _, m := range pl.Messages { // a thief does not look whether the broker has newer metadata
		if err := t.sender.Publish(ctx, m.Topic, m.Payload, m.Retained); err != nil {
			return err
		}
	}
	return nil
}

// alarmist is a badly trained model, honestly published.
func (t *tour) alarmist(ctx context.Context, p push) error {
	return t.sendPlan(ctx, p, builtin.Alarmist(), builtin.Alarmist(), nil)
}

// sendPlan signs a model with answers of another or the same, lets spoil change the
// messages, and sends them.
func (t *tour) sendPlan(ctx context.Context, p push, m, answers builtin.Model, spoil func([]publish.Message) error) error {
	pl, err := plan(t.repo, p.version, m, answers)
	if err != nil {
		return err
	}
	if spoil != nil {
		if err := spoil(pl.Messages); err != nil {
			return err
		}
	}
	return t.repo.Send(ctx, pl, t.sender)
}
