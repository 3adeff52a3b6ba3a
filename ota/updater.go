package ota

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"kinglet/ota/internal/chunk"
	"kinglet/ota/internal/store"
)

// Updater looks after the models of one device. All methods are safe for concurrent use.
type Updater struct {
	o       Options
	log     *slog.Logger
	lock    *os.File
	models  *store.Models
	trust   *store.Trust
	factory map[string]factory
	names   []string // sorted

	turn sync.Mutex // held from a change of Active to the end of Host.Activate; before mu

	mu    sync.Mutex
	lines map[string]*line

	emitting sync.Mutex // orders events; held while OnEvent runs
	seq      uint64
	lastSeq  uint64 // of those reserved in the store
	status   *statusQueue

	jobs chan job
	poke chan struct{} // wakes follow

	// Only follow's goroutine uses these.
	metaFails int
	timestamp int64 // version of the trusted one; 0 before it is verified in this run
	partial   bool  // chunks of an update that goes on later are in the store
}

type factory struct {
	Factory
	digest string
}

// line is what the Updater knows of one model.
type line struct {
	slot     store.Slot
	phase    Phase
	version  int64
	progress float64
	refusal  *Refusal
	window   window
	last     time.Time // of the last report in probation
	saved    time.Duration
	pending  bool // a job about this model waits
}

// Open opens or creates the store under o.Dir. A corrupt models.db is moved aside and
// said in the log; then the factory models run. On a read-only disk the Updater still
// gives models, and refuses updates with CodeReadOnly. A store in use by another process
// is an error that names it.
func Open(o Options) (*Updater, error) {
	o = o.defaults()
	u := &Updater{o: o, log: o.Logger, factory: map[string]factory{}, lines: map[string]*line{},
		jobs: make(chan job, 16), poke: make(chan struct{}, 1), status: newStatusQueue()}
	if err := u.setFactory(); err != nil {
		return nil, fmt.Errorf("ota: %w", err)
	}
	if err := u.openStore(); err != nil {
		u.Close()
		return nil, fmt.Errorf("ota: %w", err)
	}
	return u, nil
}

func (u *Updater) setFactory() error {
	o := u.o
	if o.Dir == "" || len(o.Factory) == 0 {
		return errors.New("options: Dir and Factory are needed")
	}
	if o.Transport != nil && (o.Trial == nil || len(o.Root) == 0) {
		return errors.New("options: a Transport needs a Trial and a Root")
	}
	if !ValidName(o.Repository) || o.Device != "" && !ValidName(o.Device) {
		return fmt.Errorf("options: repository %.80q or device %.80q: want 1 to 64 of a-z, 0-9, '-', '_'", o.Repository, o.Device)
	}
	for _, f := range o.Factory {
		switch {
		case !ValidName(f.Name):
			return fmt.Errorf("options: model %.80q: want 1 to 64 of a-z, 0-9, '-', '_'", f.Name)
		case f.Version < 1:
			return fmt.Errorf("options: model %s: version %d, want at least 1", f.Name, f.Version)
		case len(f.Bytes) == 0:
			return fmt.Errorf("options: model %s is empty", f.Name)
		}
		if _, twice := u.factory[f.Name]; twice {
			return fmt.Errorf("options: model %s is given twice", f.Name)
		}
		if f.Rules == nil {
			f.Rules = &o.Rules
		}
		rules := f.Rules.defaults()
		f.Rules = &rules
		if f.Probation == nil {
			f.Probation = &o.Probation
		}
		u.factory[f.Name] = factory{f, chunk.Digest(f.Bytes)}
	}
	u.names = slices.Sorted(maps.Keys(u.factory))
	return nil
}

