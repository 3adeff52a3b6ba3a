// Package pipeline is the loop from samples to decisions: a source is read in a goroutine
// of its own into a bounded queue, samples gather into windows, a window is prepared and
// run through the present model, the answer is interpreted, and what lasts becomes an
// event for the sinks.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"sync/atomic"
	"time"

	"kinglet/hal"
	"kinglet/models/graph"
	"kinglet/runtime/infer"
)

// Preparer turns a window of samples into what a model takes.
type Preparer interface {
	// Shape is that of one feature array, without the batch.
	Shape() []int
	// Features writes the features of window ([frames][channels]) into dst. Neither is kept.
	Features(dst, window []float32)
}

// Model is a classifier bound to this pipeline. Its session belongs to the pipeline's loop.
type Model struct {
	Name    string
	Version int
	Session *infer.Session
	Labels  []string // one a class, in the order of the output
}

// Result is the answer for one window. Scores and Features are valid until the sink returns.
type Result struct {
	Pipeline string
	Seq      uint64 // counts results from 1
	Time     time.Time
	Label    string
	Score    float32
	Scores   []float32
	Labels   []string
	Version  int           // of the model that answered
	Latency  time.Duration // of preparing and running
	Features []float32     // what the model saw; valid until the sink returns
	Finite   bool          // no score is NaN or infinite
}

// Sink receives what a pipeline finds out, in order, from the pipeline's goroutine. It
// must return soon: what is slow queues for itself.
type Sink interface {
	Result(r *Result)
	Event(e *Event)
	Failed(version int, err error) // the model could not answer a window
}

// Config says what a pipeline does.
type Config struct {
	Name   string
	Window int // frames a window
	Hop    int // frames from one window's start to the next; at most Window
	Queue  int // readings that may wait; more are dropped and counted
	Rule   Rule
}

// Counters are a pipeline's figures since it started.
type Counters struct {
	Readings, Dropped, Gaps, Inferences, Events, Errors uint64
}

// Pipeline runs one source through one model.
type Pipeline struct {
	cfg   Config
	src   hal.Source
	prep  Preparer
	sinks []Sink
	log   *slog.Logger

	model atomic.Pointer[Model]

	readings, dropped, gaps, inferences, events, errs atomic.Uint64
	alive                                             atomic.Int64 // unix nanoseconds of the loop's last sign of life
}

// New returns a pipeline that Run starts. model may be replaced at any time by Use.
func New(cfg Config, src hal.Source, prep Preparer, model *Model, log *slog.Logger, sinks ...Sink) (*Pipeline, error) {
	if cfg.Window < 1 || cfg.Hop < 1 || cfg.Hop > cfg.Window {
		return nil, fmt.Errorf("pipeline %s: window %d, hop %d: want 1 <= hop <= window", cfg.Name, cfg.Window, cfg.Hop)
	}
	if cfg.Queue < 1 {
		cfg.Queue = 16
	}
	p := &Pipeline{cfg: cfg, src: src, prep: prep, sinks: sinks, log: log}
	if err := p.Use(model); err != nil {
		return nil, err
	}
	return p, nil
}

// Use makes m the model of every window from the next on. It refuses a model that does
// not fit the pipeline and keeps the present one. It is safe from any goroutine.
func (p *Pipeline) Use(m *Model) error {
	if err := fits(m, p.prep.Shape()); err != nil {
		return fmt.Errorf("pipeline %s: model %s version %d: %w", p.cfg.Name, m.Name, m.Version, err)
	}
	p.model.Store(m)
	return nil
}

// fits checks that a model takes the features and answers one score a label.
func fits(m *Model, shape []int) error {
	in, out := m.Session.Inputs(), m.Session.Outputs()
	if len(in) != 1 || len(out) != 1 {
		return fmt.Errorf("%d inputs and %d outputs, want one of each", len(in), len(out))
	}
	want := 1
	for _, d := range shape {
		want *= d
	}
	if got := elements(in[0].Shape); got != want {
		return fmt.Errorf("input %v has %d values, features %v have %d", in[0].Shape, got, shape, want)
	}
	if got := elements(out[0].Shape); got != len(m.Labels) {
		return fmt.Errorf("output %v has %d values, there are %d labels", out[0].Shape, got, len(m.Labels))
	}
	for _, t := range []infer.Tensor{in[0], out[0]} {
		switch t.Type {
		case graph.Float32:
		case graph.Int8, graph.UInt8:
			if !t.Quant.PerTensor() {
				return fmt.Errorf("%q: %v without one scale", t.Name, t.Type)
			}
		default:
			return fmt.Errorf("%q: type %v, want int8, uint8 or float32", t.Name, t.Type)
		}
	}
	return nil
}

