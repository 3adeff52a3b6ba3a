package tflite

import (
	"encoding/binary"
	"math"
	"slices"

	"kinglet/models/graph"
)

// parseTensor reads the table Tensor.
func (c *context) parseTensor(t table, out *graph.Tensor) {
	t.known(11)
	shape := t.vector(0, "shape", 4)
	signature := t.vector(7, "shape_signature", 4)
	kind, buffer := graph.Type(t.int8(1, "type")), t.uint32(2, "buffer")
	sparsity := t.target(6, "sparsity")
	external := t.uint32(10, "external_buffer")
	*out = graph.Tensor{
		Name:     t.string(3, "name"),
		Type:     kind,
		Variable: t.bool(5, "is_variable", false),
	}
	if c.err != nil {
		return
	}
	switch {
	case kind < 0:
		t.fail(1, "type", malformed("type %d", kind))
	case !kind.Known():
		t.fail(1, "type", unsupported("type %d, newer than the schema known here", kind))
	case sparsity != 0:
		t.fail(6, "sparsity", unsupported("sparse tensor"))
	case external != 0:
		t.fail(10, "external_buffer", unsupported("data in another file"))
	}
	out.Shape, out.Signature = parseShape(shape, signature)
	if c.err != nil {
		return
	}
	if c.parseQuantization(t.table(4, "quantization"), out); c.err != nil {
		return
	}
	c.parseData(&t, buffer, out)
}

// parseShape reads Tensor.shape and Tensor.shape_signature. A dimension that the signature
// leaves open may be -1 in the shape too, and is 1 until inputs say otherwise.
func parseShape(shape, signature vector) (dims, open []int) {
	if shape.n > graph.MaxRank {
		shape.f.fail(shape.at, shape.off, unsupported("%d dimensions, more than %d", shape.n, graph.MaxRank))
		return nil, nil
	}
	if shape.n == 0 {
		return []int{}, nil // the signature of an unknown rank says nothing more
	}
	if signature.n != 0 && signature.n != shape.n {
		signature.f.fail(signature.at, signature.off, malformed("%d dimensions, the shape has %d", signature.n, shape.n))
		return nil, nil
	}
	if dims = shape.ints(); dims == nil {
		return nil, nil
	}
	if signature.n != 0 && slices.Contains(signature.int32s(), -1) {
		open = slices.Clone(dims)
	}
	for i, d := range dims {
		if open != nil && signature.int32(i) == -1 {
			open[i] = -1
			if d == -1 {
				dims[i] = 1
				continue
			}
		}
		if d < 0 {
			shape.fail(i, malformed("dimension %d", d))
			return nil, nil
		}
	}
	if _, err := graph.Elements(dims); err != nil {
		shape.f.fail(shape.at, shape.off, unsupported("%w", err))
		return nil, nil
	}
	return dims, open
}

// parseQuantization reads the table QuantizationParameters.
func (c *context) parseQuantization(t table, out *graph.Tensor) {
	t.known(7)
	details := t.uint8(4, "details_type")
	scale, zero := t.vector(2, "scale", 4), t.vector(3, "zero_point", 8)
	low, high := t.vector(0, "min", 4), t.vector(1, "max", 4)
	dim := int(t.int32(6, "quantized_dimension", 0))
	if c.err != nil || !t.present() {
		return
	}
	if details != 0 {
		t.fail(4, "details_type", unsupported("quantization of kind %d", details))
		return
	}
	out.Quant.Min, out.Quant.Max = low.float32s(), high.float32s()
	if scale.n == 0 || c.err != nil {
		return
	}
	if zero.n != scale.n {
		t.fail(3, "zero_point", malformed("%d zero points, %d scales", zero.n, scale.n))
		return
	}
	rank := len(out.Shape)
	switch {
	case scale.n == 1:
		if dim < 0 || dim >= rank {
			dim = 0 // one scale serves the whole tensor
		}
	case rank == 1:
		dim = 0 // a vector has no other: tflite-micro's models name the weights' dimension here
	case dim < 0 || dim >= rank:
		t.fail(6, "quantized_dimension", malformed("dimension %d of %d", dim, rank))
		return
	}
	if scale.n > 1 && (rank == 0 || out.Shape[dim] != scale.n) {
		t.fail(2, "scale", malformed("%d scales, shape %v has another length along dimension %d", scale.n, out.Shape, dim))
		return
	}
	out.Quant.Scale, out.Quant.ZeroPoint, out.Quant.Dim = scale.float32s(), zero.int64s(), dim
	for i, s := range out.Quant.Scale {
		if !(s >= 0) || math.IsInf(float64(s), 0) {
			scale.fail(i, malformed("scale %v", s))
			return
		}
	}
}

// parseData finds the constant data of a tensor.
func (c *context) parseData(t *table, buffer uint32, out *graph.Tensor) {
	if buffer == 0 {
		return // the empty buffer, by convention
	}
	if int64(buffer) >= int64(len(c.buffers)) {
		t.fail(2, "buffer", malformed("buffer %d of %d", buffer, len(c.buffers)))
		return
	}
	s := c.buffers[buffer]
	if s.n == 0 {
		return
	}
	if out.Variable {
		t.fail(2, "buffer", unsupported("variable with an initial value"))
		return
	}
	n, _ := graph.Elements(out.Shape)
	switch {
	case out.Type == graph.String:
		if err := checkStrings(c.bytes(s), n); err != nil {
			t.fail(2, "buffer", err)
			return
		}
	case out.Type.Bits() == 0:
		t.fail(2, "buffer", unsupported("constant of type %v", out.Type))
		return
	case int64(s.n) != (int64(n)*int64(out.Type.Bits())+7)/8:
		t.fail(2, "buffer", malformed("%d bytes of data, %v of shape %v has %d", s.n, out.Type, out.Shape, (int64(n)*int64(out.Type.Bits())+7)/8))
		return
	}
	out.Data = c.aligned(t.at, buffer, max(1, min(8, out.Type.Bits()/8)))
}

// checkStrings checks the data of a string tensor: the number of strings, their offsets
// and the end's, all 32 bits, then the text.
func checkStrings(b []byte, n int) error {
	if len(b) < 8 || int64(binary.LittleEndian.Uint32(b)) != int64(n) || (len(b)-8)/4 < n {
		return malformed("%d bytes of data do not hold %d strings", len(b), n)
	}
	last := uint32(4 * (n + 2))
	for i := range n + 1 {
		o := binary.LittleEndian.Uint32(b[4+4*i:])
		if o < last || int64(o) > int64(len(b)) {
			return malformed("string %d lies outside the data", i)
		}
		last = o
	}
	return nil
}
