package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWriteFileReplacesRegularFilesOnly(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	if err := os.WriteFile(real, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(real); err != nil || string(b) != "new" {
		t.Errorf("%q, %v; want what the link points to replaced", b, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if err := writeFile("/dev/null", []byte("x")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat("/dev/null"); err != nil || info.Mode()&os.ModeDevice == 0 {
		t.Fatal("/dev/null is no device any more")
	}
	if err := writeFile(filepath.Join(dir, "none", "f"), nil); err == nil {
		t.Error("a file in no directory is written")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("%d files are left, %v; want the file and its link", len(left), err)
	}
}

func TestReadFileIsBounded(t *testing.T) {
	if _, err := readFile("/dev/zero", 1<<20); err == nil || !strings.Contains(err.Error(), "more than 1048576") {
		t.Errorf("an endless file: %v", err)
	}
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, make([]byte, 100), 0o644); err != nil {
		t.Fatal(err)
	}
	if b, err := readFile(path, 100); err != nil || len(b) != 100 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if _, err := readFile(path, 99); err == nil {
		t.Error("a file over the limit is read")
	}
	var s *statusError
	if _, err := readFile(path+"x", 1); !errors.As(err, &s) || s.status != exitNotFound {
		t.Errorf("error %v, want exit status %d", err, exitNotFound)
	}
	if _, err := readFile(filepath.Dir(path), 100); err == nil {
		t.Error("a directory is read")
	}
}

func TestKeysAreMadeOnce(t *testing.T) {
	dir := t.TempDir()
	keys, root := filepath.Join(dir, "keys"), filepath.Join(dir, "root.json")
	run := func(want int, args ...string) string {
		t.Helper()
		out, errs, status := command(t, args...)
		if status != want {
			t.Fatalf("%q: exit status %d, want %d; %s", args, status, want, errs)
		}
		return out + errs
	}
	run(0, "keys", "init", "--dir", keys, "--root", root)
	b, err := os.ReadFile(root)
	if err != nil {
		t.Fatal(err)
	}
	if got := run(0, "keys", "root", "--dir", keys); got != string(b) {
		t.Error("keys root prints another document")
	}
	if said := run(1, "keys", "init", "--dir", filepath.Join(dir, "other"), "--root", root); !strings.Contains(said, "there already") {
		t.Errorf("a root document is overwritten: %s", said)
	}
	if said := run(1, "keys", "init", "--dir", keys, "--root", root+"2"); !strings.Contains(said, "already") {
		t.Errorf("keys are overwritten: %s", said)
	}
	run(1, "keys", "root", "--dir", filepath.Join(dir, "none"))
}

func TestLostOutputIsAFailure(t *testing.T) {
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full")
	}
	defer f.Close()
	var errs strings.Builder
	if status := execute(t.Context(), []string{"version"}, strings.NewReader(""), f, &errs); status != exitFailed || !strings.Contains(errs.String(), "no space left") {
		t.Errorf("exit status %d, %q", status, errs.String())
	}
}

func TestNamesFromFilesAreQuotedWhereTheyWouldSteerATerminal(t *testing.T) {
	for name, want := range map[string]string{"conv_1/äöü": "conv_1/äöü", "a\x1b[2J": `"a\x1b[2J"`, "a\tb": `"a\tb"`, "\xff": `"\xff"`} {
		if got := nameText(name); got != want {
			t.Errorf("%q is shown as %s, want %s", name, got, want)
		}
	}
}
