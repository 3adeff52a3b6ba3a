package ota_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kinglet/ota"
	"kinglet/ota/publish"
)

// in runs a test in a bubble of its own time.
func in(f func(t *testing.T, r *rig, m *memory)) func(*testing.T) {
	return func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r, m := newMemoryRig(t)
			f(t, r, m)
		})
	}
}

func TestRefusedBeforeFetching(t *testing.T) {
	for _, tt := range []struct {
		code   ota.Code
		push   func(*publish.Push)
		device func(*ota.Options)
	}{
		{ota.CodeOperator, func(p *publish.Push) { p.Operators = []string{"CONV_2D", "FFT"} }, func(o *ota.Options) { o.Supports = func(op string) bool { return op == "CONV_2D" } }},
		{ota.CodeKingletTooOld, func(p *publish.Push) { p.Kinglet = "1.0.1" }, nil},
		{ota.CodeTooLarge, nil, func(o *ota.Options) { o.Limits.ModelBytes = 1000 }},
		{ota.CodeTooLarge, nil, func(o *ota.Options) { o.Limits.AnswerBytes = 3 }},
		{ota.CodeMemoryBudget, func(p *publish.Push) { p.MemoryBytes = 100 << 20 }, func(o *ota.Options) { o.Limits.MemoryBytes = 64 << 20 }},
		{ota.CodeTimeBudget, func(p *publish.Push) { p.RunTime = time.Second }, func(o *ota.Options) { o.Limits.RunTime = time.Millisecond }},
		{ota.CodeRollbackVersion, nil, func(o *ota.Options) { o.Factory[0].Version = 2 }},
	} {
		t.Run(string(tt.code), in(func(t *testing.T, r *rig, m *memory) {
			original := r.options
			if tt.device != nil {
				tt.device(&r.options)
			}
			r.open()
			r.push(2, "right", tt.push)
			r.expect(ota.PhaseRefused, 2, tt.code)
			for _, topic := range m.log(0) {
				if strings.Contains(topic, "/chunk/") {
					t.Errorf("%s was fetched", topic)
				}
			}
			r.close()
			r.open()
			r.quiet(time.Hour) // nothing new, nothing said
			r.close()
			// A device that can run it, after an upgrade, takes it.
			original.Kinglet = "2.0.0"
			original.Factory = []ota.Factory{{Name: "motor", Version: 1, Bytes: model(1)}}
			r.options = original
			r.open()
			r.expect(ota.PhaseProbation, 2, "")
		}))
	}
}

func TestBrokenChunk(t *testing.T) {
	half := func(b []byte) []byte { return b[:len(b)/2] }
	flip := func(b []byte) []byte { b[len(b)/2] ^= 1; return b }
	more := func(b []byte) []byte { return append(b, make([]byte, 1<<20)...) }
	none := func([]byte) []byte { return nil }
	for _, tt := range []struct {
		code  ota.Code
		spoil func([]byte) []byte
	}{
		{ota.CodeTruncated, half}, {ota.CodeDigestMismatch, flip}, {ota.CodeDigestMismatch, more}, {ota.CodeTruncated, none},
	} {
		t.Run(string(tt.code)+" repaired on the broker", in(func(t *testing.T, r *rig, m *memory) {
			r.push(2, "right", nil)
			topic := m.chunks()[0]
			good := m.payload(topic)
			m.edit(topic, func(b []byte) []byte { return tt.spoil(append([]byte(nil), b...)) })
			r.open()
			r.expect(ota.PhaseRefused, 2, tt.code)
			r.active(1)
			m.edit(topic, func([]byte) []byte { return good })
			start := time.Now()
			r.patient(ota.PhaseProbation, 2, "")
			if waited := time.Since(start); waited < 4*time.Minute || waited > 6*time.Minute {
				t.Errorf("tried again after %s, want 5m", waited)
			}
		}))
	}
	t.Run("repaired by publishing again", in(func(t *testing.T, r *rig, m *memory) {
		r.push(2, "right", nil)
		m.edit(m.chunks()[0], half)
		r.open()
		r.expect(ota.PhaseRefused, 2, ota.CodeTruncated)
		if err := r.repo.Republish(context.Background(), m); err != nil {
			t.Fatal(err)
		}
		r.expect(ota.PhaseProbation, 2, "")
	}))
	t.Run("said once, tried less and less", in(func(t *testing.T, r *rig, m *memory) {
		r.push(2, "right", nil)
		topic := m.chunks()[0]
		m.edit(topic, half)
		r.open()
		r.expect(ota.PhaseRefused, 2, ota.CodeTruncated)
		r.close()
		r.open() // a restart is no reason to try
		before := len(m.log(0))
		time.Sleep(24 * time.Hour)
		n := 0
		for _, asked := range m.log(before) {
			if asked == topic {
				n++
			}
		}
		if n < 4*4 || n > 12*4 {
			t.Errorf("asked %d times in a day", n)
		}
		for len(r.events) > 0 {
			if e := <-r.events; e.Phase == ota.PhaseRefused {
				t.Errorf("said again: %v", e.Refusal)
			}
		}
	}))
}

