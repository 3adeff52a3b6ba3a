package signal_test

import (
	"bytes"
	"context"
	"os"
	"testing"

	"kinglet/models/graph"
	"kinglet/models/npz"
	"kinglet/models/tflite"
	"kinglet/runtime/infer"
	"kinglet/runtime/signal"
)

// corpus is where LiteRT's and tflite-micro's answers on real models lie, when they do.
const corpus = "../../../shared/conformance/real/"

// The preprocessor takes 30 ms of samples every 20 ms at 16 kHz.
const (
	windowSize = 480
	windowStep = 320
)

var clips = []string{"yes_1000ms", "no_1000ms", "noise_1000ms", "silence_1000ms"}

func open(t *testing.T, name string) *infer.Session {
	t.Helper()
	b, err := os.ReadFile(corpus + name + "/model.tflite")
	if os.IsNotExist(err) {
		t.Skipf("the corpus is not there: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	m, err := tflite.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	s, err := infer.Open(m, infer.Options{Custom: signal.Operators()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func arrays(t *testing.T, name string) func(key string) npz.Array {
	t.Helper()
	f, err := npz.Open(corpus + name)
	if err != nil {
		t.Fatal(err)
	}
	return func(key string) npz.Array {
		a, ok := f.Get(key)
		if !ok {
			t.Fatalf("%s: no %s in %q", name, key, f.Names())
		}
		return a
	}
}

// features runs the preprocessor over PCM, little-endian, and returns the frames.
func features(t *testing.T, s *infer.Session, pcm []byte) []byte {
	t.Helper()
	var out []byte
	for i := 0; i+2*windowSize <= len(pcm); i += 2 * windowStep {
		copy(s.Inputs()[0].Bytes(), pcm[i:])
		if err := s.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		out = append(out, s.Outputs()[0].Bytes()...)
	}
	return out
}

func TestPreprocessorsEqualTfliteMicro(t *testing.T) {
	for _, name := range []string{"audio_preprocessor_int8", "audio_preprocessor_float"} {
		t.Run(name, func(t *testing.T) {
			s := open(t, name)
			get := arrays(t, name+"/stream.npz")
			for _, clip := range clips {
				s.Reset()
				want := get(clip + "_features")
				got := features(t, s, get(clip+"_pcm").Data)
				if want.Type != s.Outputs()[0].Type || len(got) != len(want.Data) {
					t.Fatalf("%s: %d bytes of %v, want %d of %v", clip, len(got), s.Outputs()[0].Type, len(want.Data), want.Type)
				}
				for i := 0; i < len(got); i += len(got) / want.Shape[0] {
					if frame := len(got) / want.Shape[0]; !bytes.Equal(got[i:i+frame], want.Data[i:i+frame]) {
						t.Errorf("%s: frame %d: got %v, want %v", clip, i/frame, got[i:i+frame], want.Data[i:i+frame])
						break
					}
				}
			}
		})
	}
}

// TestKeywordsAreRecognised goes from samples to a word: the classes of micro_speech are
// silence, unknown, yes and no.
func TestKeywordsAreRecognised(t *testing.T) {
	pre, model := open(t, "audio_preprocessor_int8"), open(t, "micro_speech")
	pcm, answers := arrays(t, "audio_preprocessor_int8/stream.npz"), arrays(t, "micro_speech/wavs.npz")
	words := map[string]int{"silence_1000ms": 0, "noise_1000ms": 0, "yes_1000ms": 2, "no_1000ms": 3}
	for _, clip := range clips {
		pre.Reset()
		in := features(t, pre, pcm(clip+"_pcm").Data)
		if !bytes.Equal(in, answers(clip+"_in0").Data) {
			t.Errorf("%s: features differ from the classifier's input", clip)
		}
		copy(model.Inputs()[0].Bytes(), in)
		if err := model.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		want := answers(clip + "_out0")
		if got := model.Outputs()[0]; got.Type != graph.Int8 || !bytes.Equal(got.Bytes(), want.Data) {
			t.Errorf("%s: %v, want %v", clip, got.Bytes(), want.Data)
		}
		best, scores := 0, infer.Data[int8](model.Outputs()[0])
		for i := range scores {
			if scores[i] > scores[best] {
				best = i
			}
		}
		if best != words[clip] {
			t.Errorf("%s: class %d of scores %v, want %d", clip, best, scores, words[clip])
		}
	}
}
