package tuf

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"
)

// The documents in testdata/python-tuf are made by python-tuf with its own keys, root 2
// among them, which asks for an ECDSA and an RSA signature on the timestamp.
func TestPythonTUF(t *testing.T) {
	read := func(name string) []byte {
		b, err := os.ReadFile("testdata/python-tuf/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	fetch := func(_ context.Context, role string, n, _ int64) ([]byte, error) {
		switch name(role, n) {
		case "2.root", "3.snapshot", "3.targets":
			return read(name(role, n)), nil
		}
		return nil, ErrAbsent
	}
	refresh := func(timestamp string) ([]Target, error) {
		_, targets, err := Refresh(context.Background(), State{Root: read("1.root")}, read(timestamp),
			time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Limits{Document: 1 << 17, RootChain: 8}, fetch)
		return targets, err
	}
	targets, err := refresh("timestamp")
	if err != nil {
		t.Fatal(err)
	}
	if len(targets) != 1 || targets[0].Err != nil {
		t.Fatalf("got %+v", targets)
	}
	if c := targets[0].Custom; c.Version != 3 || c.RunNS != 2000000 || c.MemoryBytes != 1<<20 || len(c.Operators) != 2 || c.Kinglet != "1.2.3" || c.Answers.Length != 77 {
		t.Errorf("got %+v", c)
	}
	for timestamp, want := range map[string]Kind{
		"timestamp-one-of-two": TooFewSigned, "timestamp-stranger": UnknownKey,
		"timestamp-expired": Expired, "timestamp-changed": BadSignature,
	} {
		var e *Error
		if _, err := refresh(timestamp); !errors.As(err, &e) || e.Kind != want || e.Role != "timestamp" {
			t.Errorf("%s: got %v, want %s", timestamp, err, want)
		}
	}
}
