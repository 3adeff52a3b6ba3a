package ota

import "time"

// Health is what the host saw a model do since its last report. All counts are
// differences, not totals.
type Health struct {
	Model   string
	Version int64 // the version that ran; a report about another than the active one is ignored
	Runs    int64
	Events  int64         // runs during which an event condition (an alarm) held
	NaN     int64         // runs with a NaN or infinity among their outputs
	Errors  int64         // runs that failed
	Latency time.Duration // mean time of one run over Runs
}

// Rules are the thresholds that break a probation. A zero threshold is no rule.
// Rates are per run, judged over windows of at least MinRuns runs.
type Rules struct {
	MinRuns    int64         // runs in a window before it is judged; 0: 20
	EventRate  float64       // highest share of runs with an event, 0 to 1
	NaNRate    float64       // highest share of runs with a NaN
	ErrorRate  float64       // highest share of failed runs
	Latency    time.Duration // highest mean time of a run in a window
	MaxBoots   int           // starts in probation that did not live until Healthy; 0: 3
	TrialStart int           // trials begun and never ended (the device died) before refusal; 0: 3
}

// Probation ends when both have passed and Rules.MinRuns runs were seen. Time counts only while the host reports, and no gap between
// reports counts for more than a minute, so a jumping clock cannot shorten it.
type Probation struct {
	Time time.Duration
	Runs int64
}
