package ota

import (
	"encoding/json"
	"fmt"
	"time"
)

// StatusSchema is the version of StatusMessage.
const StatusSchema = 1

// StatusMessage is the retained payload of ModelTopic.
type StatusMessage struct {
	Schema   int       `json:"schema"`
	Seq      uint64    `json:"seq"`
	Time     time.Time `json:"time"`
	Model    string    `json:"model"`
	Active   int64     `json:"active"`
	Digest   string    `json:"digest"` // of the active version
	Phase    Phase     `json:"phase"`
	Version  int64     `json:"version"` // the version Phase is about
	Progress float64   `json:"progress"`
	Code     Code      `json:"code,omitempty"`
	Reason   string    `json:"reason,omitempty"`
}

// maxStatusBytes bounds a status message before it is parsed.
const maxStatusBytes = 16 << 10

// ParseStatus reads a payload of ModelTopic, which may be anything.
func ParseStatus(payload []byte) (StatusMessage, error) {
	var m StatusMessage
	if len(payload) > maxStatusBytes {
		return m, fmt.Errorf("status: %d bytes, at most %d", len(payload), maxStatusBytes)
	}
	if err := json.Unmarshal(payload, &m); err != nil {
		return StatusMessage{}, fmt.Errorf("status: %w", err)
	}
	if m.Schema != StatusSchema {
		return StatusMessage{}, fmt.Errorf("status: schema %d, want %d", m.Schema, StatusSchema)
	}
	if !ValidName(m.Model) {
		return StatusMessage{}, fmt.Errorf("status: model %.80q is no model name", m.Model)
	}
	if m.Active < 0 || m.Version < 0 || !(m.Progress >= 0 && m.Progress <= 1) {
		return StatusMessage{}, fmt.Errorf("status: active %d, version %d, progress %g out of range", m.Active, m.Version, m.Progress)
	}
	return m, nil
}
