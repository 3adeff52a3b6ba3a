package store

import (
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"kinglet/ota/internal/tuf"
)

// Trust is trust.db. Safe for concurrent use.
type Trust struct{ *DB }

// Trusted is all that trust.db holds of one repository.
type Trusted struct {
	Pinned    string // sha256 of the root document the device was given
	State     tuf.State
	Rejection Rejection
}

// Rejection is the last timestamp document that was refused for good.
type Rejection struct {
	SHA256 string `json:"sha256"`
	Code   string `json:"code"`
}

const bucketTUF = "tuf"

// small is the part of Trusted that is not a document.
type small struct {
	Pinned    string    `json:"pinned"`
	Seen      time.Time `json:"seen"`
	Rejection Rejection `json:"rejection"`
}

// OpenTrust opens or creates trust.db.
func OpenTrust(path string, o Options) (*Trust, error) {
	db, err := open(path, o, bucketTUF)
	if err != nil {
		return nil, err
	}
	return &Trust{db}, nil
}

func documents(t *Trusted) []struct {
	key string
	doc *[]byte
} {
	return []struct {
		key string
		doc *[]byte
	}{
		{"root", &t.State.Root}, {"timestamp", &t.State.Timestamp},
		{"snapshot", &t.State.Snapshot}, {"targets", &t.State.Targets},
	}
}

// Load reads what is trusted; ErrNone before the first Save.
func (t *Trust) Load(repository string) (Trusted, error) {
	var out Trusted
	err := t.view(func(tx *bolt.Tx) error {
		top := tx.Bucket([]byte(bucketTUF))
		if top == nil {
			return ErrNone
		}
		b := top.Bucket([]byte(repository))
		if b == nil {
			return ErrNone
		}
		var s small
		if err := decode(b.Get([]byte("state")), &s); err != nil {
			return fmt.Errorf("%s: %w", t.path, err)
		}
		out.Pinned, out.State.Seen, out.Rejection = s.Pinned, s.Seen, s.Rejection
		for _, d := range documents(&out) {
			if v := b.Get([]byte(d.key)); v != nil {
				*d.doc = append([]byte(nil), v...)
			}
		}
		return nil
	})
	return out, err
}

// Save replaces what is trusted, in one transaction.
func (t *Trust) Save(repository string, in Trusted) error {
	return t.update(func(tx *bolt.Tx) error {
		b, err := tx.Bucket([]byte(bucketTUF)).CreateBucketIfNotExists([]byte(repository))
		if err != nil {
			return err
		}
		text, err := encode(small{Pinned: in.Pinned, Seen: in.State.Seen, Rejection: in.Rejection})
		if err != nil {
			return err
		}
		if err := b.Put([]byte("state"), text); err != nil {
			return err
		}
		for _, d := range documents(&in) {
			if *d.doc == nil {
				err = b.Delete([]byte(d.key))
			} else {
				err = b.Put([]byte(d.key), *d.doc)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Reset moves a trust.db aside that opens but does not read, and makes a new one.
func (t *Trust) Reset(cause error) error {
	if !errors.Is(cause, ErrCorrupt) {
		return cause
	}
	if err := t.Close(); err != nil {
		return err
	}
	if err := t.moveAside(cause); err != nil {
		return err
	}
	return t.start(Options{}, []string{bucketTUF})
}
