package tflite

import (
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"

	flatbuffers "github.com/google/flatbuffers/go"

	"kinglet/models/graph"
)

// vectorOf writes a vector of offsets, all to the same table.
func vectorOf(b *flatbuffers.Builder, table flatbuffers.UOffsetT, n int) flatbuffers.UOffsetT {
	b.StartVector(4, n, 4)
	for range n {
		b.PrependUOffsetT(table)
	}
	return b.EndVector(n)
}

// tableOf writes a table whose slots hold offsets; 0 leaves one out.
func tableOf(b *flatbuffers.Builder, slots ...flatbuffers.UOffsetT) flatbuffers.UOffsetT {
	b.StartObject(len(slots))
	for i, s := range slots {
		b.PrependUOffsetTSlot(i, s, 0)
	}
	return b.EndObject()
}

// int32s writes a vector of n equal numbers.
func int32s(b *flatbuffers.Builder, v int32, n int) flatbuffers.UOffsetT {
	b.StartVector(4, n, 4)
	for range n {
		b.PrependInt32(v)
	}
	return b.EndVector(n)
}

// modelOf writes the root: version 3, and the other slots as they are.
func modelOf(b *flatbuffers.Builder, slots ...flatbuffers.UOffsetT) []byte {
	b.StartObject(1 + len(slots))
	b.PrependUint32Slot(0, 3, 0)
	for i, s := range slots {
		b.PrependUOffsetTSlot(1+i, s, 0)
	}
	b.FinishWithFileIdentifier(b.EndObject(), []byte(identifier))
	return b.FinishedBytes()
}

// TestParseShared reads files that point to one part many times: memory follows the
// file's size and not what it would unfold to, and time does too.
func TestParseShared(t *testing.T) {
	const n = 20000
	tests := map[string]func(b *flatbuffers.Builder) []byte{
		"subgraphs": func(b *flatbuffers.Builder) []byte {
			tensors := vectorOf(b, tableOf(b, 0, 0, 0, 0, 0, 0, 0, 0), n)
			return modelOf(b, 0, vectorOf(b, tableOf(b, tensors), n))
		},
		"shapes": func(b *flatbuffers.Builder) []byte {
			tensor := tableOf(b, int32s(b, 1, 8), 0, 0, 0, 0, 0, 0, 0)
			return modelOf(b, 0, vectorOf(b, tableOf(b, vectorOf(b, tensor, n)), 1))
		},
		"names": func(b *flatbuffers.Builder) []byte {
			tensor := tableOf(b, 0, 0, 0, b.CreateString(strings.Repeat("n", n)))
			return modelOf(b, 0, vectorOf(b, tableOf(b, vectorOf(b, tensor, n)), 1))
		},
		"ranges": func(b *flatbuffers.Builder) []byte {
			tensor := tableOf(b, 0, 0, 0, 0, tableOf(b, int32s(b, 1, n)))
			return modelOf(b, 0, vectorOf(b, tableOf(b, vectorOf(b, tensor, n)), 1))
		},
		"inputs": func(b *flatbuffers.Builder) []byte {
			operator := tableOf(b, 0, int32s(b, -1, n))
			code := vectorOf(b, tableOf(b, 0), 1)
			return modelOf(b, code, vectorOf(b, tableOf(b, 0, 0, 0, vectorOf(b, operator, n)), 1))
		},
		"metadata": func(b *flatbuffers.Builder) []byte {
			buffers := vectorOf(b, tableOf(b, 0), 1)
			data := vectorOf(b, tableOf(b, b.CreateString(strings.Repeat("n", n))), n)
			return modelOf(b, 0, vectorOf(b, tableOf(b, 0), 1), 0, buffers, 0, data)
		},
		"fields": func(b *flatbuffers.Builder) []byte {
			// A vtable of 30,000 fields, each of them over the same bytes, shared by many tables.
			b.StartObject(30000)
			b.PrependUint32(0)
			for i := range 30000 {
				if i > 10 {
					b.Slot(i)
				}
			}
			return modelOf(b, vectorOf(b, b.EndObject(), n), vectorOf(b, tableOf(b, 0), 1))
		},
	}
	for name, make := range tests {
		t.Run(name, func(t *testing.T) {
			data := make(flatbuffers.NewBuilder(1 << 10))
			took := allocated(func() {
				_, err := Parse(data)
				t.Log(len(data), err)
				if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrUnsupported) {
					t.Error("parsed")
				}
			})
			if most := uint64(bound(len(data))); took > most {
				t.Errorf("%d bytes took %d, want at most %d", len(data), took, most)
			}
		})
	}
}

