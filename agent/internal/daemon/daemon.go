// Package daemon puts a device together from its configuration: sources, pipelines,
// the broker, updates and the socket; and runs it until it is told to stop.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"kinglet/agent/internal/config"
	"kinglet/agent/internal/dsp"
	"kinglet/agent/internal/pipeline"
	"kinglet/agent/internal/server"
	"kinglet/agent/internal/sinks"
	"kinglet/agent/internal/trial"
	"kinglet/hal"
	"kinglet/ota"
	"kinglet/ota/mqtt"
	"kinglet/runtime/infer"
)

// Options are what a configuration file does not say.
type Options struct {
	Log     *slog.Logger
	Version string        // of this binary
	Trial   []string      // the command that serves a trial; see trial.Child
	Session infer.Options // for every session, such as custom operators

	Root     []byte                // the trusted root document, instead of the configuration's file
	Sources  map[string]hal.Source // used instead of opening the configuration's
	Sinks    []pipeline.Sink       // besides the configuration's
	OnUpdate func(ota.Event)       // called in order; must not block
	Timing   ota.Timing
}

// Daemon is an assembled device. Its methods are safe for concurrent use.
type Daemon struct {
	cfg       *config.Config
	opt       Options
	log       *slog.Logger
	client    *mqtt.Client // nil without a broker
	updater   *ota.Updater
	pipelines []*running
	served    map[string]*served // by model, for callers on the socket
	listener  net.Listener       // of the socket; nil without one
	start     time.Time
	untrusted atomic.Pointer[Untrusted]
}

// ConfigError is an error that a change of the configuration mends.
type ConfigError struct{ Err error }

func (e *ConfigError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ConfigError) Unwrap() error { return e.Err }

// running is a pipeline with what the daemon knows of it.
type running struct {
	*pipeline.Pipeline
	name, source, model string
	src                 hal.Source
}

// Open puts the device together and starts nothing but the connection to the broker.
func Open(cfg *config.Config, opt Options) (d *Daemon, err error) {
	d = &Daemon{cfg: cfg, opt: opt, log: opt.Log, start: time.Now()}
	defer func() {
		if err != nil {
			d.Close()
			d = nil
		}
	}()
	root, err := d.root()
	if err != nil {
		return d, &ConfigError{err}
	}
	factory, err := d.factory()
	if err != nil {
		return d, &ConfigError{err}
	}
	o := ota.Options{
		Dir: cfg.Device.State, Device: cfg.Device.ID, Repository: cfg.Updates.Repository, Root: root, Factory: factory,
		Trial: &trial.Child{Command: opt.Trial}, Host: d, Supports: d.supports, Kinglet: opt.Version,
		Timing: opt.Timing, Logger: d.log, OnEvent: d.onUpdate,
	}
	o.Timing.TrialTimeout = time.Duration(cfg.Updates.Trial)
	if cfg.MQTT.Broker != "" {
		if d.client, err = d.connect(); err != nil {
			return d, &ConfigError{err}
		}
		if root != nil {
			o.Transport = d.client
		}
	}
	if d.updater, err = ota.Open(o); err != nil {
		return d, err
	}
	if err = d.updater.Boot(); err != nil {
		return d, err
	}
	if err = errors.Join(d.openServed(), d.openPipelines()); err != nil {
		return d, &ConfigError{err}
	}
	if cfg.Device.Socket != "" {
		if d.listener, err = server.Listen(cfg.Device.Socket); err != nil {
			return d, err
		}
	}
	return d, nil
}

// root returns the trusted root document, or nil when the device takes no updates.
func (d *Daemon) root() ([]byte, error) {
	if d.opt.Root != nil || d.cfg.Updates.Root == "" {
		return d.opt.Root, nil
	}
	b, err := os.ReadFile(d.cfg.Updates.Root)
	if err != nil {
		return nil, fmt.Errorf("updates.root: %w", err)
	}
	return b, nil
}

func (d *Daemon) connect() (*mqtt.Client, error) {
	topic := ota.DeviceTopic(d.cfg.Device.ID, "status")
	return mqtt.Open(mqtt.Options{
		Broker:   d.cfg.MQTT.Broker,
		ClientID: "kinglet-" + d.cfg.Device.ID,
		Will:     &mqtt.Message{Topic: topic, Payload: []byte(`{"schema":1,"online":false}`), Retained: true},
		Birth:    &mqtt.Message{Topic: topic, Payload: []byte(`{"schema":1,"online":true}`), Retained: true},
		Logger:   d.log,
	})
}

