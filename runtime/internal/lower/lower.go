// Package lower turns a model's subgraph into the nodes that the runtime binds: shapes
// resolved, dead and constant parts gone, operators fused. A lowered graph need not be
// valid TFLite. Every choice of fusion lives here.
package lower

import (
	"fmt"

	"kinglet/models/graph"
)

// Graph is a subgraph ready to be planned and bound.
type Graph struct {
	Tensors []graph.Tensor // indexed as in the subgraph, plus what lowering added; shapes are final
	Nodes   []Node         // in an order that runs
	Inputs  []int
	Outputs []int
}

// Node is one operator, or several fused into one.
type Node struct {
	Op      *graph.Operator // the operator that computes; never changed
	Index   int             // its place in the subgraph, for errors and the plan
	Inputs  []int           // into Graph.Tensors; graph.Absent where left out
	Outputs []int
	Pad     *Pad // explicit padding taken over from a PAD that stood before
}

// Pad is explicit padding of height and width, with what the input's zero point (or 0.0) stands for.
type Pad struct{ Top, Bottom, Left, Right int }

// Options choose what lowering may do.
type Options struct {
	Plain bool // no fusion: every tensor of the subgraph is computed and can be observed
}

// Error says which operator of the subgraph an error is about.
type Error struct {
	Index int
	Op    string
	Err   error
}

func (e *Error) Error() string { return fmt.Sprintf("operators[%d] %s: %v", e.Index, e.Op, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Lower resolves shapes from the inputs' and returns the nodes to bind. shapes, when not
// nil, replaces the shapes of the subgraph's inputs, one an input (nil keeps the file's).
func Lower(sub *graph.Subgraph, shapes [][]int, opt Options) (*Graph, error) {
	g := &Graph{
		Tensors: append([]graph.Tensor(nil), sub.Tensors...),
		Inputs:  sub.Inputs,
		Outputs: sub.Outputs,
	}
	for i, s := range shapes {
		if s != nil {
			g.Tensors[sub.Inputs[i]].Shape = s
		}
	}
	for i := range sub.Operators {
		op := &sub.Operators[i]
		in := make([]*graph.Tensor, len(op.Inputs))
		for j, t := range op.Inputs {
			if t != graph.Absent {
				in[j] = &g.Tensors[t]
			}
		}
		out, err := graph.InferShapes(op, in)
		if err != nil {
			return nil, &Error{i, op.Name(), err}
		}
		for j, t := range op.Outputs {
			if t != graph.Absent {
				g.Tensors[t].Shape = out[j]
			}
		}
		g.Nodes = append(g.Nodes, Node{Op: op, Index: i, Inputs: op.Inputs, Outputs: op.Outputs})
	}
	return g, nil
}