// bound is the most memory that parsing n bytes may take, with some room for the
// allocator's own.
func bound(n int) int { return 2*memoryFactor*n + 2*memoryFloor }

// TestParseManySmall reads a file of many of the smallest tensors and operators that a
// writer makes, without sharing: it fits the bound on memory.
func TestParseManySmall(t *testing.T) {
	const n = 30000
	b := flatbuffers.NewBuilder(1 << 20)
	tensors := make([]flatbuffers.UOffsetT, n+1)
	for i := range tensors {
		shape := int32s(b, 1, 1)
		b.StartObject(2)
		b.PrependUOffsetTSlot(0, shape, 0)
		b.PrependInt8Slot(1, int8(graph.Int8), 0)
		tensors[i] = b.EndObject()
	}
	operators := make([]flatbuffers.UOffsetT, n)
	for i := range operators {
		operators[i] = tableOf(b, 0, int32s(b, int32(i), 1), int32s(b, int32(i+1), 1))
	}
	sub := tableOf(b, b.CreateVectorOfTables(tensors), int32s(b, 0, 1), int32s(b, n, 1), b.CreateVectorOfTables(operators))
	codes := vectorOf(b, tableOf(b, 0), 1)
	data := modelOf(b, codes, vectorOf(b, sub, 1))
	m, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if g := m.Subgraphs[0]; len(g.Tensors) != n+1 || len(g.Operators) != n {
		t.Errorf("%d tensors, %d operators", len(g.Tensors), len(g.Operators))
	}
}

// TestParseCustom reads a custom operator's options from the FlatBuffer and from behind it.
func TestParseCustom(t *testing.T) {
	custom := func(inline bool, off, size uint64) []byte {
		b := flatbuffers.NewBuilder(0)
		var options flatbuffers.UOffsetT
		if inline {
			options = b.CreateByteVector([]byte("inline"))
		}
		b.StartObject(11)
		b.PrependUOffsetTSlot(5, options, 0)
		b.PrependUint64Slot(9, off, 0)
		b.PrependUint64Slot(10, size, 0)
		sub := tableOf(b, 0, 0, 0, vectorOf(b, b.EndObject(), 1))
		name := b.CreateString("Mine")
		b.StartObject(4)
		b.PrependInt8Slot(0, int8(graph.Custom), 0)
		b.PrependUOffsetTSlot(1, name, 0)
		b.PrependInt32Slot(2, 3, 1)
		code := vectorOf(b, b.EndObject(), 1)
		return append(modelOf(b, code, vectorOf(b, sub, 1)), "behind"...)
	}
	plain := custom(true, 0, 0)
	m, err := Parse(plain)
	if err != nil {
		t.Fatal(err)
	}
	op := m.Subgraphs[0].Operators[0]
	if op.Name() != "Mine" || op.Version != 3 || string(op.CustomOptions) != "inline" {
		t.Errorf("%+v", op)
	}
	end := uint64(len(custom(false, 1<<20, 6)))
	m, err = Parse(custom(false, end-6, 6))
	if err != nil || string(m.Subgraphs[0].Operators[0].CustomOptions) != "behind" {
		t.Errorf("%+v %v", m, err)
	}
	if _, err := Parse(custom(false, end-6, 7)); !errors.Is(err, ErrMalformed) {
		t.Errorf("options past the file: %v", err)
	}
}

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// one makes a model of one constant tensor over the bytes given, and returns what was read.
func one(t *testing.T, shift int, tensor func(b *flatbuffers.Builder), data []byte, offset, size uint64) (*graph.Tensor, []byte, error) {
	t.Helper()
	b := flatbuffers.NewBuilder(0)
	var bytes flatbuffers.UOffsetT
	if data != nil {
		bytes = b.CreateByteVector(data)
	}
	b.StartObject(3)
	b.PrependUOffsetTSlot(0, bytes, 0)
	b.PrependUint64Slot(1, offset, 0)
	b.PrependUint64Slot(2, size, 0)
	full := b.EndObject()
	empty := tableOf(b, 0)
	b.StartVector(4, 2, 4)
	b.PrependUOffsetT(full)
	b.PrependUOffsetT(empty)
	buffers := b.EndVector(2)
	shape := int32s(b, 2, 1)
	b.StartObject(11)
	b.PrependUOffsetTSlot(0, shape, 0)
	b.PrependUint32Slot(2, 1, 0)
	tensor(b)
	sub := tableOf(b, vectorOf(b, b.EndObject(), 1))
	file := modelOf(b, 0, vectorOf(b, sub, 1), 0, buffers)
	// The file, shift bytes past an aligned address, with room behind it.
	moved := make([]byte, shift+len(file)+64)[shift:]
	copy(moved, file)
	m, err := Parse(moved)
	if err != nil {
		return nil, moved, err
	}
	return &m.Subgraphs[0].Tensors[0], moved, nil
}

