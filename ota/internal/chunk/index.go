package chunk

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Bounds of an index.
const (
	MaxIndexRaw = 512 << 10
	MaxChunks   = 4096
	IndexSchema = 1
)

// Index lists the chunks of a target: its model and its trial answers. It travels as a
// chunk itself, whose Ref stands in the signed metadata.
type Index struct {
	Schema  int   `json:"schema"`
	Model   []Ref `json:"model"`
	Answers []Ref `json:"answers"`
}

// Encode is the raw form of an index.
func (x Index) Encode() ([]byte, error) {
	b, err := json.Marshal(x)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	if len(b) > MaxIndexRaw || len(x.Model)+len(x.Answers) > MaxChunks {
		return nil, fmt.Errorf("index: %d chunks, at most %d", len(x.Model)+len(x.Answers), MaxChunks)
	}
	return b, nil
}

// ParseIndex reads the raw form and checks that the chunks add up to the two lengths.
func ParseIndex(raw []byte, model, answers int64) (Index, error) {
	var x Index
	if len(raw) > MaxIndexRaw {
		return x, fmt.Errorf("index: %d bytes, at most %d", len(raw), MaxIndexRaw)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(&x); err != nil {
		return Index{}, fmt.Errorf("index: %w", err)
	}
	if x.Schema != IndexSchema {
		return Index{}, fmt.Errorf("index: schema %d, want %d", x.Schema, IndexSchema)
	}
	if n := len(x.Model) + len(x.Answers); n > MaxChunks {
		return Index{}, fmt.Errorf("index: %d chunks, at most %d", n, MaxChunks)
	}
	if err := checkList("model", x.Model, model); err != nil {
		return Index{}, err
	}
	if err := checkList("answers", x.Answers, answers); err != nil {
		return Index{}, err
	}
	return x, nil
}

func checkList(name string, refs []Ref, want int64) error {
	var sum int64
	for i, r := range refs {
		if err := r.Check(MaxRaw); err != nil {
			return fmt.Errorf("index: %s[%d]: %w", name, i, err)
		}
		sum += int64(r.Raw)
	}
	if sum != want {
		return fmt.Errorf("index: %s: chunks add up to %d bytes, want %d", name, sum, want)
	}
	return nil
}
