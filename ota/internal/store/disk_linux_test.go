package store

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// tmpfs mounts a small disk, which needs root.
func tmpfs(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("a tmpfs of its own needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestFullDisk(t *testing.T) {
	path := filepath.Join(tmpfs(t, "1m"), "models.db")
	fill := func(m *Models) (n int, err error) {
		for ; n < 100 && err == nil; n++ {
			r, b := noise(uint64(n), 60000)
			err = m.PutChunk(r.Digest, b)
		}
		return n - 1, err
	}
	m := openModels(t, path)
	n, err := fill(m)
	if !errors.Is(err, ErrFull) || n < 3 {
		t.Fatalf("after %d chunks: %v", n, err)
	}
	check := func(m *Models) {
		for i := range n {
			r, _ := noise(uint64(i), 60000)
			if _, err := m.Chunk(r); err != nil {
				t.Errorf("chunk %d of %d: %v", i, n, err)
			}
		}
	}
	check(m)
	m.Close()
	m = openModels(t, path)
	if m.Moved != "" {
		t.Fatalf("taken for corrupt: %v", m.Cause)
	}
	check(m)
	if _, err := m.Sweep(nil); err != nil {
		t.Errorf("nothing can be removed from a full disk: %v", err)
	}
	if err := m.PutChunk(func() (string, []byte) { r, b := noise(0, 60000); return r.Digest, b }()); err != nil {
		t.Errorf("no room after the sweep: %v", err)
	}
}

func TestFullDiskAtTheBeginning(t *testing.T) {
	dir := tmpfs(t, "64k")
	if err := os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, 60<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	none := openModels(t, filepath.Join(dir, "models.db"))
	if !none.ReadOnly() || !errors.Is(none.Cause, ErrFull) {
		t.Errorf("read-only %t, because %v", none.ReadOnly(), none.Cause)
	}
	if _, err := none.Slot("motor"); !errors.Is(err, ErrNone) {
		t.Errorf("got %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "ballast")); err != nil {
		t.Fatal(err)
	}
	if m := openModels(t, filepath.Join(dir, "models.db")); m.ReadOnly() || m.Moved != "" {
		t.Errorf("read-only %t, moved %q", m.ReadOnly(), m.Moved)
	}
}

func TestReadOnlyDisk(t *testing.T) {
	dir := tmpfs(t, "8m")
	path := filepath.Join(dir, "models.db")
	fill(t, path)
	if err := os.WriteFile(filepath.Join(dir, "torn.db"), make([]byte, 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("remount: %v", err)
	}
	m := openModels(t, path)
	if !m.ReadOnly() {
		t.Error("not said to be read-only")
	}
	if s, err := m.Slot("motor"); err != nil || s.Active.Version != 3 {
		t.Errorf("slot %+v, %v", s, err)
	}
	r, b := noise(50, 100)
	if err := m.PutChunk(r.Digest, b); !errors.Is(err, ErrReadOnly) {
		t.Errorf("got %v", err)
	}
	torn := openModels(t, filepath.Join(dir, "torn.db"))
	if !torn.ReadOnly() || !errors.Is(torn.Cause, ErrCorrupt) {
		t.Errorf("torn: read-only %t, because %v", torn.ReadOnly(), torn.Cause)
	}
	none := openModels(t, filepath.Join(dir, "other.db"))
	if !none.ReadOnly() {
		t.Error("not said to be read-only")
	}
	if _, err := none.Slot("motor"); !errors.Is(err, ErrNone) {
		t.Errorf("got %v", err)
	}
	if l, err := Lock(dir); err != nil || l != nil {
		t.Errorf("lock: %v, %v", l, err)
	}
}
