package trial

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"golang.org/x/sys/unix"

	"kinglet/ota"
	"kinglet/runtime/infer"
)

// header precedes a candidate's bytes on the child's standard input: one line of JSON,
// then the model, then the answers.
type header struct {
	Model   int64         `json:"model"`   // bytes
	Answers int64         `json:"answers"` // bytes
	RunTime time.Duration `json:"run_time"`
	Memory  int64         `json:"memory"`
}

// verdict is what the child answers on its standard output.
type verdict struct {
	Code   ota.Code `json:"code,omitempty"` // empty when the candidate passed
	Reason string   `json:"reason,omitempty"`
}

func newRequest(c ota.Candidate) io.Reader {
	h, err := json.Marshal(header{int64(len(c.Bytes)), int64(len(c.Answers)), c.Spec.RunTime, c.Spec.MemoryBytes})
	if err != nil {
		panic(err) // four integers
	}
	return io.MultiReader(bytes.NewReader(append(h, '\n')), bytes.NewReader(c.Bytes), bytes.NewReader(c.Answers))
}

// maxRequest bounds the model and the answers that Serve reads, in bytes.
const maxRequest = 1 << 30

// Serve is the child's side: it reads a candidate from in, tries it, and writes the
// verdict to out. The process should end after it.
func Serve(ctx context.Context, in io.Reader, out io.Writer, opt infer.Options) error {
	r := bufio.NewReader(in)
	line, err := r.ReadSlice('\n')
	if err != nil {
		return fmt.Errorf("trial: header: %w", err)
	}
	var h header
	if err := json.Unmarshal(line, &h); err != nil {
		return fmt.Errorf("trial: header: %w", err)
	}
	if h.Model < 0 || h.Answers < 0 || h.Model > maxRequest || h.Answers > maxRequest {
		return fmt.Errorf("trial: header: %d and %d bytes, at most %d", h.Model, h.Answers, maxRequest)
	}
	if h.Memory > 0 {
		limitMemory(h.Memory)
		opt.MaxMemory = int(min(h.Memory, math.MaxInt32))
	}
	var model, answers bytes.Buffer // they grow with what comes, whatever the header says
	if _, err := io.CopyN(&model, r, h.Model); err != nil {
		return fmt.Errorf("trial: model: %w", err)
	}
	if _, err := io.CopyN(&answers, r, h.Answers); err != nil {
		return fmt.Errorf("trial: answers: %w", err)
	}
	var v verdict
	if f := Check(ctx, model.Bytes(), answers.Bytes(), h.RunTime, opt); f != nil {
		v = verdict{f.Code, f.Reason}
	}
	return json.NewEncoder(out).Encode(v)
}

// dataSlack is what the Go runtime itself may map beyond the budget, in bytes.
const dataSlack = 64 << 20

// limitMemory bounds the process's data segment as a backstop to the parent's watch. A
// limit on the address space would keep Go from starting.
func limitMemory(budget int64) {
	lim := uint64(2*budget + dataSlack)
	_ = unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: lim, Max: lim}) // the watch remains
}