func TestMissingChunkIsTriedAgain(t *testing.T) {
	in(func(t *testing.T, r *rig, m *memory) {
		r.push(2, "right", nil)
		topic := m.chunks()[1]
		good := m.payload(topic)
		m.Publish(context.Background(), topic, nil, true)
		r.open()
		r.expect(ota.PhaseRefused, 2, ota.CodeMissing)
		m.edit(topic, func([]byte) []byte { return good })
		before := len(m.log(0))
		r.patient(ota.PhaseProbation, 2, "")
		for _, asked := range m.log(before) {
			if strings.Contains(asked, "/chunk/") && asked != topic {
				t.Errorf("%s was fetched twice", asked)
			}
		}
	})(t)
}

func TestPublisherStopsHalfWay(t *testing.T) {
	in(func(t *testing.T, r *rig, m *memory) {
		r.push(2, "right", nil)
		r.open()
		r.expect(ota.PhaseProbation, 2, "")
		r.live(2)
		for stop := 1; ; stop++ {
			plan, err := r.repo.Build(publish.Push{Model: "motor", Version: int64(2 + stop), Bytes: model(uint64(2 + stop)), Answers: []byte("right")})
			if err != nil {
				t.Fatal(err)
			}
			if stop >= len(plan.Messages) {
				break
			}
			n := 0
			err = r.repo.Send(context.Background(), plan, tamper{m, func(_ string, b []byte) ([]byte, error) {
				if n++; n > stop {
					return nil, errStopped
				}
				return b, nil
			}})
			if !errors.Is(err, errStopped) {
				t.Fatal(err)
			}
			r.quiet(time.Minute)
			r.active(2)
		}
		last := r.repo.Version("motor")
		if err := r.repo.Republish(context.Background(), m); err != nil {
			t.Fatal(err)
		}
		r.patient(ota.PhaseProbation, last, "")
	})(t)
}

func TestBadMetadataIsSaidOnce(t *testing.T) {
	in(func(t *testing.T, r *rig, m *memory) {
		r.push(2, "right", nil)
		topic := ota.TimestampTopic("main")
		good := m.payload(topic)
		r.open()
		r.expect(ota.PhaseProbation, 2, "")
		m.Publish(context.Background(), topic, []byte(strings.Replace(string(good), `"version":1`, `"version":7`, 1)), true)
		r.expect(ota.PhaseRefused, 0, ota.CodeBadSignature)
		r.close()
		r.open()
		r.quiet(24 * time.Hour)
		for _, junk := range []string{"\x00", "{", `{"signed":null}`, strings.Repeat("[", 100000), strings.Repeat("x", 1<<21)} {
			m.Publish(context.Background(), topic, []byte(junk), true)
			e := <-r.events
			for e.Phase == ota.PhaseChecking {
				e = <-r.events
			}
			if e.Refusal == nil || e.Document != "timestamp" {
				t.Errorf("%.20q: got %+v", junk, e)
			}
		}
		m.Publish(context.Background(), topic, nil, true)
		r.quiet(time.Minute)
		r.active(2)
	})(t)
}

