package tflite

import (
	"os"
	"strings"
	"testing"

	"kinglet/models/npz"
)

// testdata is the project's own models, each with LiteRT's answers beside it.
const testdata = "../../testdata"

// TestParseTestdata reads every model of testdata/ops, and finds in its answers what the
// model says of its inputs and outputs.
func TestParseTestdata(t *testing.T) {
	files := models(t, testdata+"/ops")
	if len(files) < 90 {
		t.Errorf("%d models", len(files))
	}
	for _, p := range files {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Parse(data)
		if err != nil {
			t.Errorf("%s: %v", p, err)
			continue
		}
		answers, err := npz.Open(strings.TrimSuffix(p, ".tflite") + ".npz")
		if err != nil {
			t.Error(err)
			continue
		}
		sub := &m.Subgraphs[0]
		for name, tensor := range map[string]int{"case0_in0": sub.Inputs[0], "case1_out0": sub.Outputs[0]} {
			a, ok := answers.Get(name)
			if !ok || a.Type != sub.Tensors[tensor].Type {
				t.Errorf("%s: %s is %v, the model's %v", p, name, a.Type, sub.Tensors[tensor].Type)
			}
		}
	}
}
