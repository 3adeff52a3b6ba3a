package config

import (
	"strings"
	"time"

	"kinglet/models/builtin"
)

// Model is a model's factory slot.
type Model struct {
	File      string // a path, or builtin:NAME
	Labels    []string
	Probation Probation
	Rules     Rules
}

// Probation is how long a promoted model is watched; both must have passed.
type Probation struct {
	Time Duration
	Runs int64
}

// Rules break a probation. A threshold of 0 is no rule.
type Rules struct {
	MinRuns   int64
	EventRate float64 // share of runs during an event
	NaNRate   float64
	ErrorRate float64
	Latency   Duration
	MaxBoots  int
}

func (m *Model) body() body {
	return body{
		keys: []key{
			{name: "file", need: true, doc: "the factory model: a path, or builtin:NAME for one of the binary's own", value: &textual{
				at: &m.File, want: "a path or builtin:NAME", pattern: ".", check: checkBuiltin,
			}},
			{name: "labels", doc: "what each output of the model is called; a builtin model brings its own", value: &texts{
				at: &m.Labels, want: "a list of labels such as [off, normal]",
			}},
			{name: "probation", doc: "how long a promoted model is watched: until both have passed", value: section{m.Probation.body()}},
			{name: "rules", doc: "what breaks a probation; a threshold of 0 is no rule", value: section{m.Rules.body()}},
		},
		check: m.check,
	}
}

func (p *Probation) body() body {
	return body{keys: []key{
		{name: "time", doc: "the time that must pass", value: &duration{at: &p.Time, def: 10 * time.Minute, max: year}},
		{name: "runs", doc: "the runs of the model that must pass", value: &whole[int64]{at: &p.Runs, def: 100, max: 1e9}},
	}}
}

const year = 8760 * time.Hour

func (r *Rules) body() body {
	return body{keys: []key{
		{name: "min_runs", doc: "runs in a window before it is judged", value: &whole[int64]{at: &r.MinRuns, def: 20, min: 1, max: 1e9}},
		{name: "event_rate", doc: "the highest share of runs during an event", value: share(&r.EventRate, 0)},
		{name: "nan_rate", doc: "the highest share of runs with a NaN or infinity", value: share(&r.NaNRate, 0)},
		{name: "error_rate", doc: "the highest share of failed runs", value: share(&r.ErrorRate, 0)},
		{name: "latency", doc: "the highest mean time of a run", value: &duration{at: &r.Latency, max: time.Hour}},
		{name: "max_boots", doc: "starts that did not live until updates.healthy", value: &whole[int]{at: &r.MaxBoots, def: 3, min: 1, max: 1000}},
	}}
}

// builtinPrefix marks a model file that is part of the binary.
const builtinPrefix = "builtin:"

func checkBuiltin(r *reader, path string, n *node) bool {
	name, ok := strings.CutPrefix(n.text, builtinPrefix)
	if !ok {
		return true
	}
	var all []string
	for _, m := range builtin.Models() {
		if len(all) == 0 || all[len(all)-1] != builtinPrefix+m.Name {
			all = append(all, builtinPrefix+m.Name)
		}
	}
	if _, ok = builtin.Find(name); !ok {
		r.fail(n.at, path, didYouMean(closest(n.text, all)), "found %s, want a path or %s", n.describe(), either(all))
	}
	return ok
}

// check gives a builtin model its labels, or sees that it is given as many as it has outputs.
func (m *Model) check(r *reader, path string) {
	b, ok := builtin.Find(strings.TrimPrefix(m.File, builtinPrefix))
	if !ok || !strings.HasPrefix(m.File, builtinPrefix) {
		return
	}
	if len(m.Labels) == 0 {
		m.Labels = b.Labels
	}
	if len(m.Labels) != len(b.Labels) {
		at := join(path, "labels")
		r.fail(r.place(at), at, "", "found %s, want %d: %s has so many outputs", plural(len(m.Labels), "label"), len(b.Labels), m.File)
	}
}
