// Package sinks has what results and events go to.
package sinks

import (
	"log/slog"

	"kinglet/agent/internal/pipeline"
)

// Log writes events, and results at debug level, to a log.
type Log struct {
	Logger   *slog.Logger
	Pipeline string
}

// Result logs an answer.
func (l Log) Result(r *pipeline.Result) {
	l.Logger.Debug("result", "pipeline", r.Pipeline, "label", r.Label, "score", r.Score, "model_version", r.Version)
}

// Event logs an event.
func (l Log) Event(e *pipeline.Event) {
	l.Logger.Info("event", "pipeline", e.Pipeline, "label", e.Label, "active", e.Active, "score", e.Score, "model_version", e.Version)
}

// Failed logs that a model could not answer.
func (l Log) Failed(version int, err error) {
	l.Logger.Error("model failed", "pipeline", l.Pipeline, "model_version", version, "error", err)
}