func (u *Updater) openStore() error {
	if err := os.MkdirAll(u.o.Dir, 0o700); err != nil && !readOnlyDir(err) {
		return err
	}
	var err error
	if u.lock, err = store.Lock(u.o.Dir); err != nil {
		return err
	}
	options := store.Options{MaxBytes: int(min(u.o.Limits.StoreBytes, 1<<30))}
	if u.models, err = store.OpenModels(filepath.Join(u.o.Dir, "models.db"), options); err != nil {
		return err
	}
	if u.trust, err = store.OpenTrust(filepath.Join(u.o.Dir, "trust.db"), store.Options{}); err != nil {
		return err
	}
	for _, db := range []*store.DB{u.models.DB, u.trust.DB} {
		if db.Moved != "" {
			u.log.Error("ota: the store was corrupt; it is moved aside and made anew", "moved", db.Moved, "cause", db.Cause)
		}
	}
	if u.models.ReadOnly() || u.trust.ReadOnly() {
		u.log.Error("ota: nothing can be stored; the models run, but no update can be taken", "dir", u.o.Dir,
			"cause", errors.Join(u.models.Cause, u.trust.Cause))
	}
	for _, name := range u.names {
		u.lines[name] = u.readLine(name)
	}
	return u.reserve()
}

// reserve takes event numbers out of the store, so that they increase over restarts.
func (u *Updater) reserve() error {
	const block = 1 << 16
	first, err := u.models.Reserve(block)
	if err != nil {
		if u.lastSeq == 0 {
			u.seq, u.lastSeq = 0, 1<<62 // nothing can be written: numbers start over
		}
		if errors.Is(err, store.ErrReadOnly) || errors.Is(err, store.ErrFull) {
			return nil
		}
		return err
	}
	u.seq, u.lastSeq = first-1, first+block-1
	return nil
}

func (u *Updater) readLine(name string) *line {
	l := &line{phase: PhaseIdle}
	slot, err := u.models.Slot(name)
	if err != nil && !errors.Is(err, store.ErrNone) {
		u.log.Error("ota: the slot does not read; the factory model runs", "model", name, "error", err)
	}
	l.slot = slot
	l.version = u.versionOf(name, slot.Active)
	if slot.Probation != nil {
		l.phase, l.saved = PhaseProbation, slot.Probation.Time
	}
	return l
}

// Close closes the store. Call it after Run has returned.
func (u *Updater) Close() error {
	var err error
	if u.models != nil {
		err = errors.Join(err, u.models.Close())
	}
	if u.trust != nil {
		err = errors.Join(err, u.trust.Close())
	}
	if u.lock != nil {
		err = errors.Join(err, u.lock.Close())
	}
	return err
}

// Run follows the repository until ctx ends: it resumes what a restart interrupted,
// takes updates, carries out rollbacks and publishes status. It returns ctx's error.
// Call it once.
func (u *Updater) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { u.work(ctx) })
	if u.o.Transport != nil {
		for _, name := range u.names {
			u.publishStatus(name)
		}
		wg.Go(func() { u.status.run(ctx, u.o, u.log) })
		u.follow(ctx)
	}
	wg.Wait()
	return ctx.Err()
}

// Status tells where each model stands, sorted by name.
func (u *Updater) Status() []Status {
	u.mu.Lock()
	defer u.mu.Unlock()
	out := make([]Status, 0, len(u.names))
	for _, name := range u.names {
		l := u.lines[name]
		s := Status{Model: name, Active: u.describe(name, l.slot.Active), Previous: u.describe(name, l.slot.Previous),
			Phase: l.phase, Version: l.version, Progress: l.progress, Refusal: l.refusal}
		if p := l.slot.Probation; p != nil {
			s.ProbationRuns, s.ProbationTime = p.Runs, p.Time
		}
		out = append(out, s)
	}
	return out
}

// History tells what happened to a model, oldest first; "" means all models.
func (u *Updater) History(model string) ([]Entry, error) {
	if _, ok := u.factory[model]; !ok && model != "" {
		return nil, fmt.Errorf("ota: no model %.80q", model)
	}
	lines, err := u.models.Audit()
	if err != nil {
		return nil, fmt.Errorf("ota: %w", err)
	}
	var out []Entry
	for _, e := range lines {
		if model == "" || e.Model == model {
			out = append(out, Entry{Seq: e.Seq, Time: e.Time, Model: e.Model, Version: e.Version, Digest: e.Digest,
				Phase: Phase(e.Phase), Code: Code(e.Code), Reason: e.Reason})
		}
	}
	return out, nil
}

func readOnlyDir(err error) bool {
	return errors.Is(err, os.ErrPermission) || isReadOnlyDisk(err)
}
