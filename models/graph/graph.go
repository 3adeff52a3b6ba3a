// Package graph is the one in-memory model: what a .tflite file says, without its
// encoding. Readers make a Model, techniques rewrite it, the runtime lowers it to
// steps. It follows the TFLite schema's names and numbers.
//
// A Model is plain data. It is safe for concurrent reading; whoever edits it owns it.
package graph

import "fmt"

// Model is a whole file: subgraphs, the first of which is the entry, and what names them.
type Model struct {
	Version     uint32
	Description string
	Subgraphs   []Subgraph
	Signatures  []Signature
	Metadata    []Metadata
}

// Signature names the inputs and outputs of a subgraph for callers.
type Signature struct {
	Key      string
	Subgraph int
	Inputs   []Binding
	Outputs  []Binding
}

// Binding is one name of a signature and the tensor it stands for.
type Binding struct {
	Name   string
	Tensor int
}

// Metadata is a named blob that the file carries, such as the labels of TFLite metadata.
type Metadata struct {
	Name string
	Data []byte
}

// Subgraph is a list of operators in an order that runs: every operator reads
// constants, variables, inputs, or what an earlier operator wrote.
type Subgraph struct {
	Name      string
	Tensors   []Tensor
	Operators []Operator
	Inputs    []int
	Outputs   []int
}

// Absent is the index of an optional tensor that is not there.
const Absent = -1

// Tensor is a value of a subgraph.
type Tensor struct {
	Name      string
	Type      Type
	Shape     []int  // of rank 0 for a scalar; every dimension is at least 0
	Signature []int  // Shape with -1 where a dimension is dynamic; nil when none is
	Data      []byte // little-endian, row-major, of exactly the shape's size; nil unless constant
	Quant     Quantization
	Variable  bool // state that lives from one run to the next
}

// Quantization maps stored integers to reals: real = Scale * (stored - ZeroPoint).
// Scale and ZeroPoint are equally long: 0 (not quantized), 1 (per tensor), or one a
// slice along dimension Dim.
type Quantization struct {
	Scale     []float32
	ZeroPoint []int64
	Dim       int
	Min, Max  []float32 // the converter's record of ranges, kept as found
}

// PerTensor reports whether one scale serves the whole tensor.
func (q *Quantization) PerTensor() bool { return len(q.Scale) == 1 }

// Operator is one step of a subgraph. Options is a pointer to the struct of options.go
// that belongs to Code, or nil where the schema has none.
type Operator struct {
	Code          OpCode
	Custom        string // the name of a custom operator, with Code == Custom
	Version       int
	Inputs        []int // tensor indices; Absent where an optional input is left out
	Outputs       []int
	Intermediates []int
	Options       any
	CustomOptions []byte
}

// Name returns the schema's name of a builtin operator, or the custom operator's own.
func (o *Operator) Name() string {
	if o.Code == Custom && o.Custom != "" {
		return o.Custom
	}
	return o.Code.String()
}

// Elements returns the number of elements of a shape, or an error when a dimension
// is negative or the product does not fit MaxElements.
func Elements(shape []int) (int, error) {
	n := 1
	zero := false
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("shape %v: negative dimension", shape)
		}
		if d == 0 {
			zero = true
			continue
		}
		if n > MaxElements/d {
			return 0, fmt.Errorf("shape %v: more than %d elements", shape, MaxElements)
		}
		n *= d
	}
	if zero {
		return 0, nil
	}
	return n, nil
}

// MaxElements bounds the elements of one tensor, so that its bytes fit an int of 32 bits.
const MaxElements = 1<<27 - 1

// MaxRank bounds a tensor's dimensions. LiteRT's kernels go to 8 at most.
const MaxRank = 8
