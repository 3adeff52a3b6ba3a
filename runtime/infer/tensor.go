package infer

import (
	"fmt"
	"slices"

	"kinglet/models/graph"
	"kinglet/runtime/internal/ops"
)

// Tensor is an input, an output, or an observed value of a session, with its memory.
type Tensor struct {
	Name  string
	Type  graph.Type
	Shape []int // must not be changed; a dimension that the file leaves open is 1 until resized
	Quant graph.Quantization

	data []byte
}

// Bytes returns the tensor's memory, little-endian and row-major. It belongs to the
// session: an input may be written between runs, an output read until the next.
func (t Tensor) Bytes() []byte { return t.data }

// Data returns the tensor's memory as elements of type T, which must have the size of
// the tensor's elements.
func Data[T ops.Number](t Tensor) []T { return ops.Cast[T](t.data) }

// Set copies a value into an input. typ and shape must be the input's own.
func (t Tensor) Set(typ graph.Type, shape []int, data []byte) error {
	if typ != t.Type || !slices.Equal(shape, t.Shape) {
		return fmt.Errorf("%q: got %v %v, want %v %v: %w", t.Name, typ, shape, t.Type, t.Shape, ErrInput)
	}
	if len(data) != len(t.data) {
		return fmt.Errorf("%q: got %d bytes, want %d: %w", t.Name, len(data), len(t.data), ErrInput)
	}
	copy(t.data, data)
	return nil
}
