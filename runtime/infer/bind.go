package infer

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"unsafe"

	"kinglet/models/graph"
	"kinglet/runtime/internal/lower"
	"kinglet/runtime/internal/ops"
	"kinglet/runtime/internal/plan"
)

// maxErrors bounds how many operators one error names.
const maxErrors = 10

// bind lowers the subgraph, binds every node, places memory, and attaches the steps.
func (s *Session) bind(shapes [][]int) error {
	if err := s.supported(); err != nil {
		return err
	}
	g, err := lower.Lower(s.sub, shapes, lower.Options{Plain: s.opt.Observe != nil, Shapes: s.customShapes})
	if err != nil {
		return err
	}
	s.tensors = g.Tensors
	s.align()
	bound, err := s.bindNodes(g)
	if err != nil {
		return err
	}
	if err := s.place(g, bound); err != nil {
		return err
	}
	for i := range bound {
		n := &g.Nodes[i]
		st := step{node: *n, kernel: bound[i].Kernel}
		if n.Op.Code == graph.Custom {
			c, err := s.bindCustom(n)
			if err != nil {
				return &lower.Error{Index: n.Index, Op: n.Op.Name(), Err: err}
			}
			st.run, st.reset = c.Run, c.Reset
		} else {
			st.run = bound[i].Attach(&s.memory)
		}
		s.steps = append(s.steps, st)
	}
	s.inputs, s.outputs = s.tensorList(g.Inputs), s.tensorList(g.Outputs)
	s.Reset()
	return nil
}

// bindCustom binds a node of the caller's operators and counts the memory that it holds.
func (s *Session) bindCustom(n *lower.Node) (CustomStep, error) {
	c, err := s.opt.Custom[n.Op.Custom].Bind(customNode(n.Op, s.tensorList(n.Inputs), s.tensorList(n.Outputs)))
	if err != nil {
		return CustomStep{}, err
	}
	if s.custom += c.Bytes; s.arena+s.custom > s.limit() {
		return CustomStep{}, fmt.Errorf("%d bytes besides the arena of %d, limit %d: %w", s.custom, s.arena, s.limit(), ErrMemory)
	}
	return c, nil
}

// supported names every operator that is not built, so that one look tells what a model lacks.
func (s *Session) supported() error {
	var errs []error
	for i := range s.sub.Operators {
		op := &s.sub.Operators[i]
		if op.Code == graph.Custom {
			if _, ok := s.opt.Custom[op.Custom]; ok {
				continue
			}
		} else if ops.Supported(op.Code) {
			continue
		}
		errs = append(errs, &lower.Error{Index: i, Op: op.Name(), Err: fmt.Errorf("operator is not built: %w", ErrUnsupported)})
	}
	return join(errs)
}

func join(errs []error) error {
	if len(errs) > maxErrors {
		errs = append(errs[:maxErrors:maxErrors], fmt.Errorf("and %d operators more", len(errs)-maxErrors))
	}
	return errors.Join(errs...)
}

func (s *Session) customShapes(op *graph.Operator, in []*graph.Tensor) ([][]int, error) {
	ts := make([]Tensor, len(in))
	for i, t := range in {
		if t != nil {
			ts[i] = Tensor{Name: t.Name, Type: t.Type, Shape: t.Shape, Quant: t.Quant, data: t.Data}
		}
	}
	return s.opt.Custom[op.Custom].Shapes(customNode(op, ts, nil))
}

// align makes copies of constants that do not lie where their type needs them.
func (s *Session) align() {
	for i := range s.tensors {
		if t := &s.tensors[i]; t.Data != nil {
			t.Data = aligned(t.Data, max(t.Type.Bits()/8, 1))
		}
	}
}

