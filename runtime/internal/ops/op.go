// Package ops has one operator a file. A bind function checks a node completely, types,
// shapes, quantization, and derives everything that does not change between runs; the
// step it leads to computes and checks nothing but what only data can decide.
package ops

import (
	"errors"
	"fmt"
	"unsafe"

	"kinglet/models/graph"
	"kinglet/runtime/internal/lower"
)

// ErrUnsupported is the cause of an error about a valid node that this runtime cannot
// compute: an operator, a type, or a mode that is not built.
var ErrUnsupported = errors.New("unsupported")

// Node is what a bind function sees of a lowered node. Its tensors are read-only.
type Node struct {
	Op  *graph.Operator
	In  []*Tensor // nil where an optional input is absent
	Out []*Tensor
	Mid []*Tensor // the operator's intermediates; they carry only quantization
	Pad *lower.Pad
}

// Tensor is a tensor with its place in memory. Shape is final.
type Tensor struct {
	graph.Tensor
	ID int // index in lower.Graph.Tensors
}

// Elements returns the number of elements, which lowering has checked.
func (t *Tensor) Elements() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// Bound is a node that has been checked: how it runs, still without memory.
type Bound struct {
	Kernel  string               // what computes it, such as conv-s8-generic; shown in the plan
	Scratch int                  // bytes of Memory.Scratch that a run uses; undefined between runs
	Attach  func(m *Memory) Step // called once, when memory has its place; must not fail
}

// Step computes a node. It returns an error only where data decides: an index out of
// range, a division by zero. It allocates nothing.
type Step func() error

// Memory is where tensors live. Slices stay valid for the life of the session.
type Memory struct {
	Tensors [][]byte // by Tensor.ID: arena, constant or variable; nil where there is none
	Scratch []byte   // of the largest Bound.Scratch, 64-byte aligned, shared by all steps
}

// Number is an element type that kernels compute with.
type Number interface {
	~int8 | ~uint8 | ~int16 | ~uint16 | ~int32 | ~uint32 | ~int64 | ~uint64 | ~float32 | ~float64
}

// View returns t's memory as elements of type T. A nil tensor gives a nil slice.
func View[T Number](m *Memory, t *Tensor) []T {
	if t == nil {
		return nil
	}
	return Cast[T](m.Tensors[t.ID])
}

// Const returns the elements of a constant tensor as type T, for packing at bind.
// A nil tensor, or one that is not constant, gives a nil slice.
func Const[T Number](t *Tensor) []T {
	if t == nil || t.Data == nil {
		return nil
	}
	return Cast[T](t.Data)
}

// Cast reinterprets little-endian bytes as elements of type T. The bytes must be aligned
// for T, as arenas are and as Open makes constants; a shorter rest is cut off.
func Cast[T Number](b []byte) []T {
	var z T
	n := len(b) / int(unsafe.Sizeof(z))
	if n == 0 {
		return []T{}
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// A bindFunc checks a node and says how it runs.
type bindFunc func(n *Node) (Bound, error)

// Bind checks node and chooses how it runs. Errors wrap ErrUnsupported where the node is valid.
func Bind(n *Node) (Bound, error) {
	if !Supported(n.Op.Code) {
		return Bound{}, fmt.Errorf("operator %s: %w", n.Op.Name(), ErrUnsupported)
	}
	return builtin[n.Op.Code](n)
}

// Supported reports whether the operator is built at all, in some types and modes.
func Supported(c graph.OpCode) bool { return int(c) < len(builtin) && builtin[c] != nil }

// unsupported says which types a valid operator has no kernel for.
func unsupported(n *Node) error {
	s := "types"
	for _, t := range n.In {
		if t == nil {
			s += " -"
			continue
		}
		s += " " + t.Type.String()
	}
	s += " ->"
	for _, t := range n.Out {
		s += " " + t.Type.String()
	}
	return fmt.Errorf("%s: %w", s, ErrUnsupported)
}

// options returns the node's options, or the schema's defaults where the file left them out.
func options[T any](n *Node) (*T, error) {
	if n.Op.Options == nil {
		return new(T), nil
	}
	o, ok := n.Op.Options.(*T)
	if !ok {
		return nil, fmt.Errorf("options are %T, want %T", n.Op.Options, o)
	}
	return o, nil
}
