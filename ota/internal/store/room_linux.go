package store

import (
	"path/filepath"
	"syscall"
)

// free is what the disk under a file has left, in bytes; negative when it does not say.
func free(path string) int64 {
	var s syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(path), &s); err != nil {
		return -1
	}
	return int64(s.Bavail) * int64(s.Bsize)
}
