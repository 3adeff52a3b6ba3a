package sinks

import (
	"encoding/json"
	"log/slog"
	"math"
	"time"

	"kinglet/agent/internal/pipeline"
	"kinglet/ota"
	"kinglet/ota/mqtt"
)

// Schema is the version of the payloads of this package.
const Schema = 1

// ResultMessage is the payload of d/<id>/result/<pipeline>.
type ResultMessage struct {
	Schema    int                `json:"schema"`
	Seq       uint64             `json:"seq"`
	Time      time.Time          `json:"time"`
	Label     string             `json:"label"`
	Score     float32            `json:"score"`
	Scores    map[string]float32 `json:"scores"`
	Version   int                `json:"model_version"`
	LatencyUS int64              `json:"latency_us"`
}

// EventMessage is the payload of d/<id>/event/<pipeline>.
type EventMessage struct {
	Schema int `json:"schema"`
	pipeline.Event
}

// MQTT posts results and events to a broker. Posting never waits: the client queues.
type MQTT struct {
	Client *mqtt.Client
	Device string
	Logger *slog.Logger
}

// Result posts an answer. A score that is not finite cannot be written in JSON and is left out.
func (m MQTT) Result(r *pipeline.Result) {
	msg := ResultMessage{
		Schema: Schema, Seq: r.Seq, Time: r.Time, Label: r.Label, Scores: map[string]float32{},
		Version: r.Version, LatencyUS: r.Latency.Microseconds(),
	}
	for i, s := range r.Scores {
		if finite(s) {
			msg.Scores[r.Labels[i]] = s
		}
	}
	if finite(r.Score) {
		msg.Score = r.Score
	}
	m.post("result/"+r.Pipeline, msg)
}

// Event posts an event.
func (m MQTT) Event(e *pipeline.Event) { m.post("event/"+e.Pipeline, EventMessage{Schema, *e}) }

// Failed posts nothing: a model that fails shows in its own status.
func (m MQTT) Failed(int, error) {}

func (m MQTT) post(topic string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		m.Logger.Error("message not written", "topic", topic, "error", err)
		return
	}
	m.Client.Post(mqtt.Message{Topic: ota.DeviceTopic(m.Device, topic), Payload: b})
}

func finite(f float32) bool { return !math.IsNaN(float64(f)) && !math.IsInf(float64(f), 0) }
