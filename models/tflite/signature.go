package tflite

import (
	"slices"
	"unsafe"

	"kinglet/models/graph"
)

// parseSignatures reads Model.signature_defs.
func (c *context) parseSignatures(v vector, subgraphs []graph.Subgraph) []graph.Signature {
	if c.err != nil || !v.spend(int(unsafe.Sizeof(graph.Signature{}))) {
		return nil
	}
	s := make([]graph.Signature, v.n)
	for i := range s {
		t := v.table(i)
		key, index := t.string(2, "signature_key"), t.uint32(4, "subgraph_index")
		if c.err != nil {
			return nil
		}
		if int64(index) >= int64(len(subgraphs)) {
			t.fail(4, "subgraph_index", malformed("subgraph %d of %d", index, len(subgraphs)))
			return nil
		}
		sub := &subgraphs[index]
		s[i] = graph.Signature{
			Key:      key,
			Subgraph: int(index),
			Inputs:   c.parseBindings(t.vector(0, "inputs", 4), sub.Inputs, "input"),
			Outputs:  c.parseBindings(t.vector(1, "outputs", 4), sub.Outputs, "output"),
		}
		if c.err != nil {
			return nil
		}
	}
	return s
}

// parseBindings reads the named inputs or outputs of a signature, each of which must be
// among the subgraph's.
func (c *context) parseBindings(v vector, among []int, what string) []graph.Binding {
	if c.err != nil || !v.spend(int(unsafe.Sizeof(graph.Binding{}))) {
		return nil
	}
	among = slices.Clone(among)
	slices.Sort(among)
	s := make([]graph.Binding, v.n)
	for i := range s {
		t := v.table(i)
		name, tensor := t.string(0, "name"), t.uint32(1, "tensor_index")
		if c.err != nil {
			return nil
		}
		if _, ok := slices.BinarySearch(among, int(tensor)); !ok {
			t.fail(1, "tensor_index", malformed("tensor %d is no %s of the subgraph", tensor, what))
			return nil
		}
		s[i] = graph.Binding{Name: name, Tensor: int(tensor)}
	}
	return s
}
