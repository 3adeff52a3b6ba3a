package publish

import "errors"

// The decisions a caller makes.
var (
	ErrExists  = errors.New("a repository is already there")
	ErrNone    = errors.New("no repository there")
	ErrVersion = errors.New("version must increase")
	ErrBehind  = errors.New("the broker has newer metadata than this directory")
	ErrLocked  = errors.New("in use by another process")
)
