package ota

import "time"

// Phase is where a model stands.
type Phase string

// The phases, in the order in which a version goes through them.
const (
	PhaseIdle       Phase = "idle"        // nothing under way
	PhaseChecking   Phase = "checking"    // verifying metadata
	PhaseFetching   Phase = "fetching"    // fetching missing chunks; Progress moves
	PhaseTrial      Phase = "trial"       // known answers, time, memory
	PhaseShadow     Phase = "shadow"      // beside the present model, when Options.Shadow is set
	PhaseProbation  Phase = "probation"   // promoted: it runs, and is watched
	PhaseConfirmed  Phase = "confirmed"   // probation passed
	PhaseRefused    Phase = "refused"     // never promoted; Refusal says why
	PhaseRolledBack Phase = "rolled-back" // promoted and taken back; Refusal says why
)

// Event tells of one step. Model is empty and Version 0 when metadata was refused
// before it could name a model (a broken signature, a stranger's key).
type Event struct {
	Seq      uint64 // increases, also over restarts
	Time     time.Time
	Model    string
	Version  int64  // the version the event is about
	Digest   string // of that version, hexadecimal; may be empty
	Phase    Phase
	Progress float64  // 0 to 1 within PhaseFetching
	Refusal  *Refusal // with PhaseRefused and PhaseRolledBack, else nil
	Active   int64    // the version that runs after this event; 0 when Model is empty
	Document string   // the metadata document refused, for example "timestamp"; else ""
}

// Status is where one model stands now.
type Status struct {
	Model         string
	Active        Model // without Bytes
	Previous      Model // without Bytes; what a rollback would run
	Phase         Phase
	Version       int64 // the version Phase is about
	Progress      float64
	Refusal       *Refusal // the last one of this model, or nil
	ProbationRuns int64
	ProbationTime time.Duration
}

// Entry is one line of a model's history, oldest first.
type Entry struct {
	Seq     uint64
	Time    time.Time
	Model   string
	Version int64
	Digest  string
	Phase   Phase
	Code    Code   // "" when nothing was refused
	Reason  string // the sentence of the refusal
}