func TestSameBytesAgain(t *testing.T) {
	t.Run("with right answers this time", in(func(t *testing.T, r *rig, _ *memory) {
		r.open()
		r.push(2, "wrong", nil)
		r.expect(ota.PhaseRefused, 2, ota.CodeTrialAnswers)
		r.push(3, "wrong", func(p *publish.Push) { p.Bytes = model(2) })
		e := r.expect(ota.PhaseRefused, 3, ota.CodeTrialAnswers)
		if !strings.Contains(e.Refusal.Reason, "as version 2") {
			t.Errorf("reason %q", e.Refusal.Reason)
		}
		r.push(4, "right", func(p *publish.Push) { p.Bytes = model(2) })
		r.expect(ota.PhaseProbation, 4, "")
	}))
	t.Run("after they were taken back", in(func(t *testing.T, r *rig, _ *memory) {
		r.open()
		r.push(2, "right", nil)
		r.expect(ota.PhaseProbation, 2, "")
		r.u.Report(ota.Health{Model: "motor", Version: 2, Runs: 10, NaN: 10})
		r.expect(ota.PhaseRolledBack, 2, ota.CodeHealthNaN)
		r.push(3, "right", func(p *publish.Push) { p.Bytes = model(2) })
		r.expect(ota.PhaseRefused, 3, ota.CodeHealthNaN)
		r.close()
		r.open()
		r.quiet(time.Hour)
		r.active(1)
	}))
}

func TestHealthRules(t *testing.T) {
	for _, tt := range []struct {
		name   string
		health ota.Health
		code   ota.Code // "": none is broken
	}{
		{"in order", ota.Health{Runs: 10, Events: 2, Errors: 1, Latency: time.Second}, ""},
		{"events", ota.Health{Runs: 10, Events: 3}, ota.CodeHealthEventRate},
		{"NaN", ota.Health{Runs: 10, NaN: 1}, ota.CodeHealthNaN},
		{"errors", ota.Health{Runs: 10, Errors: 2}, ota.CodeHealthErrors},
		{"latency", ota.Health{Runs: 10, Latency: 1100 * time.Millisecond}, ota.CodeHealthLatency},
		{"too few runs to judge", ota.Health{Runs: 9, Events: 9}, ""},
		{"another version", ota.Health{Version: 1, Runs: 10, NaN: 10}, ""},
		{"nonsense", ota.Health{Runs: -10, Events: 1 << 62}, ""},
	} {
		t.Run(tt.name, in(func(t *testing.T, r *rig, _ *memory) {
			r.open()
			r.push(2, "right", nil)
			r.expect(ota.PhaseProbation, 2, "")
			tt.health.Model = "motor"
			if tt.health.Version == 0 {
				tt.health.Version = 2
			}
			r.u.Report(tt.health)
			if tt.code == "" {
				r.quiet(time.Second)
				r.active(2)
				return
			}
			if e := r.expect(ota.PhaseRolledBack, 2, tt.code); e.Active != 1 {
				t.Errorf("version %d is active", e.Active)
			}
			r.active(1)
			synctest.Wait()
			if ran := r.host.ran; len(ran) != 2 || ran[1] != 1 {
				t.Errorf("the host ran %v", ran)
			}
		}))
	}
}

func TestProbation(t *testing.T) {
	in(func(t *testing.T, r *rig, _ *memory) {
		r.options.Probation = ota.Probation{Time: time.Hour, Runs: 100}
		r.open()
		r.push(2, "right", nil)
		r.expect(ota.PhaseProbation, 2, "")
		start := time.Now()
		for len(r.events) == 0 && time.Since(start) < 3*time.Hour {
			r.u.Report(ota.Health{Model: "motor", Version: 2, Runs: 1})
			time.Sleep(30 * time.Second)
		}
		r.expect(ota.PhaseConfirmed, 2, "")
		if d := time.Since(start); d < time.Hour || d > time.Hour+time.Minute {
			t.Errorf("confirmed after %s", d)
		}
	})(t)
}

func TestClockThatJumpsDoesNotShortenProbation(t *testing.T) {
	in(func(t *testing.T, r *rig, _ *memory) {
		var jump atomic.Int64
		r.options.Probation = ota.Probation{Time: time.Hour}
		r.options.Clock = func() time.Time { return time.Now().Add(time.Duration(jump.Load())) }
		r.open()
		r.push(2, "right", nil)
		r.expect(ota.PhaseProbation, 2, "")
		for i := range 20 {
			r.u.Report(ota.Health{Model: "motor", Version: 2, Runs: 10})
			jump.Store(int64([]time.Duration{0, 50 * 24 * time.Hour, -30 * 365 * 24 * time.Hour}[i%3]))
		}
		r.quiet(time.Second)
	})(t)
}

