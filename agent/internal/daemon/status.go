package daemon

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"kinglet/agent/internal/server"
	"kinglet/ota"
)

// Status is what /v1/status answers.
type Status struct {
	Device    string           `json:"device"`
	Version   string           `json:"version"`
	Uptime    float64          `json:"uptime_s"`
	Broker    string           `json:"broker,omitempty"`
	Connected bool             `json:"connected"`
	Pipelines []PipelineStatus `json:"pipelines"`
	Models    []ModelStatus    `json:"models"`
	Untrusted *Untrusted       `json:"untrusted,omitempty"` // why updates do not arrive
}

// Untrusted is metadata on the broker that was refused before it named a model.
type Untrusted struct {
	Time     time.Time `json:"time"`
	Document string    `json:"document"`
	Code     ota.Code  `json:"code"`
	Reason   string    `json:"reason"`
}

// PipelineStatus is where a pipeline stands.
type PipelineStatus struct {
	Name       string    `json:"name"`
	Source     string    `json:"source"`
	Model      string    `json:"model"`
	Version    int       `json:"model_version"`
	Alive      time.Time `json:"alive"`
	Readings   uint64    `json:"readings"`
	Dropped    uint64    `json:"dropped"`
	Gaps       uint64    `json:"gaps"`
	Inferences uint64    `json:"inferences"`
	Events     uint64    `json:"events"`
	Errors     uint64    `json:"errors"`
}

// ModelStatus is where a model stands.
type ModelStatus struct {
	Name     string    `json:"name"`
	Active   int64     `json:"active"`
	Digest   string    `json:"digest"`
	Previous int64     `json:"previous"`
	Phase    ota.Phase `json:"phase"`
	About    int64     `json:"phase_version"`
	Code     ota.Code  `json:"code,omitempty"`
	Reason   string    `json:"reason,omitempty"`
}

// Status tells how the device does.
func (d *Daemon) Status() Status {
	s := Status{Device: d.cfg.Device.ID, Version: d.opt.Version, Uptime: time.Since(d.start).Seconds(), Broker: d.cfg.MQTT.Broker, Untrusted: d.untrusted.Load()}
	s.Connected = d.client != nil && d.client.Connected()
	for _, p := range d.pipelines {
		c := p.Counters()
		s.Pipelines = append(s.Pipelines, PipelineStatus{
			Name: p.name, Source: p.source, Model: p.model, Version: p.Model().Version, Alive: p.Alive(),
			Readings: c.Readings, Dropped: c.Dropped, Gaps: c.Gaps, Inferences: c.Inferences, Events: c.Events, Errors: c.Errors,
		})
	}
	for _, m := range d.updater.Status() {
		ms := ModelStatus{Name: m.Model, Active: m.Active.Version, Digest: m.Active.Digest, Previous: m.Previous.Version, Phase: m.Phase, About: m.Version}
		if m.Refusal != nil {
			ms.Code, ms.Reason = m.Refusal.Code, m.Refusal.Reason
		}
		s.Models = append(s.Models, ms)
	}
	return s
}

// HistoryEntry is one line of a model's history.
type HistoryEntry struct {
	Seq     uint64    `json:"seq"`
	Time    time.Time `json:"time"`
	Version int64     `json:"version"`
	Digest  string    `json:"digest"`
	Phase   ota.Phase `json:"phase"`
	Code    ota.Code  `json:"code,omitempty"`
	Reason  string    `json:"reason,omitempty"`
}

// face is the daemon as the socket sees it.
type face struct{ d *Daemon }

func (f face) Status() any { return f.d.Status() }

func (f face) known(model string) error {
	if _, ok := f.d.cfg.Models[model]; !ok {
		return fmt.Errorf("model %q: %w, there are %q", model, server.ErrNotFound, slices.Sorted(maps.Keys(f.d.cfg.Models)))
	}
	return nil
}

func (f face) History(model string) (any, error) {
	if err := f.known(model); err != nil {
		return nil, err
	}
	entries, err := f.d.updater.History(model)
	if err != nil {
		return nil, err
	}
	out := []HistoryEntry{}
	for _, e := range entries {
		out = append(out, HistoryEntry{e.Seq, e.Time, e.Version, e.Digest, e.Phase, e.Code, e.Reason})
	}
	return out, nil
}

func (f face) Rollback(ctx context.Context, model string) error {
	if err := f.known(model); err != nil {
		return err
	}
	return f.d.updater.Rollback(ctx, model)
}

func (d *Daemon) serve(ctx context.Context) error {
	return server.Serve(ctx, d.listener, face{d})
}
