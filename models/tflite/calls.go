package tflite

import "kinglet/models/graph"

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

// checkCalls checks that no subgraph runs itself. Subgraphs are taken off once all that
// they run are; those left over form a circle.
func checkCalls(v *vector, subgraphs []graph.Subgraph) {
	if v.f.err != nil {
		return
	}
	callers := make([][]int, len(subgraphs))
	waiting := make([]int, len(subgraphs)) // calls to subgraphs that are not yet taken off
	for i := range subgraphs {
		for j := range subgraphs[i].Operators {
			for _, k := range callees(&subgraphs[i].Operators[j]) {
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
	for len(free) > 0 {
		i := free[len(free)-1]
		free = free[:len(free)-1]
		for _, c := range callers[i] {
			if waiting[c]--; waiting[c] == 0 {
				free = append(free, c)
			}
		}
	}
	for i, n := range waiting {
		if n > 0 {
			v.fail(i, malformed("the subgraph runs itself, or waits for one that does"))
			return
		}
	}
}
