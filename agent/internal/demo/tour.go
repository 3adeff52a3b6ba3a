// Package demo is the self-contained tour: a simulated motor, the real daemon watching
// it, an embedded broker, and a publisher that pushes good and bad updates.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"kinglet/agent/internal/config"
	"kinglet/agent/internal/daemon"
	"kinglet/agent/internal/pipeline"
	"kinglet/hal"
	"kinglet/hal/sim"
	"kinglet/ota"
	"kinglet/ota/mqtt"
	"kinglet/ota/publish"
)

// View is who watches the tour. Its methods are called from several goroutines, must
// return soon, and keep nothing of what they are given.
type View interface {
	Reading(r *hal.Reading)
	Result(r *pipeline.Result)
	Event(e *pipeline.Event)
	Scene(s Scene)    // what happens now
	Step(e ota.Event) // each step of an update
	Update(u Update)  // how an update ended
}

// Scene is one part of the tour.
type Scene struct {
	Text  string    // one sentence
	State sim.State // of the motor from now on
}

// Update is how one push ended.
type Update struct {
	Version int    `json:"version"`
	Result  string `json:"result"` // promoted, refused or rolled-back
	Code    string `json:"code,omitempty"`
	Reason  string `json:"reason,omitempty"`
	What    string `json:"what"` // what was pushed
}

// Report is what a tour comes to.
type Report struct {
	Inferences uint64           `json:"inferences"`
	Events     []pipeline.Event `json:"events"`
	Updates    []Update         `json:"updates"`
}

// Options choose how the tour goes.
type Options struct {
	Pace    float64 // simulated seconds in a real one
	Trial   []string
	Version string
	View    View
	Log     *slog.Logger
	Linger  bool // after the tour, go on through the motor's states until ctx is done
}

// names of the demo's parts.
const (
	deviceName   = "demo"
	modelName    = "motor"
	pipelineName = "vibration"
	sourceName   = "motor"
)

// patience bounds how long the tour waits for anything that it has caused.
const patience = 12 * time.Second

// tour is a tour under way.
type tour struct {
	opt    Options
	dir    string
	motor  *sim.Source
	repo   *publish.Repository
	sender *mqtt.Client
	events chan pipeline.Event
	steps  chan ota.Event
	report Report
}

// Run gives the tour and returns its report. It leaves nothing behind.
func Run(ctx context.Context, opt Options) (*Report, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	dir, err := os.MkdirTemp("", "kinglet-demo-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	broker, err := StartBroker("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer broker.Close()

	t := &tour{opt: opt, dir: dir, events: make(chan pipeline.Event, 64), steps: make(chan ota.Event, 256)}
	t.report.Events, t.report.Updates = []pipeline.Event{}, []Update{}
	if t.repo, err = publish.Init(filepath.Join(dir, "publisher"), publishOptions()); err != nil {
		return nil, err
	}
	defer t.repo.Close()
	if t.sender, err = mqtt.Open(mqtt.Options{Broker: broker.URL(), ClientID: "publisher", Logger: opt.Log}); err != nil {
		return nil, err
	}
	defer t.sender.Close()
	if t.motor, err = sim.New(sim.Options{Name: sourceName, State: sim.Off, Load: 0.5, Seed: 7, Pace: opt.Pace}); err != nil {
		return nil, err
	}
	d, err := daemon.Open(t.config(broker.URL()), daemon.Options{
		Log: opt.Log, Version: opt.Version, Trial: opt.Trial, Root: t.repo.Root(),
		Sources:  map[string]hal.Source{sourceName: &tap{t.motor, opt.View}},
		Sinks:    []pipeline.Sink{t},
		OnUpdate: t.onUpdate,
		Timing:   ota.Timing{Silence: silence, Attempts: 2, Backoff: 50 * time.Millisecond},
	})
	if err != nil {
		return nil, err
	}
	run, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- d.Run(run) }()

	err = t.play(ctx)
	if err == nil && opt.Linger {
		t.linger(ctx)
	}
	stop()
	err = errors.Join(err, <-ended)
	for _, p := range d.Status().Pipelines {
		t.report.Inferences += p.Inferences
	}
	return &t.report, errors.Join(err, d.Close())
}

// silence is how long the demo's broker is given; it is in this process.
const silence = 250 * time.Millisecond

func publishOptions() publish.Options { return publish.Options{Silence: silence} }

// config is the device's configuration; as a file it is configs/demo.yaml.
func (t *tour) config(broker string) *config.Config {
	c := config.Default()
	c.Device = config.Device{ID: deviceName, State: filepath.Join(t.dir, "device")}
	c.MQTT.Broker = broker
	c.Sources = map[string]config.Source{sourceName: {Driver: "sim-motor"}}
	c.Models = map[string]config.Model{modelName: {
		File:      "builtin:motor",
		Probation: config.Probation{Time: config.Duration(500 * time.Millisecond), Runs: 15},
		Rules:     config.Rules{MinRuns: 10, EventRate: 0.3, NaNRate: 0.01, ErrorRate: 0.01},
	}}
	c.Pipelines = map[string]config.Pipeline{pipelineName: {
		Source: sourceName, Model: modelName, Hop: 512,
		Event: config.Event{On: 0.8, Off: 0.4, Hold: 3, Quiet: []string{sim.Off.String(), sim.Normal.String()}},
	}}
	return &c
}

// tap shows the view what a source delivers.
type tap struct {
	*sim.Source
	view View
}

func (t *tap) Read(ctx context.Context, r *hal.Reading) error {
	err := t.Source.Read(ctx, r)
	if err == nil {
		t.view.Reading(r)
	}
	return err
}

// Result implements pipeline.Sink.
func (t *tour) Result(r *pipeline.Result) { t.opt.View.Result(r) }

// Event implements pipeline.Sink.
func (t *tour) Event(e *pipeline.Event) {
	t.opt.View.Event(e)
	select {
	case t.events <- *e:
	default: // the tour has ended and nobody counts any more
	}
}

// Failed implements pipeline.Sink.
func (t *tour) Failed(version int, err error) {
	t.opt.Log.Error("model failed", "model_version", version, "error", err)
}

func (t *tour) onUpdate(e ota.Event) {
	t.opt.View.Step(e)
	select {
	case t.steps <- e:
	default:
	}
}

// scene puts the motor into a state and says why.
func (t *tour) scene(state sim.State, format string, args ...any) {
	t.motor.SetState(state)
	t.opt.View.Scene(Scene{fmt.Sprintf(format, args...), state})
}

// pause lets seconds of the motor's time pass.
func (t *tour) pause(ctx context.Context, seconds float64) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(seconds / t.opt.Pace * float64(time.Second))):
		return nil
	}
}

// expect waits until the named event starts or ends.
func (t *tour) expect(ctx context.Context, label string, active bool) error {
	limit := time.After(patience)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-limit:
			return fmt.Errorf("no %s event with active=%t came within %v", label, active, patience)
		case e := <-t.events:
			t.report.Events = append(t.report.Events, e)
			if e.Label == label && e.Active == active {
				return nil
			}
		}
	}
}

// drain takes the events that came while nobody waited.
func (t *tour) drain() {
	for {
		select {
		case e := <-t.events:
			t.report.Events = append(t.report.Events, e)
		default:
			return
		}
	}
}
