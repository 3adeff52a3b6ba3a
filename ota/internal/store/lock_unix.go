//go:build unix

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Lock keeps a second process out of a state directory until the file is closed. On a
// read-only disk without a lock file it gives nil: nobody can write there.
func Lock(dir string) (*os.File, error) {
	name := filepath.Join(dir, "lock")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
		if f, err = os.Open(name); err != nil {
			return nil, nil
		}
	} else if err != nil {
		return nil, err
	}
	if err := flock(f); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		b := make([]byte, 20)
		n, _ := f.ReadAt(b, 0) // who holds it; empty on a full disk
		if pid := strings.TrimSpace(string(b[:n])); pid != "" {
			return nil, fmt.Errorf("%s: %w (process %s)", dir, ErrLocked, pid)
		}
		return nil, fmt.Errorf("%s: %w", dir, ErrLocked)
	}
	// The pid is for the message only; a disk that does not take it is no reason to stop.
	if f.Truncate(0) == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return f, nil
}

// lockPatience is how long a lock is waited for: when its holder is killed while it starts a
// child, the child has the file open until it executes.
const lockPatience = time.Second

func flock(f *os.File) error {
	for left := 20; ; left-- {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) || left == 0 {
			return err
		}
		time.Sleep(lockPatience / 20)
	}
}
