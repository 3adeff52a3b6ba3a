package main

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"kinglet/hal"
	"kinglet/hal/audio"
	"kinglet/runtime/infer"
)

// The classes of micro_speech.
var keywords = [...]string{"silence", "unknown", "yes", "no"}

// listen goes the way from sound to words: blocks of 20 ms, windows of 30 ms, features by
// the preprocessor, whose state stays, the last 49 of them to the classifier, and the mean
// of its last 15 answers. A word is heard when its mean passes 0.75 and again only after
// it has fallen below 0.25.
func listen(t *testing.T, pre, model *infer.Session, source hal.Source) []string {
	t.Helper()
	const threshold, release = 192, 64
	var heard []string
	var r hal.Reading
	var window []int16
	frame := len(pre.Outputs()[0].Bytes())
	var features []byte
	var answers [15][len(keywords)]int
	word := 0
	for run := 0; ; {
		err := source.Read(context.Background(), &r)
		if errors.Is(err, io.EOF) {
			return heard
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range r.Samples {
			window = append(window, int16(v*32768))
		}
		for in := infer.Data[int16](pre.Inputs()[0]); len(window) >= len(in); window = window[320:] {
			copy(in, window)
			if err := pre.Run(context.Background()); err != nil {
				t.Fatal(err)
			}
			features = append(features, pre.Outputs()[0].Bytes()...)
			if len(features) < len(model.Inputs()[0].Bytes()) {
				continue // the first second
			}
			copy(model.Inputs()[0].Bytes(), features)
			features = features[frame:]
			if err := model.Run(context.Background()); err != nil {
				t.Fatal(err)
			}
			for i, q := range infer.Data[int8](model.Outputs()[0]) {
				answers[run%len(answers)][i] = int(q) + 128
			}
			run++
			var sum [len(keywords)]int
			for _, a := range answers {
				for i := range a {
					sum[i] += a[i]
				}
			}
			if word != 0 && sum[word] < release*len(answers) {
				word = 0
			}
			for i := 2; i < len(sum) && word == 0; i++ {
				if sum[i] >= threshold*len(answers) {
					word = i
					heard = append(heard, keywords[i])
				}
			}
		}
	}
}

// TestKeywordsAreHeard plays recordings of one second, one after the other, as one sound.
func TestKeywordsAreHeard(t *testing.T) {
	const corpus = "../../shared/conformance/real/"
	if _, err := os.Stat(corpus); err != nil {
		t.Skipf("the corpus is not there: %v", err)
	}
	for _, c := range []struct {
		clips []string
		want  []string
	}{
		{[]string{"silence", "silence", "silence"}, nil},
		{[]string{"noise", "noise", "noise"}, nil},
		{[]string{"noise", "yes", "noise"}, []string{"yes"}},
		{[]string{"silence", "no", "silence"}, []string{"no"}},
		{[]string{"yes", "silence", "no", "noise", "noise"}, []string{"yes", "no"}},
	} {
		var pcm []byte
		for _, clip := range c.clips {
			b, err := os.ReadFile(corpus + "audio/" + clip + "_1000ms.wav")
			if err != nil {
				t.Fatal(err)
			}
			pcm = append(pcm, b[44:]...)
		}
		path := filepath.Join(t.TempDir(), "sound.wav")
		head := append([]byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00data"), 0, 0, 0, 0)
		binary.LittleEndian.PutUint32(head[4:], uint32(36+len(pcm)))
		binary.LittleEndian.PutUint32(head[40:], uint32(len(pcm)))
		if err := os.WriteFile(path, append(head, pcm...), 0o600); err != nil {
			t.Fatal(err)
		}
		source, err := audio.OpenWAV(audio.WAVOptions{Path: path, Rate: 16000})
		if err != nil {
			t.Fatal(err)
		}
		var sessions [2]*infer.Session
		for i, name := range []string{"audio_preprocessor_int8", "micro_speech"} {
			if sessions[i], err = openModel(corpus+name+"/model.tflite", infer.Options{Custom: customOperators()}); err != nil {
				t.Fatal(err)
			}
		}
		if got := listen(t, sessions[0], sessions[1], source); !slices.Equal(got, c.want) {
			t.Errorf("%q: heard %q, want %q", c.clips, got, c.want)
		}
		if err := source.Close(); err != nil {
			t.Error(err)
		}
	}
}
