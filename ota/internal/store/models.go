package store

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"kinglet/ota/internal/chunk"
)

// Ref names a stored model and all that is needed to run or try it again.
type Ref struct {
	Version       int64     `json:"version"`
	Digest        string    `json:"digest"` // sha256 of the model
	Length        int64     `json:"length"`
	Index         chunk.Ref `json:"index"`
	AnswersSHA256 string    `json:"answers_sha256,omitempty"`
	AnswersLength int64     `json:"answers_length,omitempty"`
	RunNS         int64     `json:"run_ns,omitempty"`
	MemoryBytes   int64     `json:"memory_bytes,omitempty"`
	Operators     []string  `json:"operators,omitempty"`
	Kinglet       string    `json:"kinglet,omitempty"`
}

// Slot is where one model stands. A nil Active or Previous is the factory model.
type Slot struct {
	Active    *Ref       `json:"active"`
	Previous  *Ref       `json:"previous"`
	Candidate *Ref       `json:"candidate"`
	Attempts  int        `json:"attempts,omitempty"`  // trials of Candidate that were begun
	Probation *Probation `json:"probation,omitempty"` // nil: Active is confirmed
}

// Probation is how far Active has come in it.
type Probation struct {
	Runs  int64         `json:"runs"`
	Time  time.Duration `json:"time"`
	Boots int           `json:"boots"` // starts that have not lived long enough
}

// Refused is why a digest is not tried, or not before some time.
type Refused struct {
	Model     string    `json:"model"`
	Version   int64     `json:"version"`
	Code      string    `json:"code"`
	Reason    string    `json:"reason"`
	Time      time.Time `json:"time"`
	Temporary bool      `json:"temporary"`
	Attempts  int       `json:"attempts"`
	NotBefore time.Time `json:"not_before"` // for a temporary one
	Timestamp int64     `json:"timestamp"`  // version of the timestamp document it came by
}

// Entry is one line of the audit.
type Entry struct {
	Seq     uint64    `json:"-"`
	Time    time.Time `json:"time"`
	Model   string    `json:"model"`
	Version int64     `json:"version"`
	Digest  string    `json:"digest,omitempty"`
	Phase   string    `json:"phase"`
	Code    string    `json:"code,omitempty"`
	Reason  string    `json:"reason,omitempty"`
}

// Bounds of the small buckets; the oldest go first.
const (
	maxAudit   = 1000
	maxRefused = 1000
)

const (
	bucketChunks  = "chunks"
	bucketSlots   = "slots"
	bucketRefused = "refused"
	bucketAudit   = "audit"
)

// Models is models.db. Safe for concurrent use.
type Models struct{ *DB }

// OpenModels opens or creates models.db.
func OpenModels(path string, o Options) (*Models, error) {
	db, err := open(path, o, bucketChunks, bucketSlots, bucketRefused, bucketAudit)
	if err != nil {
		return nil, err
	}
	return &Models{db}, nil
}

// Tx is one transaction.
type Tx struct{ tx *bolt.Tx }

// Update runs f in one transaction: all of it, or none.
func (m *Models) Update(f func(Tx) error) error {
	return m.update(func(tx *bolt.Tx) error { return f(Tx{tx}) })
}

// PutSlot replaces a model's slot.
func (t Tx) PutSlot(model string, s Slot) error {
	b, err := encode(s)
	if err != nil {
		return err
	}
	return t.tx.Bucket([]byte(bucketSlots)).Put([]byte(model), b)
}

// PutRefused remembers a digest.
func (t Tx) PutRefused(digest string, r Refused) error {
	b, err := encode(r)
	if err != nil {
		return err
	}
	bucket := t.tx.Bucket([]byte(bucketRefused))
	if err := bucket.Put([]byte(digest), b); err != nil {
		return err
	}
	return t.trimRefused(bucket)
}

// trimRefused keeps the newest maxRefused.
func (t Tx) trimRefused(bucket *bolt.Bucket) error {
	var oldest []byte
	var when time.Time
	n := 0
	err := bucket.ForEach(func(k, v []byte) error {
		n++
		var r Refused
		if decode(v, &r) != nil || oldest == nil || r.Time.Before(when) {
			oldest, when = append([]byte(nil), k...), r.Time
		}
		return nil
	})
	if err != nil || n <= maxRefused {
		return err
	}
	return bucket.Delete(oldest)
}

// DeleteRefused forgets a digest.
func (t Tx) DeleteRefused(digest string) error {
	return t.tx.Bucket([]byte(bucketRefused)).Delete([]byte(digest))
}

