// Package tflite reads .tflite files into a graph.Model, and says which option table
// each operator carries. A file is a FlatBuffer (schema.fbs, identifier TFL3, version 3)
// that may come from anywhere: nothing of it is believed before it was checked.
package tflite

import (
	"unsafe"

	flatbuffers "github.com/google/flatbuffers/go"

	"kinglet/models/graph"
)

// The layout of a FlatBuffer's first bytes: the root table's offset, then the identifier.
const (
	identifier    = "TFL3"
	headerSize    = 8
	schemaVersion = 3
)

// Parse reads a model. The constants of the model, its metadata and the options of custom
// operators are parts of data, which must not change while the model lives; a constant that
// is not aligned for its type is a copy. Besides, Parse takes memory of at most a small
// multiple of len(data).
//
// The model is valid in itself: every index leads somewhere, constants have their shapes'
// sizes, and operators stand in an order that runs. Whether an operator's inputs and
// options make sense is for whoever binds it.
//
// Errors are *Error, and wrap ErrMalformed or ErrUnsupported. Parse never panics.
func Parse(data []byte) (*graph.Model, error) {
	if len(data) < headerSize {
		return nil, &Error{"", 0, malformed("%d bytes, fewer than any model has", len(data))}
	}
	if id := data[4:headerSize]; string(id) != identifier {
		return nil, &Error{"", 4, malformed("not a TFLite file: its identifier is %q, want %q", id, identifier)}
	}
	f := newFile(data)
	root := flatbuffers.GetUint32(data)
	if root < headerSize || int64(root) >= int64(len(f.flat)) {
		return nil, &Error{"", 0, malformed("the root lies outside the file")}
	}
	m := f.parseModel(f.open(&path{nil, "model", -1}, int(root)))
	if f.err != nil {
		return nil, f.err
	}
	return m, nil
}

// context is what the parts of a model refer to by index.
type context struct {
	*file
	codes     []opcode
	buffers   []span
	copies    map[uint32][]byte // of buffers that are not aligned for their tensors
	subgraphs int
}

// parseModel reads the table Model.
func (f *file) parseModel(t table) *graph.Model {
	t.at = nil // its fields are named without a prefix
	version := t.uint32(0, "version")
	if version != schemaVersion {
		t.fail(0, "version", unsupported("schema version %d, want %d", version, schemaVersion))
		return nil
	}
	m := &graph.Model{Version: version, Description: t.string(3, "description")}
	subgraphs := t.vector(2, "subgraphs", 4)
	c := &context{file: f, subgraphs: subgraphs.n}
	c.codes = parseOpcodes(t.vector(1, "operator_codes", 4))
	c.buffers = parseBuffers(t.vector(4, "buffers", 4))
	if f.err != nil {
		return nil
	}
	if subgraphs.n == 0 {
		t.fail(2, "subgraphs", malformed("no subgraph"))
		return nil
	}
	if !subgraphs.spend(int(unsafe.Sizeof(graph.Subgraph{}))) {
		return nil
	}
	m.Subgraphs = make([]graph.Subgraph, subgraphs.n)
	for i := range m.Subgraphs {
		c.parseSubgraph(subgraphs.table(i), &m.Subgraphs[i])
		if f.err != nil {
			return nil
		}
	}
	m.Metadata = c.parseMetadata(t.vector(6, "metadata", 4))
	m.Signatures = c.parseSignatures(t.vector(7, "signature_defs", 4), m.Subgraphs)
	checkCalls(&subgraphs, m.Subgraphs)
	return m
}

// parseMetadata reads Model.metadata.
func (c *context) parseMetadata(v vector) []graph.Metadata {
	if !v.spend(int(unsafe.Sizeof(graph.Metadata{}))) {
		return nil
	}
	s := make([]graph.Metadata, v.n)
	for i := range s {
		t := v.table(i)
		name, buffer := t.string(0, "name"), t.uint32(1, "buffer")
		if c.err != nil {
			return nil
		}
		if int64(buffer) >= int64(len(c.buffers)) {
			t.fail(1, "buffer", malformed("buffer %d of %d", buffer, len(c.buffers)))
			return nil
		}
		s[i] = graph.Metadata{Name: name, Data: c.bytes(c.buffers[buffer])}
	}
	return s
}
