//go:build !linux

package store

// free is not known on this system.
func free(string) int64 { return -1 }
