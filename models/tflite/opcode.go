package tflite

import (
	"unsafe"

	"kinglet/models/graph"
)

// opcode is an entry of Model.operator_codes.
type opcode struct {
	code    graph.OpCode
	custom  string
	version int
}

// parseOpcodes reads Model.operator_codes. The code is the greater of its two fields: the
// older one holds a byte, and 127 where the code is greater (schema version 3a).
func parseOpcodes(v vector) []opcode {
	if !v.spend(int(unsafe.Sizeof(opcode{}))) {
		return nil
	}
	s := make([]opcode, v.n)
	for i := range s {
		t := v.table(i)
		t.known(4)
		code := max(int32(t.int8(0, "deprecated_builtin_code")), t.int32(3, "builtin_code", 0))
		custom, version := t.string(1, "custom_code"), t.int32(2, "version", 1)
		switch {
		case code < 0:
			t.fail(3, "builtin_code", malformed("operator code %d", code))
		case code > 0xff || !graph.OpCode(code).Known():
			t.fail(3, "builtin_code", unsupported("operator code %d, newer than the schema known here", code))
		case graph.OpCode(code) == graph.Custom && custom == "":
			t.fail(1, "custom_code", malformed("custom operator without a name"))
		case version < 0:
			t.fail(2, "version", malformed("version %d", version))
		}
		if v.f.err != nil {
			return nil
		}
		if graph.OpCode(code) != graph.Custom {
			custom = ""
		}
		s[i] = opcode{graph.OpCode(code), custom, int(version)}
	}
	return s
}