// bindNodes binds every node and collects what is wrong with any of them. A node that
// reads only constants is computed here and now, and taken out of g: what follows sees
// its outputs as constants.
func (s *Session) bindNodes(g *lower.Graph) ([]ops.Bound, error) {
	tensors := make([]ops.Tensor, len(g.Tensors))
	for i := range tensors {
		tensors[i] = ops.Tensor{Tensor: g.Tensors[i], ID: i}
	}
	list := func(ids []int) []*ops.Tensor {
		out := make([]*ops.Tensor, len(ids))
		for i, id := range ids {
			if id != graph.Absent {
				out[i] = &tensors[id]
			}
		}
		return out
	}
	var nodes []lower.Node
	var bound []ops.Bound
	var errs []error
	for _, n := range g.Nodes {
		b := ops.Bound{Kernel: "custom"}
		if n.Op.Code != graph.Custom {
			var err error
			b, err = ops.Bind(&ops.Node{Op: n.Op, In: list(n.Inputs), Out: list(n.Outputs), Mid: list(n.Op.Intermediates), Pad: n.Pad})
			if err == nil && foldable(g, &n) {
				if err = s.fold(g, &n, b, tensors); err == nil {
					continue
				}
			}
			if err != nil {
				errs = append(errs, &lower.Error{Index: n.Index, Op: n.Op.Name(), Err: err})
			}
		}
		nodes, bound = append(nodes, n), append(bound, b)
	}
	g.Nodes = nodes
	return bound, join(errs)
}

// foldable reports whether a node reads constants and nothing else.
func foldable(g *lower.Graph, n *lower.Node) bool {
	for _, t := range n.Inputs {
		if t != graph.Absent && (g.Tensors[t].Data == nil || g.Tensors[t].Variable) {
			return false
		}
	}
	return len(n.Inputs) > 0
}

// fold runs a bound node once and makes its outputs constants.
func (s *Session) fold(g *lower.Graph, n *lower.Node, b ops.Bound, tensors []ops.Tensor) error {
	if s.folded += b.Scratch; s.folded > s.limit() {
		return fmt.Errorf("constants computed from constants: more than %d bytes: %w", s.limit(), ErrMemory)
	}
	m := ops.Memory{Tensors: make([][]byte, len(g.Tensors)), Scratch: allocate(b.Scratch)}
	s.folded -= b.Scratch
	for _, t := range n.Inputs {
		if t != graph.Absent {
			m.Tensors[t] = g.Tensors[t].Data
		}
	}
	for _, t := range n.Outputs {
		if t == graph.Absent {
			continue
		}
		size, err := tensorBytes(&g.Tensors[t])
		if err != nil {
			return err
		}
		if s.folded += size; s.folded > s.limit() {
			return fmt.Errorf("constants computed from constants: more than %d bytes: %w", s.limit(), ErrMemory)
		}
		m.Tensors[t] = allocate(size)
	}
	if err := b.Attach(&m)(); err != nil {
		return err
	}
	for _, t := range n.Outputs {
		if t != graph.Absent {
			g.Tensors[t].Data, tensors[t].Data = m.Tensors[t], m.Tensors[t]
			s.constant = append(s.constant, t)
		}
	}
	return nil
}

// tensorBytes returns the bytes of a tensor whose shape is final.
func tensorBytes(t *graph.Tensor) (int, error) {
	n, err := graph.Elements(t.Shape)
	if err != nil {
		return 0, err
	}
	if t.Type.Bits() == 0 {
		return 0, fmt.Errorf("type %v: %w", t.Type, ErrUnsupported)
	}
	return t.Type.Bytes(n), nil
}

// limit returns the memory that the session may take, in bytes.
func (s *Session) limit() int {
	if s.opt.MaxMemory == 0 {
		return DefaultMaxMemory
	}
	return s.opt.MaxMemory
}

// aligned returns b, or a copy of it where b does not lie on a multiple of n bytes.
func aligned(b []byte, n int) []byte {
	if uintptr(unsafe.Pointer(unsafe.SliceData(b)))%uintptr(n) == 0 {
		return b
	}
	return append(allocate(len(b))[:0], b...)
}

// allocate returns n zero bytes on a multiple of plan.Align.
func allocate(n int) []byte {
	b := make([]byte, n+plan.Align)
	off := -int(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) & (plan.Align - 1)
	return b[off : off+n : off+n]
}

