package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"kinglet/ota/internal/chunk"
	"kinglet/ota/internal/tuf"
)

func openModels(t testing.TB, path string) *Models {
	t.Helper()
	m, err := OpenModels(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// noise is a chunk's packed bytes and its name; the store does not unpack.
func noise(seed uint64, n int) (chunk.Ref, []byte) {
	r := rand.New(rand.NewPCG(seed, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return chunk.Ref{Digest: chunk.Digest(b), Packed: n, Raw: n}, b
}

// fill makes a store with something in every bucket, freed pages included.
func fill(t testing.TB, path string) {
	t.Helper()
	m, err := OpenModels(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		r, b := noise(uint64(i), 20000+i)
		if err := m.PutChunk(r.Digest, b); err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			if err := m.DeleteChunk(r.Digest); err != nil {
				t.Fatal(err)
			}
		}
	}
	err = m.Update(func(tx Tx) error {
		for i := range 50 {
			if err := tx.Append(Entry{Model: "motor", Version: int64(i)}); err != nil {
				return err
			}
		}
		return errors.Join(tx.PutSlot("motor", Slot{Active: &Ref{Version: 3}}), tx.PutRefused("d", Refused{Code: "x"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "models.db")
	fill(t, path)
	m := openModels(t, path)
	if s, err := m.Slot("motor"); err != nil || s.Active.Version != 3 || s.Previous != nil {
		t.Errorf("slot %+v, %v", s, err)
	}
	if _, err := m.Slot("horn"); !errors.Is(err, ErrNone) {
		t.Errorf("got %v, want ErrNone", err)
	}
	if r, err := m.Refused("d"); err != nil || r.Code != "x" {
		t.Errorf("refused %+v, %v", r, err)
	}
	if a, err := m.Audit(); err != nil || len(a) != 50 || a[49].Version != 49 || a[49].Seq != 50 {
		t.Errorf("audit of %d, %v", len(a), err)
	}
	r, b := noise(1, 20001)
	if got, err := m.Chunk(r); err != nil || !bytes.Equal(got, b) {
		t.Errorf("chunk: %v", err)
	}
	if n, err := m.Sweep(map[string]bool{r.Digest: true}); err != nil || n != 7 {
		t.Errorf("swept %d, %v", n, err)
	}
	if _, err := m.Chunk(r); err != nil {
		t.Errorf("the kept chunk: %v", err)
	}
}

func TestAuditAndRefusedAreBounded(t *testing.T) {
	m := openModels(t, filepath.Join(t.TempDir(), "models.db"))
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	err := m.Update(func(tx Tx) error {
		for i := range maxAudit + 20 {
			if err := tx.Append(Entry{Version: int64(i)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if a, err := m.Audit(); err != nil || len(a) != maxAudit || a[0].Version != 20 {
		t.Errorf("audit of %d from %d, %v", len(a), a[0].Version, err)
	}
	for i := range 3 {
		err := m.Update(func(tx Tx) error {
			for j := range maxRefused / 2 {
				k := i*maxRefused/2 + j
				b, err := encode(Refused{Time: now.Add(time.Duration(k) * time.Second)})
				if err != nil {
					return err
				}
				if i < 2 {
					err = tx.tx.Bucket([]byte(bucketRefused)).Put(fmt.Appendf(nil, "%d", k), b)
				} else if j < 5 {
					err = tx.PutRefused(fmt.Sprint(k), Refused{Time: now.Add(time.Duration(k) * time.Second)})
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.Refused("0"); !errors.Is(err, ErrNone) {
		t.Errorf("the oldest is still there: %v", err)
	}
	if _, err := m.Refused("10"); err != nil {
		t.Errorf("a newer one is gone: %v", err)
	}
}

func TestFlippedBitInAValueIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "models.db")
	fill(t, path)
	r, b := noise(1, 20001)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; ; { // every copy of it, freed ones too
		i := bytes.Index(file[at:], b[:64])
		if i < 0 {
			break
		}
		file[at+i+30] ^= 4
		at += i + 64
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	m := openModels(t, path)
	if m.Moved != "" {
		t.Fatal("moved aside for a bit that bbolt does not care about")
	}
	if _, err := m.Chunk(r); !errors.Is(err, ErrCorrupt) || !errors.Is(err, chunk.ErrDigest) {
		t.Errorf("got %v", err)
	}
}

// Whatever happens to the file, it opens: as it was, or made anew with the old one aside.
func TestCorruptFileIsMovedAside(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.db")
	fill(t, whole)
	good, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(whole); err != nil {
		t.Fatal(err)
	}
	type bad struct {
		name string
		file []byte
	}
	cases := []bad{{"one byte", good[:1]}, {"half a page", good[:2000]}, {"both metas gone", append(make([]byte, 8192), good[8192:]...)}, {"text", []byte("not a database at all, but a line of text\n")}}
	for n := 4096; n < len(good); n += len(good) / 7 {
		cases = append(cases, bad{fmt.Sprintf("cut to %d", n), good[:n]})
	}
	r := rand.New(rand.NewPCG(5, uint64(os.Getpid())))
	rounds := 300
	if testing.Short() {
		rounds = 30
	}
	for i := range rounds {
		f := bytes.Clone(good)
		for range 1 + r.IntN(20) {
			// Mostly page headers and element tables, where it hurts.
			at := r.IntN(len(f)/4096)*4096 + r.IntN(200)
			f[at] = byte(r.Uint32())
		}
		cases = append(cases, bad{fmt.Sprintf("damage %d", i), f})
	}
	moved := 0
	for _, c := range cases {
		path := filepath.Join(dir, "models.db")
		os.Remove(path + ".corrupt")
		if err := os.WriteFile(path, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := OpenModels(path, Options{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if m.Moved != "" {
			moved++
			aside, err := os.ReadFile(m.Moved)
			if err != nil || !bytes.Equal(aside, c.file) {
				t.Errorf("%s: what was moved aside is not what was there: %v", c.name, err)
			}
		}
		// Using it may find more, but never panics.
		m.Slot("motor")
		m.Audit()
		for i := range 12 {
			r, _ := noise(uint64(i), 20000+i)
			m.Chunk(r)
		}
		ref, b := noise(99, 50000)
		if err := m.PutChunk(ref.Digest, b); err != nil && !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: put: %v", c.name, err)
		}
		m.Close()
	}
	if moved < 10 {
		t.Errorf("only %d of %d were found corrupt", moved, len(cases))
	}
}

func TestNewerSchemaIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "models.db")
	fill(t, path)
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		b, err := encode(9)
		if err != nil {
			return err
		}
		return tx.Bucket([]byte("meta")).Put([]byte("schema"), b)
	})
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := OpenModels(path, Options{}); !errors.Is(err, ErrSchema) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(path + ".corrupt"); err == nil {
		t.Error("moved aside")
	}
}

func TestGreatestSize(t *testing.T) {
	m, err := OpenModels(filepath.Join(t.TempDir(), "models.db"), Options{MaxBytes: 2 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for i := range 100 {
		r, b := noise(uint64(i), 90000)
		if err = m.PutChunk(r.Digest, b); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrFull) {
		t.Errorf("got %v", err)
	}
	if r, _ := noise(0, 90000); r.Digest != "" {
		if _, err := m.Chunk(r); err != nil {
			t.Errorf("the first chunk is lost: %v", err)
		}
	}
}

func TestTrust(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trust.db")
	db, err := OpenTrust(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Load("main"); !errors.Is(err, ErrNone) {
		t.Errorf("got %v", err)
	}
	want := Trusted{Pinned: "p", State: tuf.State{Root: []byte("r"), Timestamp: []byte("t"), Seen: time.Unix(1e9, 0).UTC()}, Rejection: Rejection{"s", "c"}}
	if err := db.Save("main", want); err != nil {
		t.Fatal(err)
	}
	want.State.Timestamp, want.State.Targets = nil, []byte("x")
	if err := db.Save("main", want); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if db, err = OpenTrust(path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	got, err := db.Load("main")
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, %v", got, err)
	}
}

func FuzzRecord(f *testing.F) {
	for _, v := range []any{Slot{Active: &Ref{Version: 1}}, Refused{Code: "x"}, Entry{Model: "m"}} {
		b, err := encode(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var s Slot
		var r Refused
		if decode(b, &s) != nil || decode(b, &r) != nil {
			return
		}
		again, err := encode(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := decode(again, &s); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzCheck(f *testing.F) {
	path := filepath.Join(f.TempDir(), "models.db")
	m, err := OpenModels(path, Options{})
	if err != nil {
		f.Fatal(err)
	}
	m.Close()
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:5000])
	f.Fuzz(func(t *testing.T, file []byte) {
		path := filepath.Join(t.TempDir(), "models.db")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Check(path); err != nil {
			return
		}
		m, err := OpenModels(path, Options{})
		if err != nil {
			return
		}
		m.Audit()
		m.Close()
	})
}
