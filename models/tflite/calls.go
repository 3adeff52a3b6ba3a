package tflite

import (
	"kinglet/models/graph"
)

// callees returns the subgraphs that an operator runs, in the order of its options.
func callees(op *graph.Operator) []int64 {
	switch o := op.Options.(type) {
	case *graph.IfOptions:
		return []int64{int64(o.ThenSubgraphIndex), int64(o.ElseSubgraphIndex)}
	case *graph.WhileOptions:
		return []int64{int64(o.CondSubgraphIndex), int64(o.BodySubgraphIndex)}
	case *graph.CallOnceOptions:
		return []int64{int64(o.InitSubgraphIndex)}
	case *graph.CallOptions:
		return []int64{int64(o.Subgraph)}
	}
	return nil
}

// checkCalls checks that operators run subgraphs that exist, and that none runs itself.
// Subgraphs are taken off once all that they run are; those left over form a circle.
func checkCalls(f *file, m *graph.Model) {
	if f.err != nil {
		return
	}
	callers := make([][]int, len(m.Subgraphs))
	waiting := make([]int, len(m.Subgraphs)) // calls to subgraphs that are not yet taken off
	for i := range m.Subgraphs {
		for j := range m.Subgraphs[i].Operators {
			op := &m.Subgraphs[i].Operators[j]
			for _, k := range callees(op) {
				if k < 0 || k >= int64(len(m.Subgraphs)) {
					f.fail(operatorPath(i, j), 0, malformed("%v: subgraph %d of %d", op.Code, k, len(m.Subgraphs)))
					return
				}
				callers[k] = append(callers[k], i)
				waiting[i]++
			}
		}
	}
	var free []int
	for i, n := range waiting {
		if n == 0 {
			free = append(free, i)
		}
	}
	taken := 0
	for ; len(free) > 0; taken++ {
		i := free[len(free)-1]
		free = free[:len(free)-1]
		for _, c := range callers[i] {
			if waiting[c]--; waiting[c] == 0 {
				free = append(free, c)
			}
		}
	}
	if taken == len(m.Subgraphs) {
		return
	}
	for i, n := range waiting {
		if n > 0 {
			f.fail(&path{&path{nil, "subgraphs", -1}, "", i}, 0, malformed("the subgraph runs itself"))
			return
		}
	}
}

func operatorPath(sub, op int) *path {
	at := &path{&path{nil, "subgraphs", -1}, "", sub}
	return &path{&path{at, "operators", -1}, "", op}
}
