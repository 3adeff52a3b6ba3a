package ota

import (
	"context"
	"log/slog"
	"time"
)

// Trial proves a candidate before it may be promoted: known answers, time, memory.
// Try may take minutes and should run the candidate in a child process. It returns nil
// when the candidate passed, a *Refusal (CodeTrialAnswers, CodeTrialTime, CodeTrialMemory,
// CodeTrialCrash) when not; any other error becomes CodeTrialError. When ctx ends, Try
// returns soon; if that was because the daemon stops, the trial is repeated at the next start.
type Trial interface {
	Try(ctx context.Context, c Candidate) error
}

// Shadow is the phase between trial and promotion: the candidate runs on live data
// beside the present model. A nil Options.Shadow skips the phase.
type Shadow interface {
	Shadow(ctx context.Context, c Candidate) error
}

// Host runs models. Activate makes m the one that runs from now on, after a promotion
// or a rollback; the store already says so. It is called by one goroutine at a time and
// must not call Updater.Rollback. An error takes a promotion back.
type Host interface {
	Activate(ctx context.Context, m Model) error
}

// Options say how an Updater works. Dir, Factory, Root and Trial are needed; the zero
// value of everything else is usable.
type Options struct {
	Dir        string // state directory; holds models.db and trust.db; made with mode 0700
	Device     string // this device's id, as ValidName allows
	Repository string // the repository's name in topics; "": "main"
	Root       []byte // the root document this device was given (any version of its chain)
	Factory    []Factory
	Transport  Transport // nil: no updates, only rollback, health and history
	Trial      Trial
	Shadow     Shadow
	Host       Host // nil: nothing is activated; for tools

	Supports func(operator string) bool // nil: every operator
	Kinglet  string                     // this binary's version; "" or unparsable: not compared

	Limits    Limits
	Probation Probation
	Rules     Rules
	Timing    Timing

	Clock   func() time.Time // wall clock; nil: the system's
	Logger  *slog.Logger     // nil: silent
	OnEvent func(Event)      // called in order by the Updater's goroutines; must not block

	point func(name string) // tests stop the process at named instants
}

// Limits bound what a device takes. They are checked before anything is fetched.
type Limits struct {
	ModelBytes    int64         // 0: 64 MiB
	AnswerBytes   int64         // 0: 4 MiB
	MemoryBytes   int64         // highest memory budget granted to a model; 0: any
	RunTime       time.Duration // highest time budget granted to a model; 0: any
	DocumentBytes int64         // one TUF document; 0: 128 KiB
	RootChain     int           // new roots taken in one update; 0: 32
	StoreBytes    int64         // size of models.db; 0: 384 MiB
}

// Timing is how long an Updater waits and how often it tries.
type Timing struct {
	Silence      time.Duration // without an answer a retained topic is absent; 0: 2s
	Attempts     int           // fetches of one document or chunk; 0: 4
	Backoff      time.Duration // first pause between them, doubling; 0: 500ms
	RetryAfter   time.Duration // first pause before a temporary refusal is tried again, doubling to RetryMax; 0: 5m
	RetryMax     time.Duration // 0: 6h
	Parallel     int           // chunks in flight; 0: 4
	TrialTimeout time.Duration // 0: 2m
	StatusEvery  float64       // publish progress in steps of this share; 0: 0.1
}

func (o Options) defaults() Options {
	if o.Repository == "" {
		o.Repository = "main"
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Supports == nil {
		o.Supports = func(string) bool { return true }
	}
	if o.OnEvent == nil {
		o.OnEvent = func(Event) {}
	}
	if o.point == nil {
		o.point = func(string) {}
	}
	orElse(&o.Limits.ModelBytes, 64<<20)
	orElse(&o.Limits.AnswerBytes, 4<<20)
	orElse(&o.Limits.DocumentBytes, 128<<10)
	orElse(&o.Limits.RootChain, 32)
	orElse(&o.Limits.StoreBytes, 256<<20)
	orElse(&o.Timing.Silence, 2*time.Second)
	orElse(&o.Timing.Attempts, 4)
	orElse(&o.Timing.Backoff, 500*time.Millisecond)
	orElse(&o.Timing.RetryAfter, 5*time.Minute)
	orElse(&o.Timing.RetryMax, 6*time.Hour)
	orElse(&o.Timing.Parallel, 4)
	orElse(&o.Timing.TrialTimeout, 2*time.Minute)
	orElse(&o.Timing.StatusEvery, 0.1)
	o.Rules = o.Rules.defaults()
	return o
}

func (r Rules) defaults() Rules {
	orElse(&r.MinRuns, 20)
	orElse(&r.MaxBoots, 3)
	orElse(&r.TrialStart, 3)
	return r
}

// orElse gives a field that is zero its default.
func orElse[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
