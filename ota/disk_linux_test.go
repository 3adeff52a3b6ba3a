package ota_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"kinglet/ota"
	"kinglet/ota/publish"
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
	dir := tmpfs(t, "2m")
	in(func(t *testing.T, r *rig, _ *memory) {
		r.options.Dir = filepath.Join(dir, "state")
		r.open()
		r.push(2, "right", nil)
		r.expect(ota.PhaseProbation, 2, "")
		r.live(2)
		r.push(3, "right", func(p *publish.Push) { p.Bytes = noise(4 << 20) })
		r.expect(ota.PhaseRefused, 3, ota.CodeDiskFull)
		r.active(2)
		r.close()
		r.open()
		r.quiet(time.Minute)
		r.active(2)
		// Somebody else fills the disk to the last byte: the present model runs on.
		ballast, err := os.Create(filepath.Join(dir, "ballast"))
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = ballast.Write(make([]byte, 4096))
		}
		ballast.Close()
		r.push(5, "right", nil)
		r.quietlyActive(2)
		r.close()
		r.open()
		r.active(2)
		if err := os.Remove(ballast.Name()); err != nil {
			t.Fatal(err)
		}
		r.patient(ota.PhaseProbation, 5, "")
	})(t)
}

func TestReadOnlyDisk(t *testing.T) {
	dir := tmpfs(t, "16m")
	in(func(t *testing.T, r *rig, _ *memory) {
		r.options.Dir = dir
		r.open()
		r.push(2, "right", nil)
		r.expect(ota.PhaseProbation, 2, "")
		r.live(2)
		r.close()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
			t.Skipf("remount: %v", err)
		}
		r.open()
		r.active(2)
		r.push(3, "right", nil)
		r.quietlyActive(2)
		r.close()
		// Without a store the factory model runs.
		r.options.Dir = filepath.Join(dir, "none")
		r.open()
		r.active(1)
		if _, err := os.Stat(r.options.Dir); err == nil {
			t.Error("the disk is not read-only")
		}
	})(t)
}
