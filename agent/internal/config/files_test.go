package config

import (
	"os"
	"path/filepath"
	"testing"
)

// TestEveryFileInConfigsLoads holds the examples to what the daemon reads.
func TestEveryFileInConfigsLoads(t *testing.T) {
	files, err := filepath.Glob("../../../configs/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		if _, err := Load(f); err != nil {
			t.Error(err)
		}
	}
}

func TestLoadSaysWhichFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.yaml")
	if err := os.WriteFile(path, []byte("device: {idd: x}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || len(err.Error()) < len(path) || err.Error()[:len(path)] != path {
		t.Errorf("error %v, want it to begin with the file", err)
	}
}