func TestPreviousIsAlwaysAConfirmedOne(t *testing.T) {
	in(func(t *testing.T, r *rig, _ *memory) {
		r.open()
		r.push(2, "right", nil)
		r.expect(ota.PhaseProbation, 2, "")
		r.live(2)
		r.push(3, "right", nil)
		r.expect(ota.PhaseProbation, 3, "")
		r.push(4, "right", nil) // while 3 is in probation
		r.expect(ota.PhaseProbation, 4, "")
		if s := r.u.Status()[0]; s.Previous.Version != 2 {
			t.Errorf("previous is %d", s.Previous.Version)
		}
		r.u.Report(ota.Health{Model: "motor", Version: 4, Runs: 10, Errors: 9})
		r.expect(ota.PhaseRolledBack, 4, ota.CodeHealthErrors)
		r.active(2)
	})(t)
}

func TestHostThatDoesNotTakeIt(t *testing.T) {
	in(func(t *testing.T, r *rig, _ *memory) {
		r.host.err[2] = errors.New("no room for its arena")
		r.open()
		r.push(2, "right", nil)
		r.expect(ota.PhaseRolledBack, 2, ota.CodeActivate)
		r.active(1)
	})(t)
}

func TestRollbackByCommand(t *testing.T) {
	in(func(t *testing.T, r *rig, _ *memory) {
		ctx := context.Background()
		r.open()
		if err := r.u.Rollback(ctx, "motor"); err == nil || !strings.Contains(err.Error(), "nothing to go back to") {
			t.Errorf("got %v", err)
		}
		r.push(2, "right", nil)
		r.expect(ota.PhaseProbation, 2, "")
		r.live(2)
		if err := r.u.Rollback(ctx, "motor"); err != nil {
			t.Fatal(err)
		}
		r.expect(ota.PhaseRolledBack, 2, ota.CodeByCommand)
		r.active(1)
		r.close()
		r.open()
		r.quiet(time.Hour)
		if err := r.u.Rollback(ctx, "horn"); err == nil {
			t.Error("an unknown model was taken back")
		}
	})(t)
}

func TestCrashLoop(t *testing.T) {
	in(func(t *testing.T, r *rig, _ *memory) {
		r.open()
		r.push(2, "right", nil)
		r.expect(ota.PhaseProbation, 2, "")
		r.close()
		// Starts that live long enough are forgiven.
		for range 5 {
			r.open()
			if err := r.u.Healthy(); err != nil {
				t.Fatal(err)
			}
			r.active(2)
			r.close()
		}
		for range 3 {
			r.open()
			r.active(2)
			r.close()
		}
		r.open()
		r.active(1)
		r.expect(ota.PhaseRolledBack, 2, ota.CodeCrashLoop)
		r.quiet(time.Hour)
	})(t)
}

func TestSecondProcess(t *testing.T) {
	in(func(t *testing.T, r *rig, _ *memory) {
		r.open()
		_, err := ota.Open(r.options)
		if err == nil || !strings.Contains(err.Error(), r.options.Dir) || !strings.Contains(err.Error(), "another process") {
			t.Errorf("got %v", err)
		}
	})(t)
}

func TestClockAt1970(t *testing.T) {
	in(func(t *testing.T, r *rig, _ *memory) {
		r.options.Clock = func() time.Time { return time.Unix(1000, 0) }
		r.open()
		r.push(2, "right", nil)
		r.expect(ota.PhaseProbation, 2, "")
	})(t)
}

func TestExpiredMetadataRunsOn(t *testing.T) {
	in(func(t *testing.T, r *rig, m *memory) {
		r.push(2, "right", nil)
		r.options.Clock = func() time.Time { return time.Now().AddDate(1, 0, 0) }
		r.open()
		r.expect(ota.PhaseRefused, 0, ota.CodeExpired)
		r.quiet(48 * time.Hour)
		r.active(1)
	})(t)
}

func TestUnusedChunksGo(t *testing.T) {
	in(func(t *testing.T, r *rig, m *memory) {
		r.open()
		for v := int64(2); v <= 12; v++ {
			r.push(v, "right", nil)
			r.expect(ota.PhaseProbation, v, "")
			r.live(v)
		}
		r.close()
		info, err := os.Stat(filepath.Join(r.options.Dir, "models.db"))
		if err != nil || info.Size() > 4<<20 {
			t.Errorf("models.db has %d bytes after 11 models of 300 KiB, %v", info.Size(), err)
		}
		if n := len(m.chunks()); n > 3*12 {
			t.Errorf("%d chunks are left on the broker", n)
		}
	})(t)
}

