// Package infer runs models. Open a Session once, write its inputs, Run it many times,
// read its outputs: it allocates nothing after Open.
package infer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kinglet/models/graph"
	"kinglet/runtime/internal/lower"
	"kinglet/runtime/internal/ops"
)

// Session is a model bound to memory and kernels. It is for one goroutine at a time;
// sessions of the same model are independent. The model must not change while it lives.
type Session struct {
	opt     Options
	sub     *graph.Subgraph
	tensors []graph.Tensor // of the lowered graph
	memory  ops.Memory
	arena   int // bytes
	custom  int // bytes that custom operators hold
	steps   []step
	inputs  []Tensor
	outputs []Tensor
	state   []int // tensors that live from run to run

	constant []int // tensors that were computed from constants at Open
	folded   int   // their bytes
}

// step is a bound node.
type step struct {
	run     ops.Step
	reset   func() // of a custom operator with state, else nil
	node    lower.Node
	kernel  string
	elapsed time.Duration // of all runs, when profiled
	runs    int
}

// Open binds m. Errors say which operator or tensor they are about; they wrap
// ErrUnsupported or ErrMemory where those apply.
func Open(m *graph.Model, opt Options) (*Session, error) {
	sub, err := choose(m, opt.Signature)
	if err != nil {
		return nil, err
	}
	s := &Session{opt: opt, sub: sub}
	if err := s.bind(nil); err != nil {
		return nil, err
	}
	return s, nil
}

// choose returns the subgraph that a signature names.
func choose(m *graph.Model, signature string) (*graph.Subgraph, error) {
	if signature == "" {
		if len(m.Subgraphs) == 0 {
			return nil, fmt.Errorf("model has no subgraph")
		}
		return &m.Subgraphs[0], nil
	}
	var have []string
	for _, g := range m.Signatures {
		if g.Key == signature {
			return &m.Subgraphs[g.Subgraph], nil
		}
		have = append(have, g.Key)
	}
	return nil, fmt.Errorf("no signature %q, the model has %q: %w", signature, have, ErrInput)
}

// Inputs returns the inputs in the model's order. They stay valid until Resize.
func (s *Session) Inputs() []Tensor { return s.inputs }

// Outputs returns the outputs in the model's order. They stay valid until Resize; their
// values are those of the last Run.
func (s *Session) Outputs() []Tensor { return s.outputs }

// ArenaBytes returns the memory of activations and scratch.
func (s *Session) ArenaBytes() int { return s.arena }

// Run computes the outputs from the inputs, which keep their values. It returns an error
// only where data decides, or ctx's when ctx is done between two steps.
func (s *Session) Run(ctx context.Context) error {
	if s.opt.Observe != nil {
		s.observe(s.constant)
	}
	done := ctx.Done()
	for i := range s.steps {
		st := &s.steps[i]
		if done != nil {
			select {
			case <-done:
				return ctx.Err()
			default:
			}
		}
		if s.opt.Profile {
			start := time.Now()
			err := st.run()
			st.elapsed += time.Since(start)
			st.runs++
			if err != nil {
				return &lower.Error{Index: st.node.Index, Op: st.node.Op.Name(), Err: err}
			}
		} else if err := st.run(); err != nil {
			return &lower.Error{Index: st.node.Index, Op: st.node.Op.Name(), Err: err}
		}
		if s.opt.Observe != nil {
			s.observe(st.node.Outputs)
		}
	}
	return nil
}

func (s *Session) observe(tensors []int) {
	for _, t := range tensors {
		if t != graph.Absent {
			s.opt.Observe(t, s.tensor(t))
		}
	}
}

// Reset puts the model's state, such as an LSTM's, back to what it was at Open.
func (s *Session) Reset() {
	for _, t := range s.state {
		var v byte
		if q := s.tensors[t].Quant.ZeroPoint; s.tensors[t].Type == graph.Int8 && len(q) > 0 {
			v = byte(q[0])
		}
		m := s.memory.Tensors[t]
		for i := range m {
			m[i] = v
		}
	}
	for i := range s.steps {
		if s.steps[i].reset != nil {
			s.steps[i].reset()
		}
	}
}

// Resize gives the inputs new shapes, one an input, nil to keep one, and binds the model
// again. Only dimensions that the file leaves open, and the first, usually may change;
// what does not fit is an error and leaves the session as it was. State is reset.
func (s *Session) Resize(shapes ...[]int) error {
	if len(shapes) != len(s.inputs) {
		return fmt.Errorf("%d shapes, want %d: %w", len(shapes), len(s.inputs), ErrInput)
	}
	full := make([][]int, len(shapes))
	for i, in := range s.inputs {
		full[i] = in.Shape
		if shapes[i] == nil {
			continue
		}
		if err := allowed(&s.sub.Tensors[s.sub.Inputs[i]], shapes[i]); err != nil {
			return fmt.Errorf("inputs[%d] %q: %w", i, in.Name, err)
		}
		full[i] = slices.Clone(shapes[i])
	}
	next := &Session{opt: s.opt, sub: s.sub}
	if err := next.bind(full); err != nil {
		return fmt.Errorf("inputs of shapes %v, where the model has %v: %w: %w", full, s.fileShapes(), ErrInput, err)
	}
	*s = *next
	return nil
}

// fileShapes returns the inputs' shapes as the file has them.
func (s *Session) fileShapes() [][]int {
	out := make([][]int, len(s.sub.Inputs))
	for i, t := range s.sub.Inputs {
		out[i] = s.sub.Tensors[t].Shape
	}
	return out
}

// allowed checks a new shape against the file's: of the same rank, and equal where the
// signature fixes a dimension.
func allowed(t *graph.Tensor, shape []int) error {
	if _, err := graph.Elements(shape); err != nil {
		return fmt.Errorf("%w: %w", err, ErrInput)
	}
	if len(t.Shape) != len(shape) {
		return fmt.Errorf("got shape %v, want %v: %w", shape, t.Shape, ErrInput)
	}
	if t.Signature == nil {
		return nil
	}
	for i, d := range t.Signature {
		if d >= 0 && d != shape[i] {
			return fmt.Errorf("got shape %v, want %v: %w", shape, t.Signature, ErrInput)
		}
	}
	return nil
}
