package tuf

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// Each attack begins with a device that trusts version 1 of everything, fresh at noon.
func TestAttacks(t *testing.T) {
	tests := []struct {
		name   string
		attack func(t *testing.T, r *repo, d *device)
		role   string
		kind   Kind
	}{
		{"timestamp with a broken signature", func(t *testing.T, r *repo, _ *device) {
			r.next().publish()
			r.docs["timestamp"] = bytes.Replace(r.docs["timestamp"], []byte(`"version":2`), []byte(`"version":9`), 1)
		}, "timestamp", BadSignature},
		{"timestamp by a stranger", func(t *testing.T, r *repo, _ *device) {
			r.keys["timestamp"] = []string{"stranger"}
			r.next().publish()
		}, "timestamp", UnknownKey},
		{"timestamp by the key of another role", func(t *testing.T, r *repo, _ *device) {
			r.keys["timestamp"] = r.keys["snapshot"]
			r.next().publish()
		}, "timestamp", UnknownKey},
		{"timestamp without a signature", func(t *testing.T, r *repo, _ *device) {
			r.keys["timestamp"] = nil
			r.next().publish()
		}, "timestamp", TooFewSigned},
		{"snapshot by a stranger", func(t *testing.T, r *repo, _ *device) {
			r.keys["snapshot"] = []string{"stranger"}
			r.next().publish()
		}, "snapshot", UnknownKey},
		{"targets by a stranger", func(t *testing.T, r *repo, _ *device) {
			r.keys["targets"] = []string{"stranger"}
			r.next().publish()
		}, "targets", UnknownKey},
		{"root by a stranger", func(t *testing.T, r *repo, _ *device) {
			r.root.Signed.Version = 2
			r.keys["root"] = []string{"stranger"}
			r.signRoot()
		}, "root", UnknownKey},
		{"root that its own new keys have not signed", func(t *testing.T, r *repo, _ *device) {
			r.rotate("root", "new-root")
			r.root.Signed.Version = 2
			r.keys["root"] = []string{"root-key"}
			r.signRoot()
		}, "root", BadSignature},
		{"root that skips a version", func(t *testing.T, r *repo, _ *device) {
			r.root.Signed.Version = 3
			r.signRoot()
			r.docs["2.root"] = r.docs["3.root"]
		}, "root", VersionMismatch},
		{"an old root under a new number", func(t *testing.T, r *repo, _ *device) {
			r.docs["2.root"] = r.docs["1.root"]
		}, "root", VersionMismatch},
		{"threshold of two, one signature", func(t *testing.T, r *repo, _ *device) {
			r.trust("timestamp", "second")
			r.root.Signed.Roles["timestamp"].Threshold = 2
			r.root.Signed.Version = 2
			r.signRoot()
			r.keys["timestamp"] = []string{"second"}
			r.next().publish()
		}, "timestamp", TooFewSigned},
		{"the same signature twice", func(t *testing.T, r *repo, _ *device) {
			r.keys["timestamp"] = []string{"timestamp-key", "timestamp-key"}
			r.next().publish()
		}, "timestamp", Malformed},
		{"rollback of the timestamp", func(t *testing.T, r *repo, d *device) {
			old := r.docs["timestamp"]
			r.next().publish()
			if _, err := d.refresh(r); err != nil {
				t.Fatal(err)
			}
			r.docs["timestamp"] = old
		}, "timestamp", Rollback},
		{"rollback of the snapshot within a new timestamp", func(t *testing.T, r *repo, d *device) {
			r.next().publish()
			if _, err := d.refresh(r); err != nil {
				t.Fatal(err)
			}
			r.timestamp.Signed.Version++
			r.timestamp.Signed.Meta["snapshot.json"] = r.meta(1, r.docs["1.snapshot"])
			r.signTimestamp()
		}, "timestamp", Rollback},
		{"rollback of the targets within a new snapshot", func(t *testing.T, r *repo, d *device) {
			r.next().publish()
			if _, err := d.refresh(r); err != nil {
				t.Fatal(err)
			}
			r.snapshot.Signed.Version++
			r.timestamp.Signed.Version++
			r.snapshot.Signed.Meta["targets.json"] = r.meta(1, r.docs["1.targets"])
			r.signSnapshot()
			r.signTimestamp()
		}, "snapshot", Rollback},
		{"targets removed from the snapshot", func(t *testing.T, r *repo, _ *device) {
			r.next().signTargets()
			delete(r.snapshot.Signed.Meta, "targets.json")
			r.signSnapshot()
			r.signTimestamp()
		}, "snapshot", Malformed},
		{"freeze: the timestamp is past its date", func(t *testing.T, r *repo, d *device) {
			d.now = noon().Add(31 * day)
		}, "root", Expired},
		{"freeze: an expired timestamp under a fresh root", func(t *testing.T, r *repo, d *device) {
			r.timestamp.Signed.Expires = noon().Add(day)
			r.next().publish()
			d.now = noon().Add(2 * day)
		}, "timestamp", Expired},
		{"an expired snapshot", func(t *testing.T, r *repo, d *device) {
			r.snapshot.Signed.Expires = noon().Add(-day)
			r.next().publish()
		}, "snapshot", Expired},
		{"expired targets", func(t *testing.T, r *repo, d *device) {
			r.targets.Signed.Expires = noon().Add(-day)
			r.next().publish()
		}, "targets", Expired},
		{"mix and match: snapshot of another time", func(t *testing.T, r *repo, _ *device) {
			old := r.docs["1.snapshot"]
			r.next().publish()
			r.docs["2.snapshot"] = old
		}, "snapshot", DigestMismatch},
		{"mix and match: targets of another time", func(t *testing.T, r *repo, _ *device) {
			old := r.docs["1.targets"]
			r.offer("horn", 1)
			r.next().publish()
			r.docs["2.targets"] = old
		}, "targets", Truncated}, // shorter, since it offers less
		{"endless data: a snapshot longer than the timestamp says", func(t *testing.T, r *repo, _ *device) {
			r.next().publish()
			r.docs["2.snapshot"] = append(bytes.Clone(r.docs["2.snapshot"]), bytes.Repeat([]byte(" "), 1<<20)...)
		}, "snapshot", TooLarge},
		{"oversize: a snapshot said to be a gigabyte", func(t *testing.T, r *repo, _ *device) {
			r.next().publish()
			r.timestamp.Signed.Meta["snapshot.json"].Length = 1 << 30
			r.signTimestamp()
		}, "snapshot", TooLarge},
		{"oversize: the timestamp", func(t *testing.T, r *repo, _ *device) {
			r.docs["timestamp"] = append(bytes.Clone(r.docs["timestamp"]), bytes.Repeat([]byte(" "), 1<<20)...)
		}, "timestamp", TooLarge},
		{"oversize: a new root", func(t *testing.T, r *repo, _ *device) {
			r.docs["2.root"] = bytes.Repeat([]byte("x"), 1<<20)
		}, "root", TooLarge},
		{"truncated snapshot", func(t *testing.T, r *repo, _ *device) {
			r.next().publish()
			r.docs["2.snapshot"] = r.docs["2.snapshot"][:100]
		}, "snapshot", Truncated},
		{"truncated timestamp", func(t *testing.T, r *repo, _ *device) {
			r.next().publish()
			r.docs["timestamp"] = r.docs["timestamp"][:100]
		}, "timestamp", Truncated},
		{"missing snapshot: the publisher stopped half way", func(t *testing.T, r *repo, _ *device) {
			r.next().publish()
			delete(r.docs, "2.snapshot")
		}, "snapshot", Missing},
		{"a snapshot in the place of the timestamp", func(t *testing.T, r *repo, _ *device) {
			r.docs["timestamp"] = r.docs["1.snapshot"]
		}, "timestamp", Malformed},
		{"not JSON", func(t *testing.T, r *repo, _ *device) {
			r.docs["timestamp"] = []byte("kinglet")
		}, "timestamp", Malformed},
		{"null for the snapshot's entry", func(t *testing.T, r *repo, _ *device) {
			r.next().publish()
			r.timestamp.Signed.Meta["snapshot.json"] = nil
			r.signTimestamp()
		}, "timestamp", Malformed},
		{"null for a target", func(t *testing.T, r *repo, _ *device) {
			r.targets.Signed.Targets["motor/2.tflite"] = nil
			r.next().publish()
		}, "targets", Malformed},
		{"a signed root with a key of no length", func(t *testing.T, r *repo, _ *device) {
			r.root.Signed.Version = 2
			for _, k := range r.root.Signed.Keys {
				k.Value.PublicKey = ""
			}
			r.signRoot()
		}, "root", Malformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRepo(t)
			d := newDevice(r)
			if _, err := d.refresh(r); err != nil {
				t.Fatal(err)
			}
			tt.attack(t, r, d)
			before := d.st
			_, err := d.refresh(r)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want a refusal", err)
			}
			if e.Role != tt.role || e.Kind != tt.kind {
				t.Errorf("got %s %s (%v), want %s %s", e.Role, e.Kind, err, tt.role, tt.kind)
			}
			if !bytes.Equal(before.Targets, d.st.Targets) || d.st.Seen.After(before.Seen) {
				t.Error("the attack moved targets or time")
			}
		})
	}
}

