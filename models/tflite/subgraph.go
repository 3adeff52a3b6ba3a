package tflite

import (
	"unsafe"

	"kinglet/models/graph"
)

// parseSubgraph reads the table SubGraph.
func (c *context) parseSubgraph(t table, out *graph.Subgraph) {
	tensors, operators := t.vector(0, "tensors", 4), t.vector(3, "operators", 4)
	inputs, outputs := t.vector(1, "inputs", 4), t.vector(2, "outputs", 4)
	out.Name = t.string(4, "name")
	if c.err != nil {
		return
	}
	if tensors.spend(int(unsafe.Sizeof(graph.Tensor{})) + 1) { // one for order.state
		out.Tensors = make([]graph.Tensor, tensors.n)
		for i := range out.Tensors {
			if c.parseTensor(tensors.table(i), &out.Tensors[i]); c.err != nil {
				return
			}
		}
	}
	o := order{file: c.file, sub: out, state: make([]state, len(out.Tensors))}
	out.Inputs = o.inputs(inputs)
	if operators.spend(int(unsafe.Sizeof(graph.Operator{}))) {
		out.Operators = make([]graph.Operator, operators.n)
		for i := range out.Operators {
			if c.parseOperator(operators.table(i), &out.Operators[i], &o); c.err != nil {
				return
			}
		}
	}
	out.Outputs = o.outputs(outputs)
}

// state is what a tensor is to the operators.
type state uint8

const (
	unset state = iota // nothing gave it a value yet
	held               // a constant or a variable: it always has one
	given              // an input of the subgraph
	wrote              // an operator's output
)

// order follows which tensors have a value while a subgraph's operators are read, and
// refuses an order that does not run.
type order struct {
	*file
	sub   *graph.Subgraph
	state []state
}

// index checks a tensor index, and whether it may be left out.
func (o *order) index(v *vector, i int, optional bool) (int, bool) {
	t := int(v.int32(i))
	if t == graph.Absent && optional {
		return t, true
	}
	if t < 0 || t >= len(o.state) {
		v.fail(i, malformed("tensor %d of %d", t, len(o.state)))
		return 0, false
	}
	return t, true
}

// inputs reads SubGraph.inputs.
func (o *order) inputs(v vector) []int {
	for i := range o.sub.Tensors {
		t := &o.sub.Tensors[i]
		if t.Data != nil || t.Variable {
			o.state[i] = held
		}
	}
	s := v.ints()
	for i := range s {
		t, ok := o.index(&v, i, false)
		if !ok {
			return nil
		}
		switch o.state[t] {
		case held:
			v.fail(i, malformed("tensor %d is a constant or a variable", t))
			return nil
		case given:
			v.fail(i, malformed("tensor %d is an input twice", t))
			return nil
		}
		o.state[t] = given
	}
	return s
}

// outputs reads SubGraph.outputs.
func (o *order) outputs(v vector) []int {
	s := v.ints()
	for i := range s {
		if !o.readable(&v, i, false) {
			return nil
		}
	}
	return s
}

// readable checks that element i of v, which is read, has a value by now.
func (o *order) readable(v *vector, i int, optional bool) bool {
	t, ok := o.index(v, i, optional)
	if !ok || t == graph.Absent {
		return ok
	}
	if o.state[t] != unset {
		return true
	}
	if n, err := graph.Elements(o.sub.Tensors[t].Shape); err == nil && n == 0 {
		return true // a constant without elements has no data
	}
	v.fail(i, malformed("tensor %d is read before anything writes it", t))
	return false
}

// written notes that an operator writes element i of v.
func (o *order) written(v *vector, i int) bool {
	t, ok := o.index(v, i, false)
	if !ok {
		return false
	}
	switch o.state[t] {
	case held:
		v.fail(i, malformed("tensor %d is a constant or a variable, and written", t))
		return false
	case given:
		v.fail(i, malformed("tensor %d is an input of the subgraph, and written", t))
		return false
	case wrote:
		v.fail(i, malformed("tensor %d is written twice", t))
		return false
	}
	o.state[t] = wrote
	return true
}
