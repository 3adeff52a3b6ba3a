package ui

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/lipgloss"

	"kinglet/agent/internal/demo"
	"kinglet/agent/internal/dsp"
	"kinglet/agent/internal/pipeline"
	"kinglet/hal"
	"kinglet/hal/sim"
	"kinglet/ota"
)

func TestBraillePutsDotsWhereValuesAre(t *testing.T) {
	for _, c := range []struct {
		name          string
		values        []float32
		width, height int
		want          []string
	}{
		{"a rising line", []float32{0, 1, 2, 3}, 2, 1, []string{"⣀⡴"}},
		{"flat at the bottom", []float32{0, 0, 0, 0}, 2, 1, []string{"⣀⣀"}},
		{"beyond the range is cut off", []float32{9, 9}, 1, 2, []string{"⠉", "⠀"}},
		{"nothing", nil, 2, 1, []string{"⠀⠀"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := braille(c.values, c.width, c.height, 0, 4); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestBarsFillFromTheBottom(t *testing.T) {
	got := bars([]float32{0, 1, 2, 4}, 4, 2, 0, 4)
	if strings.Join(got, "|") != "   █| ▄██" {
		t.Errorf("got %q", got)
	}
	if got := bars(nil, 3, 1, 0, 1); got[0] != "   " {
		t.Errorf("nothing gives %q", got)
	}
}

// shown is a screen to which everything has happened.
func shown(t *testing.T) *screen {
	t.Helper()
	s := &screen{shown: snapshot{wave: make([]float32, waveFrames)}}
	r := &hal.Reading{Samples: make([]float32, 3*128)}
	for i := range 128 {
		r.Samples[3*i] = float32(math.Sin(float64(i)))
	}
	c := dsp.Motor()
	s.Scene(demo.Scene{Text: "The motor runs.", State: sim.Normal})
	s.Reading(r)
	s.Result(&pipeline.Result{
		Seq: 42, Label: "bearing", Score: .9, Scores: []float32{0, .1, 0, .9}, Labels: []string{"off", "normal", "imbalance", "bearing"},
		Version: 2, Latency: 123 * time.Microsecond, Features: make([]float32, (c.Bands+1)*2*c.Channels),
	})
	s.Event(&pipeline.Event{Label: "bearing", Active: true})
	s.Step(ota.Event{Phase: ota.PhaseTrial, Version: 3})
	s.Update(demo.Update{Version: 2, Result: "promoted", What: "a better model"})
	s.Update(demo.Update{Version: 3, Result: "refused", Code: "trial-answers", Reason: "case 0 differs"})
	return s
}

func TestPictureShowsEverythingInAnySize(t *testing.T) {
	s := shown(t)
	full := draw(&s.shown, 100, 40)
	for _, want := range []string{"The motor runs.", "model v2", "42 inferences", "bearing     90%", "event: bearing", "v2 promoted", "trial-answers: case 0 differs", "an update is in trial"} {
		if !strings.Contains(full, want) {
			t.Errorf("no %q in\n%s", want, full)
		}
	}
	for _, width := range []int{1, 10, 40, 80, 110} {
		for _, height := range []int{1, 5, 24, 60} {
			lines := strings.Split(draw(&s.shown, width, height), "\n")
			if len(lines) > max(height, 1) {
				t.Errorf("%dx%d: %d lines", width, height, len(lines))
			}
			for _, l := range lines {
				if width >= 80 && lipgloss.Width(l) > width {
					t.Errorf("%dx%d: a line of %d: %q", width, height, lipgloss.Width(l), l)
				}
			}
		}
	}
	if empty := draw(&snapshot{}, 80, 24); !strings.Contains(empty, "v1 came with the program") {
		t.Errorf("an empty picture:\n%s", empty)
	}
}

func TestPlainWritesALineForWhatIsNew(t *testing.T) {
	var out bytes.Buffer
	p := NewPlain(&out)
	r := &pipeline.Result{Label: "normal", Score: 1, Version: 1}
	p.Scene(demo.Scene{Text: "The motor runs."})
	p.Result(r)
	p.Result(r)
	p.Event(&pipeline.Event{Label: "bearing"})
	p.Step(ota.Event{Phase: ota.PhaseFetching, Version: 2})
	p.Step(ota.Event{Phase: ota.PhaseTrial, Version: 2})
	p.Update(demo.Update{Version: 3, Result: "refused", Code: "truncated", Reason: "chunk 1 is short"})
	want := []string{"The motor runs.", "answer   normal", "event    bearing ends", "update   v2: trial", "update   v3 refused (truncated): chunk 1 is short"}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != len(want) {
		t.Fatalf("got %q, want %d lines", lines, len(want))
	}
	for i, w := range want {
		if !strings.Contains(lines[i], w) {
			t.Errorf("line %d is %q, want %q in it", i, lines[i], w)
		}
	}
}