func TestSequenceIncreasesOverRestarts(t *testing.T) {
	in(func(t *testing.T, r *rig, _ *memory) {
		var last uint64
		for v := int64(2); v < 5; v++ {
			r.open()
			r.push(v, "right", nil)
			e := r.expect(ota.PhaseProbation, v, "")
			if e.Seq <= last {
				t.Errorf("%d after %d", e.Seq, last)
			}
			last = e.Seq
			r.close()
		}
	})(t)
}

func TestTwoModels(t *testing.T) {
	in(func(t *testing.T, r *rig, _ *memory) {
		r.options.Factory = append(r.options.Factory, ota.Factory{Name: "horn", Version: 1, Bytes: model(100)})
		r.open()
		r.push(2, "right", nil)
		r.push(7, "right", func(p *publish.Push) { p.Model = "horn" })
		r.push(9, "right", func(p *publish.Push) { p.Model = "nobodys" })
		r.expect(ota.PhaseProbation, 2, "")
		r.expect(ota.PhaseProbation, 7, "")
		m, err := r.u.Active("horn")
		if err != nil || m.Version != 7 {
			t.Errorf("horn %d, %v", m.Version, err)
		}
	})(t)
}

func TestAnotherRootIsATrustOfItsOwn(t *testing.T) {
	in(func(t *testing.T, r *rig, m *memory) {
		r.push(2, "right", nil)
		r.open()
		r.expect(ota.PhaseProbation, 2, "")
		r.close()
		other, err := publish.Init(t.TempDir()+"/other", publish.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		r.options.Root = other.Root()
		if _, err := other.Push(context.Background(), publish.Push{Model: "motor", Version: 3, Bytes: model(3), Answers: []byte("right")}, m); err != nil {
			t.Fatal(err)
		}
		r.open()
		r.expect(ota.PhaseProbation, 3, "")
	})(t)
}

func TestOpenSaysWhatIsMissing(t *testing.T) {
	f := []ota.Factory{{Name: "m", Version: 1, Bytes: []byte("x")}}
	for want, o := range map[string]ota.Options{
		"needed":     {},
		"Trial":      {Dir: t.TempDir(), Factory: f, Transport: newMemory()},
		"model":      {Dir: t.TempDir(), Factory: []ota.Factory{{Name: "a/b", Version: 1, Bytes: []byte("x")}}},
		"at least 1": {Dir: t.TempDir(), Factory: []ota.Factory{{Name: "m", Bytes: []byte("x")}}},
		"empty":      {Dir: t.TempDir(), Factory: []ota.Factory{{Name: "m", Version: 1}}},
		"twice":      {Dir: t.TempDir(), Factory: append(f, f...)},
		"device":     {Dir: t.TempDir(), Factory: f, Device: "a+b"},
	} {
		if _, err := ota.Open(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

// Junk in the place of the next root, mended later, does not hold updates up for ever.
func TestJunkRootIsMended(t *testing.T) {
	in(func(t *testing.T, r *rig, m *memory) {
		junk := ota.MetaTopic("main", "root", 2)
		m.Publish(context.Background(), junk, []byte("junk"), true)
		r.push(2, "right", nil)
		r.open()
		if e := r.expect(ota.PhaseRefused, 0, ota.CodeMalformed); e.Document != "root" {
			t.Errorf("document %q", e.Document)
		}
		m.Publish(context.Background(), junk, nil, true)
		r.patient(ota.PhaseProbation, 2, "")
	})(t)
}

// A broker that forgot everything gets the status again with the timestamp.
func TestStatusComesBack(t *testing.T) {
	in(func(t *testing.T, r *rig, m *memory) {
		r.open()
		r.push(2, "right", nil)
		r.expect(ota.PhaseProbation, 2, "")
		r.live(2)
		synctest.Wait()
		topic := ota.ModelTopic("bench", "motor")
		m.edit(topic, func([]byte) []byte { return nil })
		if err := r.repo.Republish(context.Background(), m); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if s, err := ota.ParseStatus(m.payload(topic)); err != nil || s.Phase != ota.PhaseConfirmed || s.Active != 2 {
			t.Errorf("%+v, %v", s, err)
		}
	})(t)
}