// onUpdate keeps the last metadata that was refused before it could name a model, until
// an update goes its way again, and passes the event on.
func (d *Daemon) onUpdate(e ota.Event) {
	if e.Model != "" {
		d.untrusted.Store(nil)
	} else if e.Refusal != nil {
		d.untrusted.Store(&Untrusted{Time: e.Time, Document: e.Document, Code: e.Refusal.Code, Reason: e.Refusal.Reason})
	}
	if d.opt.OnUpdate != nil {
		d.opt.OnUpdate(e)
	}
}

// supports tells whether this binary runs an operator, by the name in a model file.
func (d *Daemon) supports(op string) bool {
	_, custom := d.opt.Session.Custom[op]
	return custom || infer.Supports(op)
}

func (d *Daemon) openPipelines() error {
	for _, name := range slices.Sorted(maps.Keys(d.cfg.Pipelines)) {
		p := d.cfg.Pipelines[name]
		src, err := d.source(p.Source)
		if err != nil {
			return fmt.Errorf("sources.%s: %w", p.Source, err)
		}
		prep, err := prepare(src.Info())
		if err != nil {
			return fmt.Errorf("pipelines.%s: %w", name, err)
		}
		window := prep.Config().Window
		m, err := d.updater.Active(p.Model)
		if err != nil {
			return fmt.Errorf("models.%s: %w", p.Model, err)
		}
		model, err := d.bind(m)
		if err != nil {
			return fmt.Errorf("models.%s: %w", p.Model, err)
		}
		hop := p.Hop
		if hop == 0 {
			hop = window
		}
		out := []pipeline.Sink{sinks.Log{Logger: d.log, Pipeline: name}, sinks.NewHealth(p.Model, d.updater.Report)}
		if d.client != nil {
			out = append(out, sinks.MQTT{Client: d.client, Device: d.cfg.Device.ID, Logger: d.log})
		}
		pipe, err := pipeline.New(pipeline.Config{
			Name: name, Window: window, Hop: hop,
			Rule: pipeline.Rule{On: p.Event.On, Off: p.Event.Off, Hold: p.Event.Hold, Quiet: p.Event.Quiet},
		}, src, prep, model, d.log, append(out, d.opt.Sinks...)...)
		if err != nil {
			return err
		}
		d.pipelines = append(d.pipelines, &running{pipe, name, p.Source, p.Model, src})
	}
	return nil
}

// prepare returns what makes a source's samples into features.
func prepare(info hal.Info) (*dsp.Spectrum, error) {
	c := dsp.Motor()
	if info.Rate != c.Rate || len(info.Channels) != c.Channels {
		return nil, fmt.Errorf("source %s gives %d channels at %v Hz, want %d at %v Hz", info.Name, len(info.Channels), info.Rate, c.Channels, c.Rate)
	}
	return dsp.NewSpectrum(c)
}

// Run runs everything until ctx is done, then stops in order. It returns nil after a
// stop that was asked for.
func (d *Daemon) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	jobs := []func(context.Context) error{d.updater.Run, d.healthy}
	for _, p := range d.pipelines {
		jobs = append(jobs, p.Run)
	}
	if d.listener != nil {
		jobs = append(jobs, d.serve)
	}
	errs := make(chan error, len(jobs))
	for _, job := range jobs {
		go func() {
			err := job(ctx)
			if err != nil && ctx.Err() == nil {
				cancel() // what fails by itself stops all
			}
			if errors.Is(err, context.Canceled) {
				err = nil
			}
			errs <- err
		}()
	}
	var all error
	for range jobs {
		all = errors.Join(all, <-errs)
	}
	return all
}

// healthy tells the updater when this start has lived long enough.
func (d *Daemon) healthy(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(time.Duration(d.cfg.Updates.Healthy)):
	}
	if err := d.updater.Healthy(); err != nil {
		d.log.Error("this start could not be marked healthy", "error", err)
	}
	return nil
}

// Updater returns what looks after the models.
func (d *Daemon) Updater() *ota.Updater { return d.updater }

// Close gives back what Open took. Call it after Run has returned.
func (d *Daemon) Close() error {
	var errs []error
	if d.listener != nil {
		_ = d.listener.Close() // Serve may have closed it
	}
	for _, p := range d.pipelines {
		errs = append(errs, p.src.Close())
	}
	if d.updater != nil {
		errs = append(errs, d.updater.Close())
	}
	if d.client != nil {
		errs = append(errs, d.client.Close())
	}
	return errors.Join(errs...)
}
