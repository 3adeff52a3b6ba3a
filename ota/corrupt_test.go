package ota_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kinglet/ota"
)

func TestCorruptStore(t *testing.T) {
	t.Run("models.db", in(func(t *testing.T, r *rig, m *memory) {
		r.open()
		r.push(2, "right", nil)
		r.expect(ota.PhaseProbation, 2, "")
		r.close()
		db := filepath.Join(r.options.Dir, "models.db")
		if err := os.Truncate(db, 20000); err != nil {
			t.Fatal(err)
		}
		trust, err := os.ReadFile(filepath.Join(r.options.Dir, "trust.db"))
		if err != nil {
			t.Fatal(err)
		}
		r.options.Transport = nil
		r.open()
		r.active(1)
		if _, err := os.Stat(db + ".corrupt"); err != nil {
			t.Error(err)
		}
		r.close()
		if after, err := os.ReadFile(filepath.Join(r.options.Dir, "trust.db")); err != nil || len(after) != len(trust) {
			t.Errorf("trust.db changed: %v", err)
		}
		r.options.Transport = m
		r.open()
		r.expect(ota.PhaseProbation, 2, "") // fetched again
	}))
	t.Run("trust.db", in(func(t *testing.T, r *rig, _ *memory) {
		r.open()
		r.push(2, "right", nil)
		r.expect(ota.PhaseProbation, 2, "")
		r.close()
		if err := os.WriteFile(filepath.Join(r.options.Dir, "trust.db"), []byte("junk"), 0o600); err != nil {
			t.Fatal(err)
		}
		r.open()
		r.active(2)
		r.push(3, "right", nil)
		r.expect(ota.PhaseProbation, 3, "")
	}))
	t.Run("a flipped bit in the active model", in(func(t *testing.T, r *rig, m *memory) {
		r.open()
		r.push(2, "right", nil)
		r.expect(ota.PhaseProbation, 2, "")
		r.live(2)
		r.close()
		db := filepath.Join(r.options.Dir, "models.db")
		file, err := os.ReadFile(db)
		if err != nil {
			t.Fatal(err)
		}
		flipped := 0
		for _, topic := range m.chunks() {
			if i := strings.Index(string(file), string(m.payload(topic))); i >= 0 && len(m.payload(topic)) > 100 {
				file[i+50] ^= 1
				flipped++
			}
		}
		if flipped == 0 {
			t.Fatal("no chunk was found in the file")
		}
		if err := os.WriteFile(db, file, 0o600); err != nil {
			t.Fatal(err)
		}
		transport := r.options.Transport
		r.options.Transport = nil
		r.open()
		r.active(1)
		r.expect(ota.PhaseRolledBack, 2, ota.CodeStoreCorrupt)
		r.close()
		r.options.Transport = transport
		r.open()
		r.expect(ota.PhaseProbation, 2, "") // fetched again
		r.active(2)
	}))
}
