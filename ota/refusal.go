package ota

import (
	"errors"
	"fmt"
)

// Code names one reason of a refusal. Codes are stable: the same in MQTT, HTTP,
// logs and the audit.
type Code string

// Metadata.
const (
	CodeBadSignature    Code = "bad-signature"    // signed with a known key, but the signature does not fit
	CodeUnknownKey      Code = "unknown-key"      // no signature is by a key the trusted root names for this role
	CodeTooFewSigned    Code = "too-few-signed"   // fewer valid signatures than the role's threshold
	CodeMalformed       Code = "malformed"        // not the document it should be
	CodeRollbackVersion Code = "rollback-version" // a document or a model older than what is trusted or active
	CodeVersionMismatch Code = "version-mismatch" // a document is not of the version its parent names
	CodeExpired         Code = "expired"          // past its date
	CodeMissing         Code = "missing"          // named by trusted metadata, but the broker has none
	CodeUnreachable     Code = "unreachable"      // the broker did not answer
	CodeTooLarge        Code = "too-large"        // longer than metadata, or a limit of this device, allows
	CodeTruncated       Code = "truncated"        // shorter than signed metadata says
	CodeDigestMismatch  Code = "digest-mismatch"  // right length, other bytes
	CodeUnsupported     Code = "unsupported"      // a schema or encoding this version does not know
	CodeOperator        Code = "unsupported-operator"
	CodeKingletTooOld   Code = "kinglet-too-old"
	CodeMemoryBudget    Code = "memory-budget" // the model asks for more memory than this device grants
	CodeTimeBudget      Code = "time-budget"   // the model asks for more time per run than this device grants
)

// Trial and shadow.
const (
	CodeTrialAnswers Code = "trial-answers" // an answer differs from the publisher's
	CodeTrialTime    Code = "trial-time"    // slower than its budget
	CodeTrialMemory  Code = "trial-memory"  // larger than its budget
	CodeTrialCrash   Code = "trial-crash"   // died, or never ended its trial in several starts
	CodeTrialError   Code = "trial-error"   // could not be opened or run
	CodeShadow       Code = "shadow"        // disagreed beside the present model
	CodeActivate     Code = "activate"      // the host could not take it
)

// After promotion.
const (
	CodeHealthEventRate Code = "health-event-rate"
	CodeHealthNaN       Code = "health-nan"
	CodeHealthLatency   Code = "health-latency"
	CodeHealthErrors    Code = "health-errors"
	CodeCrashLoop       Code = "crash-loop"
	CodeByCommand       Code = "by-command"
	CodeSuperseded      Code = "superseded" // a newer version came before this one was promoted
)

// The device itself.
const (
	CodeDiskFull     Code = "disk-full"
	CodeReadOnly     Code = "read-only"
	CodeStoreCorrupt Code = "store-corrupt"
	CodeStore        Code = "store" // any other failure of the store
)

// Temporary tells whether the same model may be tried again later by itself: the cause
// lies in the broker, the publisher's half-done work, the clock or the disk, not in the model.
func (c Code) Temporary() bool {
	switch c {
	case CodeMissing, CodeUnreachable, CodeTruncated, CodeDigestMismatch, CodeExpired,
		CodeDiskFull, CodeReadOnly, CodeStore, CodeStoreCorrupt, CodeSuperseded:
		return true
	}
	return false
}

// Refusal is why something was not taken, or was taken back. It is a value and an
// error; find it with errors.As.
type Refusal struct {
	Code   Code
	Reason string // one plain sentence without its final full stop
	Err    error  // the cause, or nil
}

// Refuse makes a refusal. A cause given with %w stays findable by errors.Is and errors.As.
func Refuse(code Code, format string, args ...any) *Refusal {
	err := fmt.Errorf(format, args...)
	return &Refusal{Code: code, Reason: err.Error(), Err: errors.Unwrap(err)}
}

func (r *Refusal) Error() string { return string(r.Code) + ": " + r.Reason }

func (r *Refusal) Unwrap() error { return r.Err }