func TestRefreshTakesTargets(t *testing.T) {
	r := newRepo(t)
	d := newDevice(r)
	r.targets.Signed.Targets["somebody-elses.bin"] = &metadata.TargetFiles{Length: 1, Hashes: metadata.Hashes{"sha256": make([]byte, 32)}}
	r.targets.Signed.Targets["motor/03.tflite"] = r.targets.Signed.Targets["motor/2.tflite"]
	r.next().publish()
	targets, err := d.refresh(r)
	if err != nil {
		t.Fatal(err)
	}
	if len(targets) != 1 || targets[0].Model != "motor" || targets[0].Version != 2 || targets[0].Length != 16 || targets[0].Err != nil {
		t.Errorf("got %+v", targets)
	}
	// The same again changes nothing.
	before := d.st
	if _, err := d.refresh(r); err != nil || !bytes.Equal(before.Timestamp, d.st.Timestamp) {
		t.Errorf("again: %v", err)
	}
}

func TestTargetThatLiesAboutItsPath(t *testing.T) {
	r := newRepo(t)
	d := newDevice(r)
	r.targets.Signed.Targets["horn/7.tflite"] = r.targets.Signed.Targets["motor/2.tflite"]
	r.next().publish()
	targets, err := d.refresh(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range targets {
		if target.Model == "horn" && target.Err == nil {
			t.Error("motor's entry was taken for horn")
		}
	}
}

func TestRootChain(t *testing.T) {
	r := newRepo(t)
	d := newDevice(r)
	for n := int64(2); n <= 4; n++ {
		old := r.keys["root"][0]
		r.rotate("root", name("root", n))
		r.rotate("timestamp", name("timestamp-key", n))
		r.root.Signed.Version = n
		if n == 3 { // an intermediate root may be expired
			r.root.Signed.Expires = noon().Add(-day)
		} else {
			r.root.Signed.Expires = noon().Add(30 * day)
		}
		r.signRoot(old)
	}
	r.next().publish()
	if _, err := d.refresh(r); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(d.st.Root, r.docs["4.root"]) {
		t.Error("the chain was not followed to its end")
	}
}

// Clause 5.3.11: a thief of the timestamp key ran the version ahead; the rotation heals it.
func TestFastForwardRecovery(t *testing.T) {
	r := newRepo(t)
	d := newDevice(r)
	r.timestamp.Signed.Version = 1 << 40
	r.signTimestamp()
	if _, err := d.refresh(r); err != nil {
		t.Fatal(err)
	}
	r.rotate("timestamp", "new-timestamp")
	r.root.Signed.Version = 2
	r.signRoot()
	r.timestamp.Signed.Version = 2
	r.signTimestamp()
	if _, err := d.refresh(r); err != nil {
		t.Error(err)
	}
}

func TestClock(t *testing.T) {
	r := newRepo(t)
	for _, tt := range []struct {
		name string
		now  []time.Time
		ok   []bool
	}{
		{"1970 with no time seen", []time.Time{time.Unix(0, 0)}, []bool{true}},
		{"jump back to 1970", []time.Time{noon(), time.Unix(0, 0)}, []bool{true, true}},
		{"once in 2099, then right again", []time.Time{noon(), noon().AddDate(73, 0, 0), noon()}, []bool{true, false, true}},
		{"first in 2099, then right", []time.Time{noon().AddDate(73, 0, 0), noon()}, []bool{false, true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDevice(r)
			for i, now := range tt.now {
				d.now = now
				if _, err := d.refresh(r); (err == nil) != tt.ok[i] {
					t.Errorf("at %s: %v", now, err)
				}
			}
		})
	}
	// Time that was seen counts when the clock has fallen back: expiry holds.
	d := newDevice(r)
	d.now = noon().Add(20 * day)
	if _, err := d.refresh(r); err != nil {
		t.Fatal(err)
	}
	r.timestamp.Signed.Expires = noon().Add(10 * day)
	r.next().publish()
	d.now = time.Unix(0, 0)
	var e *Error
	if _, err := d.refresh(r); !errors.As(err, &e) || e.Kind != Expired {
		t.Errorf("got %v, want expired", err)
	}
}

func TestUnreachableIsNoAnswer(t *testing.T) {
	r := newRepo(t)
	d := newDevice(r)
	down := errors.New("broker away")
	fetch := func(context.Context, string, int64, int64) ([]byte, error) { return nil, down }
	_, _, err := Refresh(context.Background(), d.st, r.docs["timestamp"], noon(), Limits{Document: 1 << 16, RootChain: 8}, fetch)
	var e *Error
	if !errors.As(err, &e) || e.Kind != Unreachable || !errors.Is(err, down) {
		t.Errorf("got %v", err)
	}
}

func FuzzRefresh(f *testing.F) {
	r := newRepo(f)
	r.next().publish()
	first := newDevice(r).st
	for _, role := range []string{"2.root", "timestamp", "2.snapshot", "2.targets"} {
		doc := r.docs[role]
		if doc == nil {
			doc = r.docs["1.root"]
		}
		f.Add(role, doc)
		f.Add(role, doc[:len(doc)/2])
		f.Add(role, []byte(`{"signed":{"_type":"targets","targets":{"motor/2.tflite":null}},"signatures":[{}]}`))
	}
	f.Fuzz(func(t *testing.T, role string, doc []byte) {
		fetch := func(ctx context.Context, who string, n, limit int64) ([]byte, error) {
			if name(who, n) == role {
				return doc, nil
			}
			return r.fetch(ctx, who, n, limit)
		}
		timestamp := r.docs["timestamp"]
		if role == "timestamp" {
			timestamp = doc
		}
		st, _, err := Refresh(context.Background(), first, timestamp, noon(), Limits{Document: 128 << 10, RootChain: 4}, fetch)
		if err == nil && !bytes.Equal(st.Targets, r.docs["2.targets"]) {
			t.Fatal("other targets are trusted")
		}
	})
}

func FuzzTarget(f *testing.F) {
	r := newRepo(f)
	f.Add([]byte(*r.targets.Signed.Targets["motor/2.tflite"].Custom))
	f.Add([]byte(`{"schema":1,"operators":[""],"index":{"raw":-1},"answers":{"length":9223372036854775807}}`))
	f.Fuzz(func(t *testing.T, custom []byte) {
		raw := json.RawMessage(custom)
		file := &metadata.TargetFiles{Length: 1, Hashes: metadata.Hashes{"sha256": make([]byte, 32)}}
		file.Custom = &raw
		targets := parseTargets(map[string]*metadata.TargetFiles{"motor/2.tflite": file})
		if len(targets) != 1 {
			t.Fatal(targets)
		}
		if x := targets[0]; x.Err == nil && (x.Model != "motor" || x.Index.Check(1<<30) != nil) {
			t.Fatalf("%+v", x)
		}
	})
}
