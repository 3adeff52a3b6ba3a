package ota

import "context"

// Updater looks after the models of one device. All methods are safe for concurrent use.
type Updater struct {
	o Options
}

// Open opens or creates the store under o.Dir. A corrupt models.db is moved aside and
// said in the log; then the factory models run. On a read-only disk the Updater still
// gives models, and refuses updates with CodeReadOnly. A store in use by another process
// is an error that names it.
func Open(o Options) (*Updater, error) { return &Updater{o: o}, nil }

// Close waits for Run's present step and closes the store. Call it after Run has returned.
func (u *Updater) Close() error { return nil }

// Boot counts this start for every model in probation and takes back those that
// crashed too often. Call it once after Open and before the models are used; nothing is
// activated, Active answers accordingly.
func (u *Updater) Boot() error { return nil }

// Healthy says that this start has lived long enough: the boots counted so far are forgiven.
func (u *Updater) Healthy() error { return nil }

// Active loads the version of model that should run. When the store cannot give it whole,
// it falls back to the previous one and then to the factory model, and remembers that.
// The error is non-nil only for an unknown name.
func (u *Updater) Active(model string) (Model, error) { return Model{}, nil }

// Run follows the repository until ctx ends: it resumes what a restart interrupted,
// takes updates, carries out rollbacks and publishes status. It returns ctx's error, or
// nil without a Transport when ctx ends. Call it once.
func (u *Updater) Run(ctx context.Context) error { return nil }

// Report takes what the host saw. It returns soon; a rollback it causes is carried out by Run.
func (u *Updater) Report(h Health) {}

// Rollback takes the active version of model back by command and remembers its digest as
// refused. It needs Run, and returns when the previous version is active.
func (u *Updater) Rollback(ctx context.Context, model string) error { return nil }

// Status tells where each model stands, sorted by name.
func (u *Updater) Status() []Status { return nil }

// History tells what happened to a model, oldest first; "" means all models.
func (u *Updater) History(model string) ([]Entry, error) { return nil, nil }
