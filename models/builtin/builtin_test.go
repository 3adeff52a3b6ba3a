package builtin

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"kinglet/models/graph"
	"kinglet/models/tflite"
)

// sheet is motor.json, as scripts/motor/train.py writes it.
type sheet struct {
	Name   string
	Labels []string
	Models []struct {
		Version int
		File    string
		SHA256  string
		Bytes   int
		Input   struct {
			Shape     []int
			Scale     float64
			ZeroPoint int64 `json:"zero_point"`
		}
		Accuracy map[string]map[string]float64
	}
}

func readSheet(t *testing.T) sheet {
	t.Helper()
	data, err := os.ReadFile("motor.json")
	if err != nil {
		t.Fatal(err)
	}
	var s sheet
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSheet checks that what is embedded is what motor.json describes.
func TestSheet(t *testing.T) {
	s := readSheet(t)
	if len(s.Models) != len(Models()) {
		t.Fatalf("motor.json has %d models, %d are embedded", len(s.Models), len(Models()))
	}
	for i, m := range Models() {
		want := s.Models[i]
		sum := sha256.Sum256(m.Data)
		if got := hex.EncodeToString(sum[:]); got != want.SHA256 || len(m.Data) != want.Bytes {
			t.Errorf("version %d: got %d bytes with digest %s, want %d and %s", m.Version, len(m.Data), got, want.Bytes, want.SHA256)
		}
		if m.Name != s.Name || m.Version != want.Version || !slices.Equal(m.Labels, s.Labels) {
			t.Errorf("got %s version %d with labels %q, want %s, %d, %q", m.Name, m.Version, m.Labels, s.Name, want.Version, s.Labels)
		}
	}
}

// TestInt8 checks that the models take and give int8 alone.
func TestInt8(t *testing.T) {
	s := readSheet(t)
	for i, m := range Models() {
		g, err := tflite.Parse(m.Data)
		if err != nil {
			t.Fatalf("version %d: %v", m.Version, err)
		}
		sub := &g.Subgraphs[0]
		for _, index := range []int{sub.Inputs[0], sub.Outputs[0]} {
			if typ := sub.Tensors[index].Type; typ != graph.Int8 {
				t.Errorf("version %d: %q is %v, want int8", m.Version, sub.Tensors[index].Name, typ)
			}
		}
		in, want := &sub.Tensors[sub.Inputs[0]], s.Models[i].Input
		if !slices.Equal(in.Shape, want.Shape) || in.Quant.Scale[0] != float32(want.Scale) || in.Quant.ZeroPoint[0] != want.ZeroPoint {
			t.Errorf("version %d: got input %v %v, want %+v", m.Version, in.Shape, in.Quant, want)
		}
	}
}

// TestAccuracy checks that the measured accuracies are as promised.
func TestAccuracy(t *testing.T) {
	for _, m := range readSheet(t).Models {
		for snr, states := range m.Accuracy {
			if len(states) != 4 {
				t.Errorf("version %d at %s: got %d states, want 4", m.Version, snr, len(states))
			}
			for state, got := range states {
				alarmist := m.Version == Alarmist().Version && state == "normal"
				if alarmist && got > 0.1 {
					t.Errorf("the alarmist is right on %v of healthy windows at %s", got, snr)
				}
				if !alarmist && got < 0.95 {
					t.Errorf("version %d at %s: got %v of %s, want at least 0.95", m.Version, snr, got, state)
				}
			}
		}
	}
}

func TestFind(t *testing.T) {
	m, ok := Find("motor")
	if !ok || m.Version != 1 {
		t.Errorf("got version %d, %v, want 1", m.Version, ok)
	}
	m.Data[0]++
	if again, _ := Find("motor"); again.Data[0] == m.Data[0] {
		t.Error("a caller's copy changes the embedded model")
	}
	if _, ok := Find("person"); ok {
		t.Error("an unknown model was found")
	}
}
