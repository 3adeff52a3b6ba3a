package daemon

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"kinglet/agent/internal/pipeline"
	"kinglet/models/builtin"
	"kinglet/models/tflite"
	"kinglet/ota"
	"kinglet/runtime/infer"
)

// builtinPrefix marks a model file that is part of this binary.
const builtinPrefix = "builtin:"

// factory returns the models of the configuration: what a device always has.
func (d *Daemon) factory() ([]ota.Factory, error) {
	var out []ota.Factory
	for _, name := range slices.Sorted(maps.Keys(d.cfg.Models)) {
		m := d.cfg.Models[name]
		f := ota.Factory{
			Name: name, Version: 1,
			Probation: &ota.Probation{Time: duration(m.Probation.Time), Runs: m.Probation.Runs},
			Rules: &ota.Rules{
				MinRuns: m.Rules.MinRuns, EventRate: m.Rules.EventRate, NaNRate: m.Rules.NaNRate,
				ErrorRate: m.Rules.ErrorRate, Latency: duration(m.Rules.Latency), MaxBoots: m.Rules.MaxBoots,
			},
		}
		if inside, ok := strings.CutPrefix(m.File, builtinPrefix); ok {
			b, ok := builtin.Find(inside)
			if !ok {
				return nil, fmt.Errorf("models.%s.file: no builtin model %q", name, inside)
			}
			f.Bytes = b.Data
			if len(m.Labels) == 0 {
				m.Labels = b.Labels
				d.cfg.Models[name] = m
			}
		} else {
			data, err := os.ReadFile(m.File)
			if err != nil {
				return nil, fmt.Errorf("models.%s.file: %w", name, err)
			}
			f.Bytes = data
		}
		out = append(out, f)
	}
	return out, nil
}

// bind opens a session of its own on a model.
func (d *Daemon) bind(m ota.Model) (*pipeline.Model, error) {
	g, err := tflite.Parse(m.Bytes)
	if err != nil {
		return nil, fmt.Errorf("version %d: %w", m.Version, err)
	}
	s, err := infer.Open(g, d.opt.Session)
	if err != nil {
		return nil, fmt.Errorf("version %d: %w", m.Version, err)
	}
	return &pipeline.Model{Name: m.Name, Version: int(m.Version), Session: s, Labels: d.cfg.Models[m.Name].Labels}, nil
}

// Activate implements ota.Host: every pipeline that runs the model, and the socket, go over to m.
func (d *Daemon) Activate(_ context.Context, m ota.Model) error {
	for _, p := range d.pipelines {
		if p.model != m.Name {
			continue
		}
		b, err := d.bind(m)
		if err != nil {
			return err
		}
		if err := p.Use(b); err != nil {
			return err
		}
	}
	return d.serveModel(m)
}
