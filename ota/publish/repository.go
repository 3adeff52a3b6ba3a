package publish

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"kinglet/ota"
	"kinglet/ota/internal/chunk"
)

// Repository is a publisher's directory. Not safe for concurrent use; a lock file keeps
// a second process out.
type Repository struct {
	dir   string
	o     Options
	state state
	keys  *keyRing
	root  []byte
	lock  *os.File
}

type document struct {
	role  string
	n     int64
	bytes []byte
}

func (o Options) defaults() Options {
	if o.Name == "" {
		o.Name = "main"
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	const day = 24 * time.Hour
	for _, d := range []struct {
		at   *time.Duration
		want time.Duration
	}{
		{&o.Expiry.Root, 3650 * day}, {&o.Expiry.Targets, 365 * day},
		{&o.Expiry.Snapshot, 365 * day}, {&o.Expiry.Timestamp, 90 * day}, {&o.Silence, 2 * time.Second},
	} {
		if *d.at == 0 {
			*d.at = d.want
		}
	}
	return o
}

// Init makes the keys (ed25519, one a role) and an empty repository in dir, which must not
// hold one. Files have mode 0600, dir 0700.
func Init(dir string, o Options) (*Repository, error) {
	o = o.defaults()
	if !ota.ValidName(o.Name) {
		return nil, fmt.Errorf("init: name %.80q: want 1 to 64 of a-z, 0-9, '-', '_'", o.Name)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("init: %w", err)
	}
	l, err := lock(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("init: %w", err)
	}
	r := &Repository{dir: dir, o: o, lock: l}
	if err := r.init(); err != nil {
		l.Close()
		return nil, fmt.Errorf("init %s: %w", dir, err)
	}
	return r, nil
}

func (r *Repository) init() error {
	for _, name := range []string{statePath(r.dir), filepath.Join(r.dir, "keys")} {
		if _, err := os.Lstat(name); !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s: %w", name, ErrExists)
		}
	}
	if err := os.Chmod(r.dir, 0o700); err != nil {
		return err
	}
	for _, sub := range []string{"meta", "chunks"} {
		if err := os.MkdirAll(filepath.Join(r.dir, sub), 0o700); err != nil {
			return err
		}
	}
	var err error
	if r.keys, err = makeKeys(r.dir); err != nil {
		return err
	}
	root := metadata.Root(r.o.Clock().UTC().Truncate(time.Second).Add(r.o.Expiry.Root))
	for _, role := range roles() {
		s, err := r.keys.signer(role)
		if err != nil {
			return err
		}
		public, err := s.PublicKey()
		if err != nil {
			return err
		}
		key, err := metadata.KeyFromPublicKey(public)
		if err != nil {
			return err
		}
		if err := root.Signed.AddKey(key, role); err != nil {
			return err
		}
	}
	if r.root, err = sign(r.keys, metadata.ROOT, root); err != nil {
		return err
	}
	if err := writeFile(docPath(r.dir, metadata.ROOT, 1), r.root); err != nil {
		return err
	}
	r.state = state{Schema: stateSchema, Name: r.o.Name, Root: 1, Models: map[string]entry{}}
	return r.state.write(r.dir)
}

// Open opens what Init made.
func Open(dir string, o Options) (*Repository, error) {
	if _, err := readState(dir); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("open %s: %w", dir, ErrNone)
	} else if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	l, err := lock(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	r := &Repository{dir: dir, o: o.defaults(), lock: l, keys: openKeys(dir)}
	s, err := readState(dir)
	if err == nil { // again, now that nobody else writes
		r.state = s
		r.root, err = os.ReadFile(docPath(dir, metadata.ROOT, s.Root))
	}
	if err != nil {
		l.Close()
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	return r, nil
}

// Close gives the lock back.
func (r *Repository) Close() error { return r.lock.Close() }

// Name is the repository's name in topics.
func (r *Repository) Name() string { return r.state.Name }

// Root is the newest root document: what a device is given to trust.
func (r *Repository) Root() []byte { return bytes.Clone(r.root) }

// Version is the last version pushed of a model, 0 for none.
func (r *Repository) Version(model string) int64 { return r.state.Models[model].Version }

// Digest is the SHA-256 of the newest push of a model, hexadecimal; empty before the first.
func (r *Repository) Digest(model string) string { return r.state.Models[model].Digest }

// Push is Build and Send.
func (r *Repository) Push(ctx context.Context, p Push, t Transport) (*Plan, error) {
	plan, err := r.Build(p)
	if err != nil {
		return nil, err
	}
	return plan, r.Send(ctx, plan, t)
}

// Republish signs snapshot and timestamp anew and sends everything again: after a push
// that stopped half way, to a broker that lost its retained messages, or before the
// timestamp expires. Targets are signed anew when less than half their time is left.
func (r *Repository) Republish(ctx context.Context, t Transport) error {
	if r.state.Targets == 0 {
		return fmt.Errorf("republish: nothing was pushed yet")
	}
	plan := &Plan{}
	for _, e := range r.state.Models {
		for _, name := range e.Chunks {
			b, err := os.ReadFile(chunkPath(r.dir, name))
			if err != nil {
				return fmt.Errorf("republish: %w", err)
			}
			if chunk.Digest(b) != name {
				return fmt.Errorf("republish: %s: its bytes have changed", chunkPath(r.dir, name))
			}
			plan.add(ota.ChunkTopic(r.Name(), name), b)
		}
	}
	targets, err := metadata.Targets().FromFile(docPath(r.dir, metadata.TARGETS, r.state.Targets))
	if err != nil {
		return fmt.Errorf("republish: targets %d: %w", r.state.Targets, err)
	}
	if targets.Signed.Expires.After(r.o.Clock().Add(r.o.Expiry.Targets / 2)) {
		doc, err := plan.find(r, metadata.TARGETS, r.state.Targets)
		if err != nil {
			return fmt.Errorf("republish: %w", err)
		}
		plan.add(ota.MetaTopic(r.Name(), metadata.TARGETS, r.state.Targets), doc)
		targets = nil
	}
	if err := r.signAll(plan, r.state, targets); err != nil {
		return fmt.Errorf("republish: %w", err)
	}
	plan.obsolete = r.obsolete(plan.state, nil)
	return r.Send(ctx, plan, t)
}

func (p *Plan) find(r *Repository, role string, n int64) ([]byte, error) {
	for _, d := range p.docs {
		if d.role == role && d.n == n {
			return d.bytes, nil
		}
	}
	return os.ReadFile(docPath(r.dir, role, n))
}

func sum(b []byte) []byte {
	d := sha256.Sum256(b)
	return d[:]
}
