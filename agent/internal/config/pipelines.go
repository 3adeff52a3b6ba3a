package config

import (
	"fmt"
	"slices"
)

// Pipeline joins a source to a model.
type Pipeline struct {
	Source string
	Model  string
	Hop    int // frames from one window to the next; 0 is a whole window
	Event  Event
}

// Event says when an answer that lasts becomes an event.
type Event struct {
	On    float32
	Off   float32
	Hold  int
	Quiet []string // labels that are no event
}

func (p *Pipeline) body() body {
	return body{keys: []key{
		{name: "source", need: true, doc: "the name of one of the sources", value: &reference{at: &p.Source, to: "sources"}},
		{name: "model", need: true, doc: "the name of one of the models", value: &reference{at: &p.Model, to: "models"}},
		{name: "hop", doc: "frames from one window to the next; 0 is a whole window", value: &whole[int]{at: &p.Hop, max: 1 << 20}},
		{name: "event", doc: "when an answer that lasts becomes an event", value: section{p.Event.body()}},
	}}
}

func (e *Event) body() body {
	return body{
		keys: []key{
			{name: "on", doc: "a label that scores this much in hold windows running starts an event", value: share(&e.On, 0.8)},
			{name: "off", doc: "below this score in hold windows running the event ends", value: share(&e.Off, 0.4)},
			{name: "hold", doc: "windows running that it takes", value: &whole[int]{at: &e.Hold, def: 3, min: 1, max: 1e6}},
			{name: "quiet", doc: "labels that are no event", value: &texts{at: &e.Quiet, want: "a list of labels such as [normal]"}},
		},
		check: e.check,
	}
}

// check sees that an event that has begun can end and begin again.
func (e *Event) check(r *reader, path string) {
	if e.Off <= e.On {
		return
	}
	given := func(key string) string {
		if _, ok := r.places[path+"."+key]; !ok {
			return ", its default"
		}
		return ""
	}
	at := path + ".off"
	if given("off") != "" {
		at = path + ".on"
	}
	r.fail(r.place(at), at, "", "found on %v%s and off %v%s, want off at most on", e.On, given("on"), e.Off, given("off"))
}

// labels warns of quiet labels that the pipeline's model never gives.
func (r *reader) labels(c *Config) {
	for name, p := range c.Pipelines {
		known := c.Models[p.Model].Labels
		for i, label := range p.Event.Quiet {
			if label == "" || len(known) == 0 || slices.Contains(known, "") || slices.Contains(known, label) {
				continue
			}
			at := fmt.Sprintf("pipelines.%s.event.quiet[%d]", clip(name), i)
			r.warn(r.place(at), at, didYouMean(closest(label, known)), "found %s, which is no label of model %s: there is %s", quote(label), p.Model, both(known))
		}
	}
}
