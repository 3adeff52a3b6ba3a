package daemon

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"

	"kinglet/agent/internal/pipeline"
	"kinglet/agent/internal/server"
	"kinglet/models/graph"
	"kinglet/models/npz"
	"kinglet/ota"
	"kinglet/runtime/infer"
)

// served is a model as callers on the socket run it: a session of its own, beside the
// pipelines', one caller at a time.
type served struct {
	mu    sync.Mutex
	model *pipeline.Model
}

// datatypes are the protocol's names of element types.
var datatypes = map[graph.Type]string{
	graph.Bool: "BOOL", graph.UInt8: "UINT8", graph.Int8: "INT8", graph.UInt16: "UINT16", graph.Int16: "INT16",
	graph.UInt32: "UINT32", graph.Int32: "INT32", graph.UInt64: "UINT64", graph.Int64: "INT64",
	graph.Float32: "FP32", graph.Float64: "FP64",
}

// openServed binds every model of the configuration for the socket.
func (d *Daemon) openServed() error {
	d.served = map[string]*served{}
	for _, name := range slices.Sorted(maps.Keys(d.cfg.Models)) {
		m, err := d.updater.Active(name)
		if err != nil {
			return fmt.Errorf("models.%s: %w", name, err)
		}
		b, err := d.bind(m)
		if err != nil {
			return fmt.Errorf("models.%s: %w", name, err)
		}
		d.served[name] = &served{model: b}
	}
	return nil
}

// serveModel makes m what callers run from their next call on.
func (d *Daemon) serveModel(m ota.Model) error {
	s, ok := d.served[m.Name]
	if !ok {
		return nil
	}
	b, err := d.bind(m)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.model = b
	return nil
}

// Ready implements server.Models.
func (f face) Ready() bool { return true } // Open has bound every model

// Metadata implements server.Models.
func (f face) Metadata(model string) (version string, in, out []server.Tensor, err error) {
	if err := f.known(model); err != nil {
		return "", nil, nil, err
	}
	s := f.d.served[model]
	s.mu.Lock()
	defer s.mu.Unlock()
	return strconv.Itoa(s.model.Version), describe(s.model.Session.Inputs()), describe(s.model.Session.Outputs()), nil
}

func describe(list []infer.Tensor) []server.Tensor {
	var out []server.Tensor
	for _, t := range list {
		out = append(out, server.Tensor{Name: t.Name, Datatype: datatypes[t.Type], Shape: slices.Clone(t.Shape)})
	}
	return out
}

// Infer implements server.Models. The model's state, if it has any, is reset before.
func (f face) Infer(ctx context.Context, model string, inputs []server.Tensor) (string, []server.Tensor, error) {
	if err := f.known(model); err != nil {
		return "", nil, err
	}
	s := f.d.served[model]
	s.mu.Lock()
	defer s.mu.Unlock()
	session := s.model.Session
	arrays, err := arrange(session.Inputs(), inputs)
	if err != nil {
		return "", nil, err
	}
	if err := session.Feed(arrays); err != nil {
		return "", nil, fmt.Errorf("%w: %w", server.ErrInput, err)
	}
	session.Reset()
	if err := session.Run(ctx); err != nil {
		return "", nil, err
	}
	out := describe(session.Outputs())
	for i, r := range session.Results() {
		out[i].Data = r.Data
	}
	return strconv.Itoa(s.model.Version), out, nil
}

// arrange puts a request's inputs into the model's order.
func arrange(want []infer.Tensor, have []server.Tensor) ([]npz.Array, error) {
	if len(have) != len(want) {
		return nil, fmt.Errorf("%w: %d inputs, want %d", server.ErrInput, len(have), len(want))
	}
	arrays := make([]npz.Array, len(want))
	for i, t := range want {
		j := slices.IndexFunc(have, func(h server.Tensor) bool { return h.Name == t.Name })
		if j < 0 {
			return nil, fmt.Errorf("%w: no input %q", server.ErrInput, t.Name)
		}
		if have[j].Datatype != datatypes[t.Type] {
			return nil, fmt.Errorf("%w: input %q: datatype %s, want %s", server.ErrInput, t.Name, have[j].Datatype, datatypes[t.Type])
		}
		arrays[i] = npz.Array{Type: t.Type, Shape: have[j].Shape, Data: have[j].Data}
	}
	return arrays, nil
}
