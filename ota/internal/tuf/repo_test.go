package tuf

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/theupdateframework/go-tuf/v2/metadata"

	"kinglet/ota/internal/chunk"
)

const day = 24 * time.Hour

// noon is when the tests take place.
func noon() time.Time { return time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC) }

// key makes the same key from the same name each time.
func key(name string) signature.Signer {
	seed := sha256.Sum256([]byte(name))
	s, err := signature.LoadSigner(ed25519.NewKeyFromSeed(seed[:]), crypto.Hash(0))
	if err != nil {
		panic(err)
	}
	return s
}

// repo is a repository in memory whose documents a test may bend before they are signed.
type repo struct {
	t         testing.TB
	root      *metadata.Metadata[metadata.RootType]
	targets   *metadata.Metadata[metadata.TargetsType]
	snapshot  *metadata.Metadata[metadata.SnapshotType]
	timestamp *metadata.Metadata[metadata.TimestampType]
	keys      map[string][]string // names of keys that sign a role
	docs      map[string][]byte   // "3.snapshot", "timestamp"
}

func newRepo(t testing.TB) *repo {
	t.Helper()
	r := &repo{t: t, keys: map[string][]string{}, docs: map[string][]byte{}}
	end := noon().Add(30 * day)
	r.root, r.targets = metadata.Root(end), metadata.Targets(end)
	r.snapshot, r.timestamp = metadata.Snapshot(end), metadata.Timestamp(end)
	for _, role := range []string{"root", "targets", "snapshot", "timestamp"} {
		r.trust(role, role+"-key")
	}
	r.offer("motor", 2)
	r.signRoot()
	r.publish()
	return r
}

// trust adds a key to a role of the root.
func (r *repo) trust(role, name string) {
	r.t.Helper()
	public, err := key(name).PublicKey()
	if err != nil {
		r.t.Fatal(err)
	}
	k, err := metadata.KeyFromPublicKey(public)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.root.Signed.AddKey(k, role); err != nil {
		r.t.Fatal(err)
	}
	r.keys[role] = append(r.keys[role], name)
}

// rotate replaces a role's keys.
func (r *repo) rotate(role, name string) {
	r.t.Helper()
	r.root.Signed.Roles[role].KeyIDs = nil
	r.keys[role] = nil
	r.trust(role, name)
}

func (r *repo) offer(model string, version int64) {
	r.t.Helper()
	f, err := metadata.TargetFile().FromBytes(Path(model, version), []byte("bytes of a model"))
	if err != nil {
		r.t.Fatal(err)
	}
	custom, err := json.Marshal(Custom{Schema: Schema, Model: model, Version: version, Operators: []string{"CONV_2D"},
		Encoding: EncodingChunks, Index: chunk.Ref{Digest: chunk.Digest(nil), Packed: 10, Raw: 10}})
	if err != nil {
		r.t.Fatal(err)
	}
	f.Custom = (*json.RawMessage)(&custom)
	r.targets.Signed.Targets[Path(model, version)] = f
}

func sign[T metadata.Roles](t testing.TB, m *metadata.Metadata[T], keys []string) []byte {
	t.Helper()
	m.ClearSignatures()
	for _, name := range keys {
		if _, err := m.Sign(key(name)); err != nil {
			t.Fatal(err)
		}
	}
	b, err := m.ToBytes(false)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (r *repo) signRoot(also ...string) {
	r.docs[name("root", r.root.Signed.Version)] = sign(r.t, r.root, append(also, r.keys["root"]...))
}

func (r *repo) signTargets() {
	doc := sign(r.t, r.targets, r.keys["targets"])
	r.docs[name("targets", r.targets.Signed.Version)] = doc
	r.snapshot.Signed.Meta["targets.json"] = r.meta(r.targets.Signed.Version, doc)
}

func (r *repo) signSnapshot() {
	doc := sign(r.t, r.snapshot, r.keys["snapshot"])
	r.docs[name("snapshot", r.snapshot.Signed.Version)] = doc
	r.timestamp.Signed.Meta["snapshot.json"] = r.meta(r.snapshot.Signed.Version, doc)
}

func (r *repo) signTimestamp() { r.docs["timestamp"] = sign(r.t, r.timestamp, r.keys["timestamp"]) }

func (r *repo) publish() {
	r.signTargets()
	r.signSnapshot()
	r.signTimestamp()
}

// next raises all three versions.
func (r *repo) next() *repo {
	r.targets.Signed.Version++
	r.snapshot.Signed.Version++
	r.timestamp.Signed.Version++
	return r
}

func (r *repo) meta(version int64, doc []byte) *metadata.MetaFiles {
	m := metadata.MetaFile(version)
	sum := sha256.Sum256(doc)
	m.Length, m.Hashes = int64(len(doc)), metadata.Hashes{"sha256": sum[:]}
	return m
}

func name(role string, n int64) string {
	if role == "timestamp" {
		return role
	}
	return strconv.FormatInt(n, 10) + "." + role
}

// fetch is an honest transport.
func (r *repo) fetch(_ context.Context, role string, n, limit int64) ([]byte, error) {
	doc, ok := r.docs[name(role, n)]
	if !ok {
		return nil, ErrAbsent
	}
	if int64(len(doc)) > limit {
		return nil, ErrTooLarge
	}
	return doc, nil
}

// device is a client of a repository.
type device struct {
	st  State
	now time.Time
}

func newDevice(r *repo) *device { return &device{st: State{Root: r.docs["1.root"]}, now: noon()} }

func (d *device) refresh(r *repo) ([]Target, error) {
	st, targets, err := Refresh(context.Background(), d.st, r.docs["timestamp"], d.now, Limits{Document: 128 << 10, RootChain: 8}, r.fetch)
	d.st = st
	return targets, err
}
