package ota

import (
	"slices"
	"time"
)

// Model is one version of one model, whole in memory.
//
// Bytes is shared, never copied: nobody may change it.
type Model struct {
	Name    string
	Version int64  // positive, increases with each push
	Digest  string // sha256 of Bytes, 64 lower-case hexadecimal digits
	Bytes   []byte // the .tflite file
	Spec    Spec   // what the signed metadata says; zero for a factory model
	Factory bool   // true: the model given to Open, not one from the store
}

// Spec is what the publisher signed about a model, beside its bytes.
type Spec struct {
	RunTime     time.Duration // budget of one run on the device; 0: none
	MemoryBytes int64         // budget of the process that runs it, in bytes; 0: none
	Operators   []string      // operators the model needs, as Options.Supports names them
	Kinglet     string        // lowest kinglet version that runs it, "1.2.3"; "": any
}

func (s Spec) clone() Spec {
	s.Operators = slices.Clone(s.Operators)
	return s
}

// Candidate is a model that is whole, authentic and stored, and waits for its trial.
type Candidate struct {
	Model
	Answers []byte // the trial answers file of the publisher, opaque here; may be empty
	Attempt int    // 1 for the first trial; more when an earlier one did not end (power cut)
}

// Factory is the model a device always has: slot zero, outside the store. It runs
// until an update is promoted, and whenever the store cannot give a better one.
type Factory struct {
	Name      string // 1 to 64 of a-z, 0-9, '-' and '_', beginning with a letter or digit
	Version   int64  // at least 1; updates must be higher
	Bytes     []byte // the .tflite file; kept, not copied
	Rules     *Rules // nil: Options.Rules
	Probation *Probation
}

// ValidName tells whether name may name a model, a repository or a device: it must be
// safe as one level of an MQTT topic and as a file name.
func ValidName(name string) bool {
	if len(name) == 0 || len(name) > 64 {
		return false
	}
	for i, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		case (c == '-' || c == '_') && i > 0:
		default:
			return false
		}
	}
	return true
}
