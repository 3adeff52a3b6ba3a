package tuf

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// Kind is why a document was not trusted; the same words as ota.Code.
type Kind string

// The kinds.
const (
	BadSignature    Kind = "bad-signature"
	UnknownKey      Kind = "unknown-key"
	TooFewSigned    Kind = "too-few-signed"
	Malformed       Kind = "malformed"
	Rollback        Kind = "rollback-version"
	VersionMismatch Kind = "version-mismatch"
	Expired         Kind = "expired"
	Missing         Kind = "missing"
	Unreachable     Kind = "unreachable"
	TooLarge        Kind = "too-large"
	Truncated       Kind = "truncated"
	DigestMismatch  Kind = "digest-mismatch"
	Unsupported     Kind = "unsupported"
)

// Error says which document was not trusted and why.
type Error struct {
	Role    string // "root", "timestamp", "snapshot", "targets"
	Version int64  // 0: not known
	Kind    Kind
	Err     error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Document(), e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// Document is the role, with its version when known: "snapshot 4".
func (e *Error) Document() string {
	if e.Version > 0 {
		return fmt.Sprintf("%s %d", e.Role, e.Version)
	}
	return e.Role
}

func fetchError(role string, n int64, err error) error {
	kind := Unreachable
	switch {
	case errors.Is(err, ErrAbsent):
		kind = Missing
	case errors.Is(err, ErrTooLarge):
		kind = TooLarge
	}
	return &Error{Role: role, Version: n, Kind: kind, Err: err}
}

func (r *refresher) expired(role string, n int64, at time.Time) error {
	return &Error{Role: role, Version: n, Kind: Expired,
		Err: fmt.Errorf("expired at %s, it is %s", at.UTC().Format(time.RFC3339), r.now.Format(time.RFC3339))}
}

// classify gives an error of go-tuf its kind. meta is what the parent says about doc, or nil.
func (r *refresher) classify(role string, n int64, doc []byte, meta *metadata.MetaFiles, err error) error {
	e := &Error{Role: role, Version: n, Kind: Malformed, Err: err}
	var unsigned *metadata.ErrUnsignedMetadata
	var version *metadata.ErrBadVersionNumber
	switch {
	case errors.As(err, &unsigned):
		e.Kind, e.Err = r.signatures(role, doc)
	case errors.Is(err, &metadata.ErrExpiredMetadata{}):
		e.Kind = Expired
	case errors.As(err, &version):
		e.Kind = Rollback
		if role == metadata.ROOT || role == metadata.TARGETS {
			e.Kind = VersionMismatch
		} else if role == metadata.SNAPSHOT && r.tm.Snapshot != nil && r.tm.Snapshot.Signed.Version > n {
			e.Kind = VersionMismatch
		}
		e.Err = errors.New(version.Msg)
	case errors.Is(err, &metadata.ErrLengthOrHashMismatch{}):
		e.Kind, e.Err = DigestMismatch, errors.New("its bytes are not those its parent names")
		if meta != nil && int64(len(doc)) < meta.Length {
			e.Kind, e.Err = Truncated, fmt.Errorf("%d of %d bytes", len(doc), meta.Length)
		}
	default:
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) && syntax.Offset >= int64(len(doc)) {
			e.Kind, e.Err = Truncated, fmt.Errorf("it ends after %d bytes, in the middle", len(doc))
		}
	}
	return e
}

// signatures tells a stranger's signature from a broken one.
func (r *refresher) signatures(role string, doc []byte) (Kind, error) {
	var m struct {
		Signatures []struct {
			KeyID string `json:"keyid"`
		} `json:"signatures"`
	}
	if err := json.Unmarshal(doc, &m); err != nil {
		return Malformed, err
	}
	want := r.tm.Root.Signed.Roles[role]
	if want == nil {
		return Malformed, errors.New("the trusted root names no keys for it")
	}
	known := 0
	for _, s := range m.Signatures {
		for _, id := range want.KeyIDs {
			if s.KeyID == id {
				known++
			}
		}
	}
	switch {
	case len(m.Signatures) == 0:
		return TooFewSigned, errors.New("it is not signed")
	case known == 0:
		return UnknownKey, fmt.Errorf("it is signed by key %.12s, which the trusted root does not name for it", m.Signatures[0].KeyID)
	case known < want.Threshold:
		return TooFewSigned, fmt.Errorf("it is signed by %d of the %d keys needed", known, want.Threshold)
	}
	return BadSignature, errors.New("its signature does not fit its bytes")
}