func kind(k graph.Type) func(*flatbuffers.Builder) {
	return func(b *flatbuffers.Builder) { b.PrependInt8Slot(1, int8(k), 0) }
}

// TestParseConstant finds constants in the file itself, copies those that are not aligned
// for their type, and finds those behind the FlatBuffer.
func TestParseConstant(t *testing.T) {
	for shift := range 8 {
		c, file, err := one(t, shift, kind(graph.Int64), []byte("0123456789abcdef"), 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if string(c.Data) != "0123456789abcdef" {
			t.Errorf("shifted by %d: %q", shift, c.Data)
		}
		clear(file)
		if inFile := c.Data[0] == 0; inFile && shift%4 != 0 {
			t.Errorf("shifted by %d: the constant is not aligned", shift)
		}
		c, file, err = one(t, shift, kind(graph.Int8), []byte("ab"), 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if clear(file); c.Data[0] != 0 {
			t.Errorf("shifted by %d: bytes were copied", shift)
		}
	}
	c, file, err := one(t, 0, kind(graph.Int16), nil, 200, 4)
	if err != nil || len(c.Data) != 4 || &c.Data[0] != &file[200] {
		t.Errorf("a buffer at byte 200: %v %v", c, err)
	}
	for _, at := range [][2]uint64{{200, math.MaxUint64}, {math.MaxUint64, 4}, {1 << 40, 4}} {
		if _, _, err := one(t, 0, kind(graph.Int16), nil, at[0], at[1]); !errors.Is(err, ErrMalformed) {
			t.Errorf("a buffer of %d bytes at %d: %v", at[1], at[0], err)
		}
	}
}

// TestParseNewerField tells a field that the schema known here lacks from one that says
// nothing.
func TestParseNewerField(t *testing.T) {
	withSlot := func(v uint32) []byte {
		b := flatbuffers.NewBuilder(0)
		b.StartObject(13)
		b.PrependUint32(v)
		b.Slot(12)
		return modelOf(b, 0, vectorOf(b, tableOf(b, vectorOf(b, b.EndObject(), 1)), 1))
	}
	if _, err := Parse(withSlot(0)); err != nil {
		t.Error(err)
	}
	if _, err := Parse(withSlot(1)); !errors.Is(err, ErrUnsupported) {
		t.Errorf("%v, want %v", err, ErrUnsupported)
	}
}

// TestErrorSaysWhere pins one message.
func TestErrorSaysWhere(t *testing.T) {
	_, _, err := one(t, 0, kind(graph.Float32), []byte("abc"), 0, 0)
	var e *Error
	if !errors.As(err, &e) || e.Where != "subgraphs[0].tensors[0].buffer" || e.Off == 0 {
		t.Fatalf("%+v", e)
	}
	if want := "3 bytes of data, float32 of shape [2] has 8: malformed"; e.Err.Error() != want {
		t.Errorf("%q, want %q", e.Err, want)
	}
}

// TestParseStrings checks a string tensor's own offsets.
func TestParseStrings(t *testing.T) {
	good := "\x02\x00\x00\x00\x10\x00\x00\x00\x12\x00\x00\x00\x13\x00\x00\x00abc"
	if c, _, err := one(t, 0, kind(graph.String), []byte(good), 0, 0); err != nil || len(c.Data) != len(good) {
		t.Errorf("%v %v", c, err)
	}
	for _, bad := range []string{good[:4], good[:14], "\x03" + good[1:], good[:8] + "\xff" + good[9:], good[:12] + "\x11" + good[13:]} {
		if _, _, err := one(t, 0, kind(graph.String), []byte(bad), 0, 0); !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