func elements(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// Model returns the present model.
func (p *Pipeline) Model() *Model { return p.model.Load() }

// Counters returns the figures so far.
func (p *Pipeline) Counters() Counters {
	return Counters{
		Readings: p.readings.Load(), Dropped: p.dropped.Load(), Gaps: p.gaps.Load(),
		Inferences: p.inferences.Load(), Events: p.events.Load(), Errors: p.errs.Load(),
	}
}

// Alive returns when the loop last showed that it turns; an idle source counts.
func (p *Pipeline) Alive() time.Time { return time.Unix(0, p.alive.Load()) }

// Run reads, infers and decides until ctx is done or the source ends. It returns nil in
// both cases.
func (p *Pipeline) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	queue := make(chan *hal.Reading, p.cfg.Queue)
	free := make(chan *hal.Reading, p.cfg.Queue)
	for range cap(free) {
		free <- new(hal.Reading)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.read(ctx, queue, free)
	}()
	p.work(ctx, queue, free)
	cancel()
	<-ended
	return nil
}

// retryFirst and retryMost bound the wait before a failed source is read again.
const (
	retryFirst = 100 * time.Millisecond
	retryMost  = 30 * time.Second
)

// read moves readings into the queue; a source that fails is asked again, less and less often.
func (p *Pipeline) read(ctx context.Context, queue chan<- *hal.Reading, free chan *hal.Reading) {
	defer close(queue)
	spare := new(hal.Reading)
	wait := retryFirst
	for ctx.Err() == nil {
		r := spare
		fromFree := false
		select {
		case r = <-free:
			fromFree = true
		default: // all wait in the queue: read on, and drop
		}
		err := p.src.Read(ctx, r)
		if errors.Is(err, io.EOF) || ctx.Err() != nil {
			return
		}
		if err != nil {
			p.errs.Add(1)
			p.log.Warn("source failed, trying again", "pipeline", p.cfg.Name, "source", p.src.Info().Name, "in", wait, "error", err)
			if fromFree {
				free <- r
			}
			select {
			case <-ctx.Done():
			case <-time.After(wait):
			}
			wait = min(2*wait, retryMost)
			continue
		}
		wait = retryFirst
		p.readings.Add(1)
		if !fromFree {
			p.dropped.Add(1)
			continue
		}
		queue <- r // never full: there are as many buffers as places
	}
}

// work turns readings into results until the queue closes.
func (p *Pipeline) work(ctx context.Context, queue <-chan *hal.Reading, free chan<- *hal.Reading) {
	channels := len(p.src.Info().Channels)
	w := newWindower(p.cfg.Window, p.cfg.Hop, channels)
	d := newDetector(p.cfg.Rule)
	features := make([]float32, elements(p.prep.Shape()))
	res := Result{Pipeline: p.cfg.Name, Features: features}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		p.alive.Store(time.Now().UnixNano())
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case r, ok := <-queue:
			if !ok {
				return
			}
			if w.gap(r) {
				p.gaps.Add(1)
			}
			for w.add() {
				p.infer(ctx, w, d, features, &res)
			}
			free <- r
		}
	}
}

// infer answers one window and tells the sinks.
func (p *Pipeline) infer(ctx context.Context, w *windower, d *detector, features []float32, res *Result) {
	m := p.model.Load()
	start := time.Now()
	p.prep.Features(features, w.window())
	quantize(m.Session.Inputs()[0], features)
	if err := m.Session.Run(ctx); err != nil {
		if ctx.Err() == nil {
			p.errs.Add(1)
			for _, s := range p.sinks {
				s.Failed(m.Version, err)
			}
		}
		return
	}
	if cap(res.Scores) < len(m.Labels) {
		res.Scores = make([]float32, len(m.Labels))
	}
	res.Scores = res.Scores[:len(m.Labels)]
	dequantize(res.Scores, m.Session.Outputs()[0])
	res.Latency = time.Since(start)
	res.Seq++
	res.Time, res.Version, res.Labels = w.time(), m.Version, m.Labels
	best := 0
	res.Finite = true
	for i, s := range res.Scores {
		if s > res.Scores[best] {
			best = i
		}
		if s != s || math.IsInf(float64(s), 0) {
			res.Finite = false
		}
	}
	res.Label, res.Score = m.Labels[best], res.Scores[best]
	p.inferences.Add(1)
	for _, s := range p.sinks {
		s.Result(res)
	}
	if !res.Finite {
		return
	}
	if e, ok := d.step(res); ok {
		p.events.Add(1)
		for _, s := range p.sinks {
			s.Event(&e)
		}
	}
}
