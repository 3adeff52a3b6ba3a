//go:build !unix

package store

import "os"

// Lock relies on bbolt's own lock on this system.
func Lock(string) (*os.File, error) { return nil, nil }