// Append adds a line to the audit.
func (t Tx) Append(e Entry) error {
	b, err := encode(e)
	if err != nil {
		return err
	}
	bucket := t.tx.Bucket([]byte(bucketAudit))
	seq, err := bucket.NextSequence()
	if err != nil {
		return err
	}
	if err := bucket.Put(binary.BigEndian.AppendUint64(nil, seq), b); err != nil {
		return err
	}
	if seq > maxAudit {
		c := bucket.Cursor()
		for k, _ := c.First(); len(k) == 8 && binary.BigEndian.Uint64(k) <= seq-maxAudit; k, _ = c.Next() {
			if err := c.Delete(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Slot reads a model's slot; ErrNone when there is none.
func (m *Models) Slot(model string) (Slot, error) {
	var s Slot
	err := m.get(bucketSlots, []byte(model), &s)
	return s, err
}

// Refused reads why a digest was refused; ErrNone when it was not.
func (m *Models) Refused(digest string) (Refused, error) {
	var r Refused
	err := m.get(bucketRefused, []byte(digest), &r)
	return r, err
}

func (m *Models) get(bucket string, key []byte, v any) error {
	return m.view(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte(bucket))
		if b == nil {
			return fmt.Errorf("%s: bucket %s: %w", m.path, bucket, ErrNone)
		}
		value := b.Get(key)
		if value == nil {
			return ErrNone
		}
		if err := decode(value, v); err != nil {
			return fmt.Errorf("%s: %s %.80q: %w", m.path, bucket, key, err)
		}
		return nil
	})
}

// Audit reads all lines, oldest first. Lines that no longer read are left out.
func (m *Models) Audit() ([]Entry, error) {
	var out []Entry
	err := m.view(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte(bucketAudit))
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, v []byte) error {
			var e Entry
			if len(k) == 8 && decode(v, &e) == nil {
				e.Seq = binary.BigEndian.Uint64(k)
				out = append(out, e)
			}
			return nil
		})
	})
	if errors.Is(err, ErrNone) {
		err = nil
	}
	return out, err
}

// Reserve takes n sequence numbers out of use for ever and gives the first.
func (m *Models) Reserve(n uint64) (uint64, error) {
	var first uint64
	err := m.update(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte("meta"))
		first = b.Sequence() + 1
		return b.SetSequence(b.Sequence() + n)
	})
	return first, err
}

func chunkKey(digest string) ([]byte, error) {
	if !chunk.ValidDigest(digest) {
		return nil, fmt.Errorf("%.70q is no digest", digest)
	}
	return hex.DecodeString(digest)
}

// PutChunk stores a chunk that was verified before, in a transaction of its own.
func (m *Models) PutChunk(digest string, packed []byte) error {
	key, err := chunkKey(digest)
	if err != nil {
		return err
	}
	if len(packed) > chunk.MaxPacked {
		return fmt.Errorf("chunk of %d bytes, at most %d", len(packed), chunk.MaxPacked)
	}
	return m.update(func(tx *bolt.Tx) error { return tx.Bucket([]byte(bucketChunks)).Put(key, packed) })
}

// Chunk reads and verifies a chunk. ErrNone when it is not there; ErrCorrupt when its
// bytes have changed.
func (m *Models) Chunk(r chunk.Ref) ([]byte, error) {
	key, err := chunkKey(r.Digest)
	if err != nil {
		return nil, err
	}
	var out []byte
	err = m.view(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte(bucketChunks))
		if b == nil {
			return fmt.Errorf("chunk %.12s: %w", r.Digest, ErrNone)
		}
		v := b.Get(key)
		if v == nil {
			return fmt.Errorf("chunk %.12s: %w", r.Digest, ErrNone)
		}
		if err := chunk.Verify(r, v); err != nil {
			return fmt.Errorf("%s: %w: %w", m.path, ErrCorrupt, err)
		}
		out = append(out, v...)
		return nil
	})
	return out, err
}

// DeleteChunk removes a chunk, so that it is fetched again.
func (m *Models) DeleteChunk(digest string) error {
	key, err := chunkKey(digest)
	if err != nil {
		return err
	}
	return m.update(func(tx *bolt.Tx) error { return tx.Bucket([]byte(bucketChunks)).Delete(key) })
}

// Sweep removes every chunk whose digest is not in keep, a hundred in a transaction,
// and tells how many went.
func (m *Models) Sweep(keep map[string]bool) (int, error) {
	var gone [][]byte
	err := m.view(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bucketChunks)).ForEach(func(k, _ []byte) error {
			if !keep[hex.EncodeToString(k)] {
				gone = append(gone, append([]byte(nil), k...))
			}
			return nil
		})
	})
	if err != nil {
		return 0, err
	}
	n := 0
	for len(gone) > 0 {
		part := gone[:min(100, len(gone))]
		gone = gone[len(part):]
		err := m.update(func(tx *bolt.Tx) error {
			for _, k := range part {
				if err := tx.Bucket([]byte(bucketChunks)).Delete(k); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n += len(part)
	}
	return n, nil
}
