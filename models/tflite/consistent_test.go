package tflite

import (
	"fmt"

	"kinglet/models/graph"
)

// consistent checks a model against what package graph promises, apart from the reader's
// own checks.
func consistent(m *graph.Model) error {
	if len(m.Subgraphs) == 0 {
		return fmt.Errorf("no subgraph")
	}
	for i := range m.Subgraphs {
		if err := consistentSubgraph(&m.Subgraphs[i]); err != nil {
			return fmt.Errorf("subgraphs[%d]: %w", i, err)
		}
	}
	for _, s := range m.Signatures {
		if s.Subgraph < 0 || s.Subgraph >= len(m.Subgraphs) {
			return fmt.Errorf("signature %q: subgraph %d", s.Key, s.Subgraph)
		}
		n := len(m.Subgraphs[s.Subgraph].Tensors)
		for _, b := range append(append([]graph.Binding{}, s.Inputs...), s.Outputs...) {
			if b.Tensor < 0 || b.Tensor >= n {
				return fmt.Errorf("signature %q: tensor %d", s.Key, b.Tensor)
			}
		}
	}
	return nil
}

func consistentSubgraph(g *graph.Subgraph) error {
	for i := range g.Tensors {
		if err := consistentTensor(&g.Tensors[i]); err != nil {
			return fmt.Errorf("tensors[%d]: %w", i, err)
		}
	}
	ready := map[int]bool{}
	for i := range g.Tensors {
		t := &g.Tensors[i]
		n, _ := graph.Elements(t.Shape)
		if t.Data != nil || t.Variable || n == 0 {
			ready[i] = true
		}
	}
	for _, i := range g.Inputs {
		ready[i] = true
	}
	in := func(i int) bool { return i >= 0 && i < len(g.Tensors) }
	written := map[int]bool{}
	for i := range g.Operators {
		op := &g.Operators[i]
		for _, j := range op.Inputs {
			if j != graph.Absent && (!in(j) || !ready[j]) {
				return fmt.Errorf("operators[%d]: input %d", i, j)
			}
		}
		for _, j := range op.Outputs {
			if !in(j) || written[j] {
				return fmt.Errorf("operators[%d]: output %d", i, j)
			}
			ready[j], written[j] = true, true
		}
		for _, j := range op.Intermediates {
			if j != graph.Absent && !in(j) {
				return fmt.Errorf("operators[%d]: intermediate %d", i, j)
			}
		}
		if !op.Code.Known() || op.Code == graph.Custom && op.Custom == "" {
			return fmt.Errorf("operators[%d]: code %v %q", i, op.Code, op.Custom)
		}
	}
	for _, i := range append(append([]int{}, g.Inputs...), g.Outputs...) {
		if !in(i) || !ready[i] {
			return fmt.Errorf("input or output %d", i)
		}
	}
	return nil
}

func consistentTensor(t *graph.Tensor) error {
	n, err := graph.Elements(t.Shape)
	if err != nil {
		return err
	}
	if len(t.Shape) > graph.MaxRank || !t.Type.Known() {
		return fmt.Errorf("%v of shape %v", t.Type, t.Shape)
	}
	if t.Data != nil && t.Type != graph.String && len(t.Data) != t.Type.Bytes(n) {
		return fmt.Errorf("%d bytes, %v of shape %v", len(t.Data), t.Type, t.Shape)
	}
	if t.Signature != nil {
		if len(t.Signature) != len(t.Shape) {
			return fmt.Errorf("signature %v, shape %v", t.Signature, t.Shape)
		}
		for i, d := range t.Signature {
			if d != -1 && d != t.Shape[i] {
				return fmt.Errorf("signature %v, shape %v", t.Signature, t.Shape)
			}
		}
	}
	q := &t.Quant
	if len(q.Scale) != len(q.ZeroPoint) {
		return fmt.Errorf("%d scales, %d zero points", len(q.Scale), len(q.ZeroPoint))
	}
	if len(q.Scale) > 1 && (q.Dim < 0 || q.Dim >= len(t.Shape) || t.Shape[q.Dim] != len(q.Scale)) {
		return fmt.Errorf("%d scales along %d of %v", len(q.Scale), q.Dim, t.Shape)
	}
	return nil
}
