package trial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"kinglet/models/eval"
	"kinglet/models/npz"
	"kinglet/ota"
	"kinglet/runtime/infer"
)

const (
	model = "../../../models/builtin/motor_v1.tflite"
	other = "../../../models/builtin/motor_v2.tflite"
)

// TestMain is the child too, when its first argument says what to do.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "child" {
		os.Exit(child(os.Args[2]))
	}
	os.Exit(m.Run())
}

func child(kind string) int {
	switch kind {
	case "serve":
		if err := Serve(context.Background(), os.Stdin, os.Stdout, infer.Options{}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	case "panic":
		panic("a bad model")
	case "hang":
		time.Sleep(time.Hour)
	case "hog":
		limitMemory(100 << 20)
		var hoard [][]byte
		for {
			b := make([]byte, 8<<20)
			for i := 0; i < len(b); i += 512 {
				b[i] = 1
			}
			hoard = append(hoard, b)
			fmt.Fprintln(os.Stderr, len(hoard)) // which keeps it
		}
	case "noise":
		_, _ = io.Copy(os.Stdout, io.LimitReader(zeros{}, 10<<20))
	}
	return 0
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func candidate(t *testing.T, path, answersOf string) ota.Candidate {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(answersOf)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := Answers(source, nil, 1, infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return ota.Candidate{Model: ota.Model{Name: "motor", Version: 2, Bytes: data}, Answers: answers}
}

func try(t *testing.T, kind string, c ota.Candidate) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	return (&Child{Command: []string{os.Args[0], "child", kind}}).Try(ctx, c)
}

func wantCode(t *testing.T, err error, code ota.Code) {
	t.Helper()
	var r *ota.Refusal
	if !errors.As(err, &r) || r.Code != code {
		t.Errorf("error %v, want %s", err, code)
	}
}

func TestAGoodCandidatePasses(t *testing.T) {
	c := candidate(t, model, model)
	c.Spec = ota.Spec{RunTime: time.Minute, MemoryBytes: 512 << 20}
	if err := try(t, "serve", c); err != nil {
		t.Error(err)
	}
}

func TestBadCandidatesAreRefusedByCode(t *testing.T) {
	good := candidate(t, model, model)
	for _, c := range []struct {
		name string
		edit func(c *ota.Candidate)
		code ota.Code
	}{
		{"other answers", func(c *ota.Candidate) { *c = candidate(t, model, other) }, ota.CodeTrialAnswers},
		{"no answers", func(c *ota.Candidate) { c.Answers = nil }, ota.CodeTrialAnswers},
		{"broken answers", func(c *ota.Candidate) { c.Answers = c.Answers[:len(c.Answers)/2] }, ota.CodeTrialAnswers},
		{"no model", func(c *ota.Candidate) { c.Bytes = []byte("none") }, ota.CodeTrialError},
		{"too slow", func(c *ota.Candidate) { c.Spec.RunTime = 1 }, ota.CodeTrialTime},
		{"arena too large", func(c *ota.Candidate) { c.Spec.MemoryBytes = 1 }, ota.CodeTrialMemory},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := good
			c.edit(&x)
			wantCode(t, try(t, "serve", x), c.code)
		})
	}
}

func TestWhatHappensToTheChildIsARefusal(t *testing.T) {
	c := candidate(t, model, model)
	t.Run("it dies", func(t *testing.T) {
		err := try(t, "panic", c)
		wantCode(t, err, ota.CodeTrialCrash)
		if !strings.Contains(err.Error(), "a bad model") {
			t.Errorf("error %v, want what it said", err)
		}
	})
	t.Run("it makes noise", func(t *testing.T) { wantCode(t, try(t, "noise", c), ota.CodeTrialCrash) })
	t.Run("it eats memory", func(t *testing.T) {
		c := c
		c.Spec.MemoryBytes = 64 << 20
		wantCode(t, try(t, "hog", c), ota.CodeTrialMemory)
	})
	t.Run("it hangs", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		wantCode(t, (&Child{Command: []string{os.Args[0], "child", "hang"}}).Try(ctx, c), ota.CodeTrialTime)
	})
	t.Run("the daemon stops", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		if err := (&Child{Command: []string{os.Args[0], "child", "hang"}}).Try(ctx, c); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want the context's", err)
		}
	})
	t.Run("there is no program", func(t *testing.T) {
		var r *ota.Refusal
		if err := (&Child{Command: []string{"/nonexistent"}}).Try(t.Context(), c); err == nil || errors.As(err, &r) {
			t.Errorf("error %v, want one that is no refusal", err)
		}
	})
}

func TestAnswersOfGivenInputs(t *testing.T) {
	data, err := os.ReadFile(model)
	if err != nil {
		t.Fatal(err)
	}
	drawnAnswers, err := Answers(data, nil, 5, infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := npz.Read(bytes.NewReader(drawnAnswers), int64(len(drawnAnswers)))
	if err != nil {
		t.Fatal(err)
	}
	list, err := eval.ReadCases(f)
	if err != nil || len(list) != drawn || len(list[0].In) != 1 || len(list[0].Out) != 1 {
		t.Fatalf("%d cases, %v", len(list), err)
	}
	again, err := Answers(data, f, 0, infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, drawnAnswers) {
		t.Error("the same inputs give another file")
	}
	if _, err := Answers(data, &npz.File{}, 0, infer.Options{}); err == nil {
		t.Error("no case is taken")
	}
}

func FuzzServe(f *testing.F) {
	data, err := os.ReadFile(model)
	if err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := io.Copy(&b, newRequest(ota.Candidate{Model: ota.Model{Bytes: data[:64]}, Answers: []byte("PK")})); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("{}\n"))
	f.Add([]byte(`{"model":1000000000}` + "\n"))
	f.Fuzz(func(_ *testing.T, in []byte) {
		_ = Serve(context.Background(), bytes.NewReader(in), io.Discard, infer.Options{MaxMemory: 1 << 20})
	})
}
