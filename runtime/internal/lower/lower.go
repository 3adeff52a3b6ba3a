// Package lower turns a model's subgraph into the nodes that the runtime binds: shapes
// resolved, dead operators gone, operators fused. A lowered graph need not be valid
// TFLite. Every choice of fusion lives here.
package lower

import (
	"errors"
	"fmt"

	"kinglet/models/graph"
)

// Graph is a subgraph ready to be planned and bound.
type Graph struct {
	Tensors []graph.Tensor // indexed as in the subgraph; shapes are final
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

// Pad is explicit padding of height and width with the input's zero point (or 0.0).
type Pad struct{ Top, Bottom, Left, Right int }

// Options choose what lowering does.
type Options struct {
	// Plain switches fusion off: every tensor of the subgraph is computed.
	Plain bool
	// Shapes gives the output shapes of custom operators; nil when there are none.
	Shapes func(op *graph.Operator, in []*graph.Tensor) ([][]int, error)
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

// Lower resolves shapes from the inputs' and returns the nodes to bind. shapes holds one
// shape an input of the subgraph; nil, or a nil shape, keeps the file's.
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
	g.fillEmpty(sub.Operators)
	for i := range sub.Operators {
		op := &sub.Operators[i]
		if err := g.infer(op, opt); err != nil {
			return nil, &Error{i, op.Name(), err}
		}
		g.Nodes = append(g.Nodes, Node{Op: op, Index: i, Inputs: op.Inputs, Outputs: op.Outputs})
	}
	if !opt.Plain {
		g.dropDead()
		g.joinPad()
	}
	return g, nil
}

// fillEmpty makes constants of tensors that nothing writes and that have no elements: a
// file cannot tell an empty constant from one without data.
func (g *Graph) fillEmpty(ops []graph.Operator) {
	written := make([]bool, len(g.Tensors))
	for _, t := range g.Inputs {
		written[t] = true
	}
	for i := range ops {
		for _, t := range ops[i].Outputs {
			if t != graph.Absent {
				written[t] = true
			}
		}
	}
	for i := range g.Tensors {
		t := &g.Tensors[i]
		if n, err := graph.Elements(t.Shape); err == nil && n == 0 && !written[i] && !t.Variable && t.Data == nil {
			t.Data = []byte{}
		}
	}
}

// infer sets the shapes of op's outputs.
func (g *Graph) infer(op *graph.Operator, opt Options) error {
	in := make([]*graph.Tensor, len(op.Inputs))
	for j, t := range op.Inputs {
		if t != graph.Absent {
			in[j] = &g.Tensors[t]
		}
	}
	rule := graph.InferShapes
	if op.Code == graph.Custom {
		if opt.Shapes == nil {
			return fmt.Errorf("custom operator without a shape rule")
		}
		rule = opt.Shapes
	}
	out, err := rule(op, in)
	if errors.Is(err, graph.ErrDynamic) && g.declared(op) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(out) < len(op.Outputs) {
		return fmt.Errorf("%d outputs, want %d", len(op.Outputs), len(out))
	}
	for j, t := range op.Outputs {
		if t != graph.Absent {
			g.Tensors[t].Shape = out[j]
		}
	}
	return nil
}

// declared reports whether op's outputs keep the shapes that the file gives them although
// an input that decides them is known only when the model runs: its step compares.
func (g *Graph) declared(op *graph.Operator) bool {
	if op.Code != graph.TransposeConv {
		return false
	}
	for _, t := range op.Outputs {
		if t == graph.Absent || g.Tensors[t].Signature != nil {
			return false
		}
		if _, err := graph.Elements(g.Tensors[t].Shape); err != nil {
			return false
		}
	}
	return true
}

// dropDead removes nodes whose outputs nobody reads. Nodes that write variables, which
// they take as inputs, stay.
func (g *Graph) dropDead() {
	read := make([]bool, len(g.Tensors))
	for _, t := range g.Outputs {
		read[t] = true
	}
	keep := make([]bool, len(g.Nodes))
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		n := &g.Nodes[i]
		for _, t := range n.Outputs {
			keep[i] = keep[i] || t != graph.Absent && read[t]
		}
		for _, t := range n.Inputs {
			keep[i] = keep[i] || t != graph.Absent && g.Tensors[t].Variable
		}
		if !keep[i] {
			continue
		}
		for _, t := range n.Inputs {
			if t != graph.Absent {
				read[t] = true
			}
		}
	}
	nodes := g.Nodes[:0]
	for i, n := range g.Nodes {
		if keep[i] {
			nodes = append(nodes, n)
		}
	}
	g.Nodes = nodes
}

// readers counts how often each tensor is read, the subgraph's outputs included.
func (g *Graph) readers() []int {
	n := make([]int, len(g.Tensors))
	for i := range g.Nodes {
		for _, t := range g.Nodes[i].Inputs {
			if t != graph.Absent {
				n[t]++
			}
		}
	}
	for _, t := range g.Outputs {
		n[t]++
	}
	return n
}
