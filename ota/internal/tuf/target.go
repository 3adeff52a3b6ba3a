package tuf

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"kinglet/ota/internal/chunk"
)

// Schema is the version of Custom. EncodingChunks is the only Custom.Encoding so far;
// deltas will have another.
const (
	Schema         = 1
	EncodingChunks = "zstd-chunks"
)

// Bounds within Custom.
const (
	maxOperators    = 1024
	maxOperatorName = 128
)

// Custom is the custom object of one target.
type Custom struct {
	Schema      int       `json:"schema"`
	Model       string    `json:"model"`
	Version     int64     `json:"version"`
	RunNS       int64     `json:"run_ns,omitempty"`       // budget of one run, nanoseconds
	MemoryBytes int64     `json:"memory_bytes,omitempty"` // budget of the running process
	Operators   []string  `json:"operators"`
	Kinglet     string    `json:"kinglet,omitempty"` // lowest version that runs it
	Encoding    string    `json:"encoding"`
	Index       chunk.Ref `json:"index"`
	Answers     File      `json:"answers"`
}

// File is the trial answers' identity; length 0 means there are none.
type File struct {
	SHA256 string `json:"sha256"`
	Length int64  `json:"length"`
}

// Target is one version of one model that trusted metadata offers.
type Target struct {
	Path   string
	Length int64  // of the model
	Digest string // sha256 of the model, hexadecimal
	Custom
	Err error // non-nil: the entry is not usable; Model and Version are set, an *Error
}

// Path is the target path of a version.
func Path(model string, version int64) string {
	return model + "/" + strconv.FormatInt(version, 10) + ".tflite"
}

// parseTargets reads every entry with a path of our form; others are left alone, for
// whoever understands them.
func parseTargets(files map[string]*metadata.TargetFiles) []Target {
	var out []Target
	for path, f := range files {
		model, rest, ok := strings.Cut(path, "/")
		digits, ok2 := strings.CutSuffix(rest, ".tflite")
		version, err := strconv.ParseInt(digits, 10, 64)
		if !ok || !ok2 || err != nil || version < 1 || path != Path(model, version) {
			continue
		}
		t, err := parseTarget(path, f)
		if err == nil && (t.Model != model || t.Version != version) {
			err = fmt.Errorf("custom speaks of %.80s version %d", t.Model, t.Version)
		}
		if err != nil {
			kind := Malformed
			if errors.Is(err, errUnsupported) {
				kind = Unsupported
			}
			t = Target{Path: path, Custom: Custom{Model: model, Version: version}, Digest: t.Digest,
				Err: &Error{Role: metadata.TARGETS, Kind: kind, Err: fmt.Errorf("%s: %w", path, err)}}
		}
		out = append(out, t)
	}
	return out
}

var errUnsupported = errors.New("not known to this version")

func parseTarget(path string, f *metadata.TargetFiles) (Target, error) {
	if f == nil {
		return Target{}, errors.New("null")
	}
	sum := f.Hashes["sha256"]
	t := Target{Path: path, Length: f.Length, Digest: hex.EncodeToString(sum)}
	if len(sum) != 32 {
		return Target{}, errors.New("no sha256")
	}
	if f.Length < 1 {
		return t, fmt.Errorf("length %d", f.Length)
	}
	if f.Custom == nil {
		return t, errors.New("no custom object")
	}
	if err := json.Unmarshal(*f.Custom, &t.Custom); err != nil {
		return t, fmt.Errorf("custom: %w", err)
	}
	c := t.Custom
	switch {
	case c.Schema != Schema:
		return t, fmt.Errorf("custom: schema %d: %w", c.Schema, errUnsupported)
	case c.Encoding != EncodingChunks:
		return t, fmt.Errorf("custom: encoding %.40q: %w", c.Encoding, errUnsupported)
	case c.RunNS < 0 || c.MemoryBytes < 0:
		return t, errors.New("custom: negative budget")
	case len(c.Operators) > maxOperators:
		return t, fmt.Errorf("custom: %d operators, at most %d", len(c.Operators), maxOperators)
	case c.Answers.Length < 0 || c.Answers.Length > 0 && !chunk.ValidDigest(c.Answers.SHA256):
		return t, errors.New("custom: answers")
	}
	for _, op := range c.Operators {
		if len(op) == 0 || len(op) > maxOperatorName {
			return t, fmt.Errorf("custom: operator name of %d bytes", len(op))
		}
	}
	if err := c.Index.Check(chunk.MaxIndexRaw); err != nil {
		return t, fmt.Errorf("custom: index: %w", err)
	}
	return t, nil
}
