// Package store keeps an updater's state in two bbolt files: models.db (chunks, slots,
// refused digests, audit) and trust.db (what TUF calls trusted metadata, and time).
//
// Every change is one transaction. A file is verified before it is mapped; one that is
// corrupt is moved aside and made anew, and the two never fall together.
package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// The decisions a caller makes.
var (
	ErrLocked   = errors.New("in use by another process")
	ErrReadOnly = errors.New("the disk is read-only, or this user may not write there")
	ErrFull     = errors.New("the disk is full")
	ErrCorrupt  = errors.New("corrupt")
	ErrSchema   = errors.New("written by a newer version")
	ErrNone     = errors.New("not there")
)

// schema is the version of both files. A lower one is migrated in migrate.
const schema = 1

// Options of a file.
type Options struct {
	MaxBytes int           // the file never grows beyond; 0: no limit
	Timeout  time.Duration // to wait for a lock; 0: 1s
}

// DB is one file. A nil *bolt.DB inside means: nothing there and nothing can be made.
type DB struct {
	path     string
	bolt     *bolt.DB
	readOnly bool
	Moved    string // where a corrupt file went, "" when there was none
	Cause    error  // why it was corrupt
}

// open verifies and opens a file, or creates it with the given buckets. Where nothing can
// be written (a read-only disk, or a full one without the file) it gives a DB that holds
// what is there, or nothing, and says so in ReadOnly and Cause.
func open(path string, o Options, buckets ...string) (*DB, error) {
	db := &DB{path: path}
	err := Check(path)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = db.start(o, buckets)
	}
	if errors.Is(err, ErrCorrupt) {
		if err = db.moveAside(err); err == nil {
			err = db.start(o, buckets)
		}
	}
	switch {
	case err == nil:
		return db, nil
	case errors.Is(err, ErrReadOnly), errors.Is(err, ErrFull):
		db.bolt, db.readOnly, db.Cause = nil, true, err
		return db, nil
	}
	return nil, err
}

// moveAside keeps one corrupt file for whoever wants to look, and makes room for a new one.
func (db *DB) moveAside(cause error) error {
	aside := db.path + ".corrupt"
	if err := os.Rename(db.path, aside); err != nil {
		return fmt.Errorf("%w; it could not be moved aside: %w", cause, db.explain(err))
	}
	db.Moved, db.Cause = aside, cause
	return nil
}

func (db *DB) start(o Options, buckets []string) error {
	if o.Timeout == 0 {
		o.Timeout = time.Second
	}
	_, statErr := os.Stat(db.path)
	options := &bolt.Options{Timeout: o.Timeout, FreelistType: bolt.FreelistMapType, MaxSize: o.MaxBytes}
	err := db.bolted(options)
	if errors.Is(err, ErrReadOnly) {
		db.readOnly, options.ReadOnly = true, true
		err = db.bolted(options)
	}
	if errors.Is(err, fs.ErrNotExist) { // nor could its directory be made
		return fmt.Errorf("%s: %w", db.path, ErrReadOnly)
	}
	if err != nil {
		if errors.Is(err, ErrFull) && errors.Is(statErr, fs.ErrNotExist) {
			os.Remove(db.path) // half made, by us
		}
		return err
	}
	db.bolt.AllocSize = 1 << 20
	err = db.view(func(tx *bolt.Tx) error { return ready(tx, db.path, buckets) })
	if errors.Is(err, errOld) && !db.readOnly {
		err = db.update(func(tx *bolt.Tx) error { return migrate(tx, db.path, buckets) })
	}
	if err != nil && !errors.Is(err, errOld) {
		db.bolt.Close()
		return err
	}
	return nil
}

func (db *DB) bolted(o *bolt.Options) error {
	return db.guard(func() (err error) {
		db.bolt, err = bolt.Open(db.path, 0o600, o)
		return err
	})
}

// errOld says that a file wants migrate.
var errOld = errors.New("new, or of an older schema")

// ready tells whether a file is of this schema, so that nothing need be written.
func ready(tx *bolt.Tx, path string, buckets []string) error {
	if tx.Bucket([]byte("meta")) == nil {
		return errOld
	}
	if err := checkSchema(tx, path); err != nil {
		return err
	}
	for _, name := range buckets {
		if tx.Bucket([]byte(name)) == nil {
			return errOld
		}
	}
	return nil
}

// migrate brings a file to schema, all in one transaction.
func migrate(tx *bolt.Tx, path string, buckets []string) error {
	meta, err := tx.CreateBucketIfNotExists([]byte("meta"))
	if err != nil {
		return err
	}
	if meta.Get([]byte("schema")) == nil {
		b, err := encode(schema)
		if err != nil {
			return err
		}
		if err := meta.Put([]byte("schema"), b); err != nil {
			return err
		}
	}
	if err := checkSchema(tx, path); err != nil {
		return err
	}
	// Steps from schema 1 to 2 and so on go here.
	for _, name := range buckets {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	return nil
}

func checkSchema(tx *bolt.Tx, path string) error {
	meta := tx.Bucket([]byte("meta"))
	if meta == nil {
		return fmt.Errorf("%s has no schema: %w", path, ErrCorrupt)
	}
	var n int
	if err := decode(meta.Get([]byte("schema")), &n); err != nil {
		return fmt.Errorf("%s: schema: %w", path, err)
	}
	if n > schema {
		return fmt.Errorf("%s has schema %d, this version knows %d: %w", path, n, schema, ErrSchema)
	}
	return nil
}

// ReadOnly tells whether nothing can be written.
func (db *DB) ReadOnly() bool { return db.readOnly }

// Close closes the file.
func (db *DB) Close() error {
	if db.bolt == nil {
		return nil
	}
	return db.explain(db.bolt.Close())
}

func (db *DB) view(f func(*bolt.Tx) error) error {
	if db.bolt == nil {
		return fmt.Errorf("%s: %w", db.path, ErrNone)
	}
	return db.guard(func() error { return db.bolt.View(f) })
}

func (db *DB) update(f func(*bolt.Tx) error) error {
	if db.bolt == nil || db.readOnly && db.bolt.IsReadOnly() {
		return fmt.Errorf("%s: %w", db.path, ErrReadOnly)
	}
	return db.guard(func() error { return db.bolt.Update(f) })
}

// guard turns what a broken file or disk does under a memory map, a panic or a fault,
// into an error.
func (db *DB) guard(f func() error) (err error) {
	old := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(old)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %v: %w", db.path, p, ErrCorrupt)
		}
	}()
	return db.explain(f())
}

// explain gives an error the file's name and the sentinel that fits.
func (db *DB) explain(err error) error {
	kind := error(nil)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%s: %w", db.path, ErrLocked)
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission), errors.Is(err, bolterrors.ErrDatabaseReadOnly):
		kind = ErrReadOnly
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		kind = ErrFull
	case errors.Is(err, bolterrors.ErrMaxSizeReached):
		return fmt.Errorf("%s has reached its greatest size: %w", db.path, ErrFull)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum),
		errors.Is(err, bolterrors.ErrVersionMismatch), errors.Is(err, bolterrors.ErrInvalidMapping),
		errors.Is(err, bolterrors.ErrIncompatibleValue):
		kind = ErrCorrupt
	}
	if kind == nil || errors.Is(err, kind) {
		return err
	}
	return fmt.Errorf("%s: %w: %w", filepath.Base(db.path), kind, err)
}
