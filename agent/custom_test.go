package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"testing"
)

// TestModelsOfSoundRun: the commands know tflite-micro's audio operators.
func TestModelsOfSoundRun(t *testing.T) {
	const model = "../../shared/conformance/real/audio_preprocessor_int8/model.tflite"
	if _, err := os.Stat(model); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not there", model)
	}
	out, errs, status := command(t, "model", "inspect", model, "-o", "json")
	var r inspectReport
	if err := json.Unmarshal([]byte(out), &r); status != exitDone || err != nil || !r.Runs {
		t.Errorf("exit status %d, %v, %q: %s", status, err, errs, r.Why)
	}
}