// place gives every tensor its memory: constants stay where they are, variables get
// their own, all others and the scratch share the arena.
func (s *Session) place(g *lower.Graph, bound []ops.Bound) error {
	life, err := lifetimes(g)
	if err != nil {
		return err
	}
	limit := s.limit()
	s.memory.Tensors = make([][]byte, len(g.Tensors))
	var blocks []plan.Block
	var owner []int
	total := int64(0)
	for i := range g.Tensors {
		t := &g.Tensors[i]
		if t.Data != nil {
			s.memory.Tensors[i] = t.Data
			continue
		}
		if life[i].Last < life[i].First {
			continue // nobody reads or writes it
		}
		size, err := tensorBytes(t)
		if err != nil {
			return fmt.Errorf("tensors[%d] %q: %w", i, t.Name, err)
		}
		if total += int64(plan.RoundUp(size)); size > limit || total > math.MaxInt {
			return fmt.Errorf("tensors[%d] %q: %v %v: more than %d bytes in all: %w", i, t.Name, t.Type, t.Shape, limit, ErrMemory)
		}
		if t.Variable {
			s.memory.Tensors[i] = allocate(size)
			s.state = append(s.state, i)
			continue
		}
		blocks = append(blocks, plan.Block{Size: size, First: life[i].First, Last: life[i].Last})
		owner = append(owner, i)
	}
	offsets, size := plan.Arena(blocks)
	scratch := 0
	for i := range bound {
		scratch = max(scratch, bound[i].Scratch)
	}
	if int64(size)+int64(scratch) > int64(limit) {
		return fmt.Errorf("arena: %d bytes, limit %d: %w", int64(size)+int64(scratch), limit, ErrMemory)
	}
	s.arena = size + plan.RoundUp(scratch)
	arena := allocate(s.arena)
	for j, i := range owner {
		end := offsets[j] + blocks[j].Size
		s.memory.Tensors[i] = arena[offsets[j]:end:end]
	}
	s.memory.Scratch = arena[size : size+scratch : size+scratch]
	return nil
}

// lifetimes returns the first and last step that touch each tensor; inputs and outputs
// live throughout. It fails when a tensor is read that nothing has written.
func lifetimes(g *lower.Graph) ([]plan.Block, error) {
	life := make([]plan.Block, len(g.Tensors))
	for i := range life {
		life[i] = plan.Block{First: math.MaxInt, Last: -1}
	}
	last := max(len(g.Nodes)-1, 0)
	for _, t := range g.Inputs {
		life[t] = plan.Block{First: 0, Last: last}
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		for _, t := range n.Inputs {
			if t == graph.Absent || g.Tensors[t].Data != nil {
				continue
			}
			if life[t].First > i && !g.Tensors[t].Variable {
				return nil, &lower.Error{Index: n.Index, Op: n.Op.Name(), Err: fmt.Errorf("tensor %d %q is read before anything writes it", t, g.Tensors[t].Name)}
			}
			life[t].First = min(life[t].First, i)
			life[t].Last = max(life[t].Last, i)
		}
		for _, t := range n.Outputs {
			if t == graph.Absent {
				continue
			}
			if g.Tensors[t].Data != nil || slices.Contains(g.Inputs, t) {
				return nil, &lower.Error{Index: n.Index, Op: n.Op.Name(), Err: fmt.Errorf("writes tensor %d %q, which is a constant or an input", t, g.Tensors[t].Name)}
			}
			life[t].First = min(life[t].First, i)
			life[t].Last = max(life[t].Last, i)
		}
	}
	for _, t := range g.Outputs {
		if g.Tensors[t].Data != nil {
			continue
		}
		if life[t].Last < life[t].First && !g.Tensors[t].Variable {
			return nil, fmt.Errorf("output tensor %d %q: nothing writes it", t, g.Tensors[t].Name)
		}
		life[t].First, life[t].Last = min(life[t].First, last), last
	}
	return life, nil
}

// tensor returns tensor t with its memory.
func (s *Session) tensor(t int) Tensor {
	g := &s.tensors[t]
	return Tensor{Name: g.Name, Type: g.Type, Shape: g.Shape, Quant: g.Quant, data: s.memory.Tensors[t]}
}

func (s *Session) tensorList(ids []int) []Tensor {
	out := make([]Tensor, len(ids))
	for i, id := range ids {
		if id != graph.Absent {
			out[i] = s.tensor(id)
		}
	}
	return out
}
