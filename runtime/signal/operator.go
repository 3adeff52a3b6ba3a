package signal

import (
	"fmt"
	"slices"

	"kinglet/models/graph"
	"kinglet/runtime/infer"
)

// operator is what a signal operator takes and gives. shapes sees inputs, and bind inputs
// and outputs, that fit these lists.
type operator struct {
	in, out []param
	options []string // the keys that its options must have
	shapes  func(n *infer.CustomNode, o options) ([][]int, error)
	bind    func(n *infer.CustomNode, o options) (infer.CustomStep, error)
}

// param is an input or an output.
type param struct {
	name string
	typ  graph.Type
	rank int // anyRank: 1 or more
}

const anyRank = -1

// custom returns the operator as a session takes it, with every check around it.
func (op *operator) custom() infer.Custom {
	return infer.Custom{
		Shapes: func(n *infer.CustomNode) ([][]int, error) {
			if err := fit("input", op.in, n.In); err != nil {
				return nil, err
			}
			o, err := op.parse(n)
			if err != nil {
				return nil, err
			}
			return op.shapes(n, o)
		},
		Bind: func(n *infer.CustomNode) (infer.CustomStep, error) {
			o, err := op.check(n)
			if err != nil {
				return infer.CustomStep{}, err
			}
			return op.bind(n, o)
		},
	}
}

// check checks a node whose tensors have their memory and returns its options.
func (op *operator) check(n *infer.CustomNode) (options, error) {
	if err := fit("input", op.in, n.In); err != nil {
		return nil, err
	}
	if err := fit("output", op.out, n.Out); err != nil {
		return nil, err
	}
	o, err := op.parse(n)
	if err != nil {
		return nil, err
	}
	want, err := op.shapes(n, o)
	if err != nil {
		return nil, err
	}
	for i, t := range n.Out {
		if !slices.Equal(t.Shape, want[i]) {
			return nil, fmt.Errorf("output %d, %s: shape %v, want %v", i, op.out[i].name, t.Shape, want[i])
		}
	}
	for _, list := range [][]infer.Tensor{n.In, n.Out} {
		for _, t := range list {
			elements, err := graph.Elements(t.Shape)
			if err != nil {
				return nil, err
			}
			if len(t.Bytes()) != t.Type.Bytes(elements) {
				return nil, fmt.Errorf("%q: %d bytes, want %d", t.Name, len(t.Bytes()), t.Type.Bytes(elements))
			}
		}
	}
	return o, nil
}

// parse reads the options of an operator that has any.
func (op *operator) parse(n *infer.CustomNode) (options, error) {
	if op.options == nil {
		return nil, nil
	}
	o, err := parseOptions(n.Options, op.options)
	if err != nil {
		return nil, fmt.Errorf("options: %w", err)
	}
	return o, nil
}

// fit checks the number, the types and the ranks of tensors.
func fit(side string, want []param, got []infer.Tensor) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d %ss, want %d", len(got), side, len(want))
	}
	for i, p := range want {
		t := &got[i]
		if t.Type != p.typ {
			return fmt.Errorf("%s %d, %s: %v or absent, want %v", side, i, p.name, t.Type, p.typ)
		}
		if p.rank == anyRank && len(t.Shape) == 0 || p.rank != anyRank && len(t.Shape) != p.rank {
			return fmt.Errorf("%s %d, %s: shape %v, want %s", side, i, p.name, t.Shape, rankName(p.rank))
		}
		if _, err := graph.Elements(t.Shape); err != nil {
			return fmt.Errorf("%s %d, %s: %w", side, i, p.name, err)
		}
	}
	return nil
}

func rankName(rank int) string {
	switch rank {
	case anyRank:
		return "one dimension or more"
	case 0:
		return "a scalar"
	}
	return "one dimension"
}

// sameAs is the shape rule of operators whose outputs are all shaped as the first input.
func sameAs(outputs int) func(*infer.CustomNode, options) ([][]int, error) {
	return func(n *infer.CustomNode, _ options) ([][]int, error) {
		return slices.Repeat([][]int{n.In[0].Shape}, outputs), nil
	}
}
