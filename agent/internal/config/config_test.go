package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// good returns the files that must be read without a word.
func good(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"testdata/good/*.yaml", "../../../configs/*.yaml", "../../../configs/*/*.yaml"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	if len(files) < 8 {
		t.Fatalf("%d files, want more", len(files))
	}
	return files
}

func TestGoodFiles(t *testing.T) {
	for _, file := range good(t) {
		if f := Read(file); len(f.Problems) > 0 || f.Err() != nil || f.Config == nil {
			t.Errorf("%v", said(f.Problems))
		}
	}
}

// must parses text that is right.
func must(t *testing.T, text string) *File {
	t.Helper()
	f := Parse("agent.yaml", []byte(text))
	if f.Err() != nil {
		t.Fatal(f.Err())
	}
	return f
}

const least = `
sources: {motor: {driver: sim-motor}}
models: {motor: {file: builtin:motor}}
pipelines: {vibration: {source: motor, model: motor}}
`

func TestDefaultsAreFilledIn(t *testing.T) {
	got := must(t, least).Config
	want := Default()
	want.Sources = map[string]Source{"motor": {Driver: "sim-motor", SimMotor: SimMotor{Rate: 3200, State: "normal", Speed: 1450, SNR: 20, Seed: 1, Pace: 1}}}
	want.Models = map[string]Model{"motor": {
		File: "builtin:motor", Labels: []string{"off", "normal", "imbalance", "bearing"},
		Probation: Probation{Time: Duration(10 * time.Minute), Runs: 100}, Rules: Rules{MinRuns: 20, MaxBoots: 3},
	}}
	want.Pipelines = map[string]Pipeline{"vibration": {Source: "motor", Model: "motor", Event: Event{On: 0.8, Off: 0.4, Hold: 3}}}
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("got  %+v\nwant %+v", *got, want)
	}
	if want.Device != (Device{ID: "kinglet", State: "/var/lib/kinglet", Socket: "/run/kinglet/kinglet.sock"}) ||
		want.Updates != (Updates{Repository: "main", Healthy: Duration(time.Minute), Trial: Duration(2 * time.Minute)}) {
		t.Errorf("default %+v", want)
	}
}

func TestUnits(t *testing.T) {
	for _, c := range []struct {
		source string
		want   SimMotor
	}{
		{"rate: 3.2kHz", SimMotor{Rate: 3200}},
		{"rate: 3200 Hz", SimMotor{Rate: 3200}},
		{`rate: "1e3Hz"`, SimMotor{Rate: 1000}},
		{"speed: 900", SimMotor{Speed: 900}},
		{"speed: 900rpm", SimMotor{Speed: 900}},
		{"snr: 6.5dB", SimMotor{SNR: 6.5}},
		{"pace: .5", SimMotor{Pace: 0.5}},
		{"seed: 0", SimMotor{Seed: 0}},
	} {
		f := must(t, strings.Replace(least, "sim-motor", "sim-motor, "+c.source, 1))
		want := SimMotor{Rate: 3200, State: "normal", Speed: 1450, SNR: 20, Seed: 1, Pace: 1}
		switch got := f.Config.Sources["motor"].SimMotor; {
		case c.want.Rate != 0:
			want.Rate = c.want.Rate
		case c.want.Speed != 0:
			want.Speed = c.want.Speed
		case c.want.SNR != 0:
			want.SNR = c.want.SNR
		case c.want.Pace != 0:
			want.Pace = c.want.Pace
		default:
			want.Seed = got.Seed
		}
		if got := f.Config.Sources["motor"].SimMotor; got != want {
			t.Errorf("%s: got %+v, want %+v", c.source, got, want)
		}
	}
	f := must(t, strings.Replace(least, "builtin:motor", "m.tflite, rules: {event_rate: 20%, nan_rate: 0.01, latency: 1m30s, error_rate: 3%}", 1))
	if got, want := f.Config.Models["motor"].Rules, (Rules{MinRuns: 20, MaxBoots: 3, EventRate: 0.2, NaNRate: 0.01, ErrorRate: 0.03, Latency: Duration(90 * time.Second)}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestWarningsDoNotStop shows that what is only suspect is said beside a configuration.
func TestWarningsDoNotStop(t *testing.T) {
	f := must(t, strings.Replace(least, "{motor: {driver", "{spare: {driver: sim-motor}, motor: {driver", 1))
	if len(f.Problems) != 1 || f.Problems[0].Level != Suspect || f.Problems[0].Path != "sources.spare" || f.Problems[0].Line != 2 {
		t.Errorf("got %+v, want a warning of sources.spare", f.Problems)
	}
}

func TestLoadSaysWhichFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "agent.yaml")
	if err := os.WriteFile(path, []byte("device: {idd: x}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, filepath.Join(dir, "none.yaml"), dir, "/dev/zero"} {
		err := Read(path).Err()
		var e *Error
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), path+": ") || e.Problems[0].File != path {
			t.Errorf("error %v, want it to begin with %s", err, path)
		}
	}
}

// TestPasswordsAreNotRepeated shows that a secret in the wrong place stays out of messages.
func TestPasswordsAreNotRepeated(t *testing.T) {
	f := Parse("agent.yaml", []byte(least+"mqtt: {broker: mqtt://me:hunter2@broker}\n"))
	if f.Err() == nil || strings.Contains(f.Err().Error(), "hunter2") {
		t.Errorf("got %v", f.Err())
	}
}

func TestClosest(t *testing.T) {
	words := []string{"source", "model", "hop", "event", "min_runs", "on", "off"}
	for got, want := range map[string]string{
		"sorce": "source", "Source": "source", "sources": "source", "hpo": "hop", "min-runs": "min_runs", "minRuns": "min_runs",
		"evnt": "event", "of": "off", "retries": "", "": "", "x": "", "bme280": "",
	} {
		if c := closest(got, words); c != want {
			t.Errorf("closest(%q) = %q, want %q", got, c, want)
		}
	}
}

// FuzzParse looks for panics, and for files whose effective configuration is another one
// when it is written and read again.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/bad/*.yaml", "testdata/good/*.yaml", "../../../configs/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			if len(data) < 4096 {
				f.Add(data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file := Parse("agent.yaml", data)
		for _, p := range file.Problems {
			if p.Line < 0 || p.Line > 0 && p.Column < 1 || p.Message == "" {
				t.Errorf("problem %+v", p)
			}
			if strings.ContainsAny(p.String(), "\x00\x1b\r") {
				t.Errorf("problem %q has control characters", p)
			}
		}
		if file.Config == nil {
			if len(file.Problems) == 0 {
				t.Error("nothing is read and nothing is said")
			}
			return
		}
		again := Parse("again.yaml", []byte(file.YAML()))
		if again.Err() != nil || !reflect.DeepEqual(file.Config, again.Config) {
			t.Errorf("%v\n%s\n%+v\n%+v", again.Err(), file.YAML(), file.Config, again.Config)
		}
	})
}
