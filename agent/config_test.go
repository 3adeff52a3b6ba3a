package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kinglet/agent/internal/config"
)

const agentYAML = "../configs/agent.yaml"

// broken writes a configuration with two errors and returns its path.
func broken(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agent.yaml")
	if err := os.WriteFile(path, []byte("device: {idd: x}\nmqtt: {broker: http://b}\npipelines: {v: {source: s, model: m}}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConfigCheckSaysAllAtOnce(t *testing.T) {
	path := broken(t)
	out, errs, status := command(t, "config", "check", path)
	if status != exitConfig || !strings.Contains(errs, path+": 4 errors") || strings.Count(out, "\n"+path+":")+1 != 4 || !strings.Contains(out, "      |          ^^^ did you mean id?\n") {
		t.Errorf("exit status %d\n%s\n%s", status, out, errs)
	}
	out, errs, status = command(t, "config", "check", path, "-o", "json")
	var problems []config.Problem
	if err := json.Unmarshal([]byte(out), &problems); err != nil || status != exitConfig {
		t.Fatalf("%v, exit status %d, %s", err, status, errs)
	}
	if p := problems[0]; len(problems) != 4 || p.File != path || p.Line != 1 || p.Column != 10 || p.Path != "device.idd" || p.Message == "" || p.Hint != "did you mean id?" || p.Level != config.Wrong {
		t.Errorf("got %+v", problems)
	}
	if _, errs, status := command(t, "run", "--config", path); status != exitConfig || strings.Count(errs, "\n"+path+":") != 4 {
		t.Errorf("run: exit status %d, %s", status, errs)
	}
}

func TestConfigCheckTakesWhatIsRight(t *testing.T) {
	out, errs, status := command(t, "config", "check", agentYAML)
	if status != 0 || out != "" || !strings.Contains(errs, "0 errors") {
		t.Errorf("exit status %d, %q, %q", status, out, errs)
	}
	if out, _, status := command(t, "config", "check", agentYAML, "-o", "json"); status != 0 || strings.TrimSpace(out) != "[]" {
		t.Errorf("exit status %d, %q", status, out)
	}
	if _, errs, status := command(t, "config", "check", "none.yaml"); status != exitConfig || !strings.Contains(errs, "none.yaml") {
		t.Errorf("exit status %d, %q", status, errs)
	}
	if _, _, status := command(t, "config", "check", "a", "b"); status != exitUsage {
		t.Errorf("exit status %d, want %d", status, exitUsage)
	}
}

func TestConfigShowIsAConfiguration(t *testing.T) {
	out, errs, status := command(t, "config", "show", agentYAML)
	if status != 0 || !strings.Contains(out, "id: motor-1") {
		t.Fatalf("exit status %d, %s", status, errs)
	}
	shown := filepath.Join(t.TempDir(), "shown.yaml")
	if err := os.WriteFile(shown, []byte(out), 0o644); err != nil {
		t.Fatal(err)
	}
	first, _, _ := command(t, "config", "show", agentYAML, "-o", "json")
	second, errs, status := command(t, "config", "show", shown, "-o", "json")
	if status != 0 || first != second || !json.Valid([]byte(first)) {
		t.Errorf("exit status %d, %s\n%s\n%s", status, errs, first, second)
	}
	if _, errs, status := command(t, "config", "show", broken(t)); status != exitConfig || !strings.Contains(errs, "did you mean id?") {
		t.Errorf("exit status %d, %s", status, errs)
	}
}

func TestConfigSchemaIsTheCommittedOne(t *testing.T) {
	want, err := os.ReadFile("../configs/agent.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if out, _, status := command(t, "config", "schema"); status != 0 || !bytes.Equal([]byte(out), want) {
		t.Errorf("exit status %d, and not configs/agent.schema.json", status)
	}
}
