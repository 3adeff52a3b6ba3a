//go:build !unix

package publish

import "os"

// lock opens the file only: this system has no flock.
func lock(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
}
