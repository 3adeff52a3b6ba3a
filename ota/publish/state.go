package publish

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

const stateSchema = 1

// state is state.json, whose replacement is the one instant at which a push happens in
// the directory. The documents it names are written before.
type state struct {
	Schema    int              `json:"schema"`
	Name      string           `json:"name"`
	Root      int64            `json:"root"`
	Targets   int64            `json:"targets"`   // 0: nothing pushed yet
	Snapshot  int64            `json:"snapshot"`  // 0: nothing pushed yet
	Timestamp int64            `json:"timestamp"` // 0: nothing pushed yet
	Models    map[string]entry `json:"models"`
}

// entry is the newest push of a model.
type entry struct {
	Version int64    `json:"version"`
	Digest  string   `json:"digest"`
	Chunks  []string `json:"chunks"` // digests, in order of first use
	Before  []string `json:"before"` // those of the version before, which devices may still be fetching
}

func statePath(dir string) string { return filepath.Join(dir, "state.json") }

func docPath(dir, role string, n int64) string {
	return filepath.Join(dir, "meta", strconv.FormatInt(n, 10)+"."+role+".json")
}

func chunkPath(dir, digest string) string { return filepath.Join(dir, "chunks", digest) }

func readState(dir string) (state, error) {
	var s state
	text, err := os.ReadFile(statePath(dir))
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("%s: %w", statePath(dir), err)
	}
	if s.Schema != stateSchema {
		return s, fmt.Errorf("%s: schema %d, want %d", statePath(dir), s.Schema, stateSchema)
	}
	if s.Models == nil {
		s.Models = map[string]entry{}
	}
	return s, nil
}

func (s state) write(dir string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(statePath(dir), append(text, '\n'))
}
