package infer

import (
	"errors"

	"kinglet/models/graph"
	"kinglet/runtime/internal/ops"
)

// What a caller decides by. Other errors mean that the model cannot be valid.
var (
	// ErrUnsupported: the model is valid, but an operator, type or mode is not built here.
	ErrUnsupported = ops.ErrUnsupported
	// ErrInput: what was given does not fit the model's inputs.
	ErrInput = errors.New("input does not fit")
	// ErrMemory: the model needs more memory than Options.MaxMemory.
	ErrMemory = errors.New("model needs too much memory")
)

// DefaultMaxMemory is what a session may take when Options.MaxMemory is 0, in bytes.
const DefaultMaxMemory = 512 << 20

// Options choose how a session runs. The zero value serves.
type Options struct {
	// MaxMemory bounds the arena and the variables, in bytes; 0 is DefaultMaxMemory.
	MaxMemory int
	// Signature chooses the subgraph by a signature's key; empty is the first subgraph.
	Signature string
	// Profile measures every step of every run, for Plan.
	Profile bool
	// Observe is called for every tensor that a step has written, right after the step; t
	// is valid during the call. It switches fusion off and changes no bit of any result.
	Observe func(index int, t Tensor)
	// Custom holds the caller's operators, by the name that the file gives them.
	Custom map[string]Custom
}

// Custom is an operator that the caller supplies.
type Custom struct {
	// Shapes returns the shapes of the outputs. It sees shapes, types and constants.
	Shapes func(n *CustomNode) ([][]int, error)
	// Bind is called once a session, when the memory of In and Out has its place.
	Bind func(n *CustomNode) (CustomStep, error)
}

// CustomStep is a bound use of a custom operator.
type CustomStep struct {
	// Run computes Out. It must not allocate; it returns an error only where data decides.
	Run func() error
	// Reset puts the state that Run keeps from run to run, other than the node's variables,
	// back to what it was at Bind; nil where there is none.
	Reset func()
	// Bytes is the memory that the step holds besides its tensors: state, tables, scratch.
	// It counts towards Options.MaxMemory.
	Bytes int
}

// CustomNode is one use of a custom operator.
type CustomNode struct {
	Options []byte   // as in the file
	In      []Tensor // the zero Tensor where an optional input is absent
	Out     []Tensor // empty in Custom.Shapes
}

func customNode(op *graph.Operator, in, out []Tensor) *CustomNode {
	return &CustomNode{Options: op.CustomOptions, In: in, Out: out}
}

// Operators returns the names of the builtin operators that are built, in the schema's order.
func Operators() []string {
	var names []string
	for c := range graph.OpCode(graph.OpCodes) {
		if ops.Supported(c) {
			names = append(names, c.String())
		}
	}
	return names
}

// Supports reports whether the operator is built, by the name that the schema gives it.
func Supports(operator string) bool {
	c, ok := graph.ParseOpCode(operator)
	return ok && ops.Supported(c)
}
