package server

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// Tensor is a value of the Open Inference Protocol, its data little-endian and row-major.
type Tensor struct {
	Name     string
	Datatype string // BOOL, UINT8, ..., INT64, FP32, FP64
	Shape    []int
	Data     []byte
}

// datatypeBytes is the size of an element of each datatype that is served.
var datatypeBytes = map[string]int{
	"BOOL": 1, "UINT8": 1, "INT8": 1, "UINT16": 2, "INT16": 2, "UINT32": 4, "INT32": 4, "FP32": 4, "UINT64": 8, "INT64": 8, "FP64": 8,
}

// maxElements bounds the elements of a tensor in a request.
const maxElements = 1 << 24

// size returns the bytes that a tensor takes.
func (t *Tensor) size() (int, error) {
	b, ok := datatypeBytes[t.Datatype]
	if !ok {
		return 0, fmt.Errorf("input %q: datatype %q is not served", t.Name, t.Datatype)
	}
	n := 1
	for _, d := range t.Shape {
		if d < 0 || d > maxElements {
			return 0, fmt.Errorf("input %q: shape %v", t.Name, t.Shape)
		}
		if n *= d; n > maxElements {
			return 0, fmt.Errorf("input %q: shape %v has more than %d elements", t.Name, t.Shape, maxElements)
		}
	}
	return n * b, nil
}

// parseJSON fills the data from a JSON array, nested or flat, of exactly the shape's size.
func (t *Tensor) parseJSON(raw json.RawMessage) error {
	size, err := t.size()
	if err != nil {
		return err
	}
	t.Data = make([]byte, 0, min(size, 8*len(raw))) // a value takes a character at least
	if err := t.append(raw, size, 0); err != nil {
		return fmt.Errorf("input %q: %w", t.Name, err)
	}
	if len(t.Data) != size {
		b := datatypeBytes[t.Datatype]
		return fmt.Errorf("input %q: %d values, shape %v has %d", t.Name, len(t.Data)/b, t.Shape, size/b)
	}
	return nil
}

// maxDepth bounds how deeply arrays may nest.
const maxDepth = 16

func (t *Tensor) append(raw json.RawMessage, size, depth int) error {
	if len(raw) > 0 && raw[0] == '[' {
		if depth == maxDepth {
			return fmt.Errorf("arrays nest deeper than %d", maxDepth)
		}
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return err
		}
		for _, r := range list {
			if err := t.append(r, size, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if len(t.Data) == size {
		return fmt.Errorf("more values than shape %v has", t.Shape)
	}
	return t.value(string(raw))
}

// value appends one number or boolean, which must be within the datatype's range.
func (t *Tensor) value(s string) error {
	le := binary.LittleEndian
	bits := 8 * datatypeBytes[t.Datatype]
	switch t.Datatype {
	case "BOOL":
		switch s {
		case "true", "1":
			t.Data = append(t.Data, 1)
		case "false", "0":
			t.Data = append(t.Data, 0)
		default:
			return fmt.Errorf("%.40q is no boolean", s)
		}
	case "FP32", "FP64":
		v, err := strconv.ParseFloat(s, bits)
		if err != nil {
			return fmt.Errorf("%.40q is no %s", s, t.Datatype)
		}
		if bits == 32 {
			t.Data = le.AppendUint32(t.Data, math.Float32bits(float32(v)))
		} else {
			t.Data = le.AppendUint64(t.Data, math.Float64bits(v))
		}
	case "UINT8", "UINT16", "UINT32", "UINT64":
		v, err := strconv.ParseUint(s, 10, bits)
		if err != nil {
			return fmt.Errorf("%.40q is no %s", s, t.Datatype)
		}
		t.Data = appendInt(t.Data, v, bits)
	default:
		v, err := strconv.ParseInt(s, 10, bits)
		if err != nil {
			return fmt.Errorf("%.40q is no %s", s, t.Datatype)
		}
		t.Data = appendInt(t.Data, uint64(v), bits)
	}
	return nil
}

func appendInt(b []byte, v uint64, bits int) []byte {
	for range bits / 8 {
		b = append(b, byte(v))
		v >>= 8
	}
	return b
}

// values returns the data as what JSON writes; a float that JSON cannot hold is null.
func (t *Tensor) values() []any {
	le := binary.LittleEndian
	step := datatypeBytes[t.Datatype]
	out := []any{}
	float := func(v float64, bits int) any {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return json.Number(strconv.FormatFloat(v, 'g', -1, bits))
	}
	for b := t.Data; step > 0 && len(b) >= step; b = b[step:] {
		var v any
		switch t.Datatype {
		case "BOOL":
			v = b[0] != 0
		case "UINT8":
			v = b[0]
		case "INT8":
			v = int8(b[0])
		case "UINT16":
			v = le.Uint16(b)
		case "INT16":
			v = int16(le.Uint16(b))
		case "UINT32":
			v = le.Uint32(b)
		case "INT32":
			v = int32(le.Uint32(b))
		case "UINT64":
			v = le.Uint64(b)
		case "INT64":
			v = int64(le.Uint64(b))
		case "FP32":
			v = float(float64(math.Float32frombits(le.Uint32(b))), 32)
		case "FP64":
			v = float(math.Float64frombits(le.Uint64(b)), 64)
		}
		out = append(out, v)
	}
	return out
}
