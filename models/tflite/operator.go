package tflite

import "kinglet/models/graph"

// parseOperator reads the table Operator.
func (c *context) parseOperator(t table, out *graph.Operator, o *order) {
	t.known(14)
	index := t.uint32(0, "opcode_index")
	inputs, outputs := t.vector(1, "inputs", 4), t.vector(2, "outputs", 4)
	intermediates := t.vector(8, "intermediates", 4)
	mutating := t.vector(7, "mutating_variable_inputs", 1)
	if c.err != nil {
		return
	}
	if int64(index) >= int64(len(c.codes)) {
		t.fail(0, "opcode_index", malformed("operator code %d of %d", index, len(c.codes)))
		return
	}
	if mutating.n != 0 && mutating.n != inputs.n {
		t.fail(7, "mutating_variable_inputs", malformed("%d entries, %d inputs", mutating.n, inputs.n))
		return
	}
	code := c.codes[index]
	*out = graph.Operator{
		Code: code.code, Custom: code.custom, Version: code.version,
		Inputs: inputs.ints(), Outputs: outputs.ints(), Intermediates: intermediates.ints(),
	}
	for i := range out.Inputs {
		if !o.readable(&inputs, i, true) {
			return
		}
	}
	for i := range out.Outputs {
		if !o.written(&outputs, i) {
			return
		}
	}
	for i := range out.Intermediates {
		if _, ok := o.index(&intermediates, i, true); !ok {
			return
		}
	}
	out.CustomOptions = c.customOptions(&t)
	if c.err != nil {
		return
	}
	out.Options = c.options(&t, code.code)
	for _, i := range callees(out) {
		if i < 0 || i >= int64(c.subgraphs) {
			t.fail(4, "builtin_options", malformed("%v: subgraph %d of %d", code.code, i, c.subgraphs))
			return
		}
	}
}

// customOptions finds an operator's custom_options, which in files over 2 GB lie behind
// the FlatBuffer.
func (c *context) customOptions(t *table) []byte {
	v := t.vector(5, "custom_options", 1)
	off, size := t.uint64(9, "large_custom_options_offset"), t.uint64(10, "large_custom_options_size")
	format := t.int8(6, "custom_options_format")
	if c.err != nil {
		return nil
	}
	if format != 0 {
		t.fail(6, "custom_options_format", unsupported("custom options of format %d", format))
		return nil
	}
	if v.n > 0 || off <= 1 || size == 0 {
		return v.bytes()
	}
	total := uint64(len(c.data))
	if off > total || size > total-off {
		t.fail(9, "large_custom_options_offset", malformed("%d bytes at %d of a file of %d", size, off, total))
		return nil
	}
	return c.bytes(span{int(off), int(size)})
}

// options reads the table of an operator's options; nil when it carries none.
func (c *context) options(t *table, code graph.OpCode) any {
	union, union2 := t.uint8(3, "builtin_options_type"), t.uint8(11, "builtin_options_2_type")
	at := t.target(4, "builtin_options")
	if c.err != nil {
		return nil
	}
	if union2 != 0 {
		t.fail(11, "builtin_options_2_type", unsupported("%v: options of the second union, of type %d", code, union2))
		return nil
	}
	var want optionTable
	if int(code) < len(optionTables) {
		want = optionTables[code]
	}
	switch {
	case union == 0 && at == 0:
		return nil
	case union == 0:
		t.fail(4, "builtin_options", malformed("%v: options without a type", code))
		return nil
	case union != want.union:
		t.fail(3, "builtin_options_type", malformed("%v: options of type %d, want %d", code, union, want.union))
		return nil
	case at == 0:
		return nil
	}
	o := t.table(4, "builtin_options")
	if c.err != nil {
		return nil
	}
	if want.new == nil {
		o.known(0)
		return nil
	}
	return decodeOptions(&o, want.new())
}
