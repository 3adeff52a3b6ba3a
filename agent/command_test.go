package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kinglet/models/npz"
)

// command runs a command line in this process.
func command(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var o, e bytes.Buffer
	status = execute(t.Context(), args, strings.NewReader(""), &o, &e)
	return o.String(), e.String(), status
}

func TestExitStatus(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.tflite")
	if err := os.WriteFile(broken, []byte("no model at all"), 0o644); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "agent.yaml")
	if err := os.WriteFile(config, []byte("device: {idd: x}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(dir, "missing.yaml")
	if err := os.WriteFile(missing, []byte("sources: {m: {driver: sim-motor}}\nmodels: {m: {file: /nowhere.tflite}}\npipelines: {p: {source: m, model: m}}\ndevice: {state: "+dir+"/state}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"run --config " + missing, exitConfig, "/nowhere.tflite"},
		{"model run " + broken + " --in " + dir + "/none.npz", exitFailed, broken},
		{"push motor " + broken + " --version 2 --broker x --dir " + dir, exitFailed, broken},
		{"", exitDone, ""},
		{"version", exitDone, ""},
		{"version -o json", exitDone, ""},
		{"model", exitDone, ""},
		{"fly", exitUsage, "fly"},
		{"model fly", exitUsage, "fly"},
		{"version --loud", exitUsage, "loud"},
		{"version -o xml", exitUsage, "table or json"},
		{"model run", exitUsage, "MODEL.tflite is missing"},
		{"model run a b", exitUsage, `unexpected "b"`},
		{"model run --cases " + broken, exitUsage, "--in"},
		{"model bench --threads 0 " + broken, exitUsage, "--threads"},
		{"demo train", exitUsage, "train"},
		{"push motor " + broken, exitUsage, "--version"},
		{"push motor " + broken + " --version 2", exitUsage, "--broker"},
		{"model run " + broken, exitFailed, broken},
		{"model inspect " + broken, exitFailed, broken},
		{"model run " + dir + "/none.tflite", exitNotFound, "none.tflite"},
		{"model verify " + dir, exitNotFound, "no .tflite"},
		{"status --socket " + dir + "/none", exitUnreachable, "does not answer"},
		{"run --config " + config, exitConfig, "idd"},
		{"run --config " + dir + "/none.yaml", exitConfig, "none.yaml"},
	} {
		t.Run(c.args, func(t *testing.T) {
			out, errs, status := command(t, strings.Fields(c.args)...)
			if status != c.status || !strings.Contains(errs, c.says) {
				t.Errorf("exit status %d, want %d; stderr %q, want %q in it", status, c.status, errs, c.says)
			}
			if status != exitDone && out != "" {
				t.Errorf("a failure writes %q to stdout", out)
			}
		})
	}
}

func TestModelRunMapsArraysInOrder(t *testing.T) {
	const model = "../testdata/ops/ADD/"
	files, err := filepath.Glob(model + "*.tflite")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d models, %v", len(files), err)
	}
	file := files[0]
	out := filepath.Join(t.TempDir(), "out.npz")
	if _, errs, status := command(t, "model", "run", file, "--in", strings.TrimSuffix(file, ".tflite")+".npz", "--cases", "--out", out); status != 0 {
		t.Fatal(errs)
	}
	f, err := npz.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := f.Get("case1_out0"); !ok {
		t.Errorf("arrays %q, want case1_out0 among them", f.Names())
	}
	if _, errs, status := command(t, "model", "run", file, "--out", out); status != 0 {
		t.Fatal(errs)
	}
	if f, err = npz.Open(out); err != nil || len(f.Members) != 1 || f.Members[0].Name != "out0" {
		t.Errorf("%+v, %v; want out0", f, err)
	}
	if _, errs, status := command(t, "model", "run", file, "--in", out); status != exitFailed || !strings.Contains(errs, "in0") {
		t.Errorf("exit status %d, %q; want in0 to be missed", status, errs)
	}
}

func TestModelRunNamesWhatDoesNotFit(t *testing.T) {
	files, err := filepath.Glob("../testdata/ops/CONV_2D/*int8*.tflite")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d models, %v", len(files), err)
	}
	in := filepath.Join(t.TempDir(), "in.npz")
	wrong := npz.Array{Type: 0, Shape: []int{1, 2}, Data: make([]byte, 8)}
	if err := writeArrays(in, []npz.Member{{Name: "in0", Array: wrong}}); err != nil {
		t.Fatal(err)
	}
	_, errs, status := command(t, "model", "run", files[0], "--in", in)
	if status != exitFailed || !strings.Contains(errs, "got float32 [1 2], want int8 [") {
		t.Errorf("exit status %d, %q", status, errs)
	}
}

func TestVerifyCounts(t *testing.T) {
	out, errs, status := command(t, "model", "verify", "../testdata/ops", "-o", "json")
	if status != 0 {
		t.Fatal(errs)
	}
	var r verifyReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if r.Files != len(r.Results) || r.Exact+r.Close != r.Files || r.Exact == 0 {
		t.Errorf("%d files, %d results, %d exact, %d close, %d failed, %d unsupported, %d refused", r.Files, len(r.Results), r.Exact, r.Close, r.Failed, r.Unsupported, r.Refused)
	}
}

func TestVerifyTellsAWrongAnswer(t *testing.T) {
	files, err := filepath.Glob("../testdata/ops/ADD/*int8*.tflite")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d models, %v", len(files), err)
	}
	dir := t.TempDir()
	model, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	f, err := npz.Open(answersOf(files[0]))
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Members {
		if f.Members[i].Name == "case0_out0" {
			f.Members[i].Data[0] ^= 1
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "m.tflite"), model, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writeArrays(filepath.Join(dir, "m.npz"), f.Members); err != nil {
		t.Fatal(err)
	}
	out, _, status := command(t, "model", "verify", dir, "-o", "json")
	var r verifyReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if status != exitFailed || r.Failed != 1 || r.Results[0].Status != "failed" || r.Results[0].MaxAbsDiff != 1 {
		t.Errorf("exit status %d, %+v; want one failure of 1", status, r)
	}
}
