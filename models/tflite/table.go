package tflite

import (
	"math"
	"slices"

	flatbuffers "github.com/google/flatbuffers/go"
)

// file is the bytes being read, and the first thing that was found wrong with them.
// Accessors note an error here and return a zero, so that a reader of a table checks
// once, when it has read all of it.
type file struct {
	data   []byte // the whole file
	flat   []byte // the part that a FlatBuffer's offsets reach
	budget int    // bytes that may still be taken for what the file says
	err    error
}

const (
	// maxFlat is the largest FlatBuffer: its offsets are signed 32-bit numbers.
	maxFlat = math.MaxInt32

	// A file may point to one part many times, so what is made of it is bounded apart from
	// what it says: memoryFactor bytes for each of the file's and memoryFloor besides, and
	// for large files, which are weights for the most part, a copy of them and memoryLarge.
	memoryFactor = 16
	memoryFloor  = 64 << 10
	memoryLarge  = 64 << 20

	pathSize = 40 // bytes that the name of a table or vector takes
)

func newFile(data []byte) *file {
	n := int64(len(data))
	budget := min(n*memoryFactor+memoryFloor, n+memoryLarge, math.MaxInt)
	return &file{data: data, flat: data[:min(n, maxFlat)], budget: int(budget)}
}

// fail notes the first error.
func (f *file) fail(at *path, off int, err error) {
	if f.err == nil {
		f.err = &Error{at.String(), off, err}
	}
}

// spend takes n bytes of the budget and reports whether they were there.
func (f *file) spend(at *path, off, n int) bool {
	if f.err != nil {
		return false
	}
	if n > f.budget {
		f.fail(at, off, malformed("the file says more than fits in its size: parts are shared too often"))
		return false
	}
	f.budget -= n
	return true
}

// within reports whether n bytes at off are in the FlatBuffer.
func (f *file) within(off, n int) bool {
	return off >= 0 && n >= 0 && off <= len(f.flat) && n <= len(f.flat)-off
}

// table is a table whose vtable was checked: it and every field's start lie in the file.
// The zero table is absent, and all its fields are.
type table struct {
	f  *file
	at *path
	flatbuffers.Table
	slots int // fields that the vtable has a place for
	size  int // bytes of the table itself
}

// open checks the table at off.
func (f *file) open(at *path, off int) table {
	if off&3 != 0 || !f.within(off, 4) {
		f.fail(at, off, malformed("table outside the file or not aligned"))
		return table{}
	}
	vt := off - int(flatbuffers.GetInt32(f.flat[off:]))
	if vt&1 != 0 || !f.within(vt, 4) {
		f.fail(at, off, malformed("vtable outside the file or not aligned"))
		return table{}
	}
	n, size := int(flatbuffers.GetUint16(f.flat[vt:])), int(flatbuffers.GetUint16(f.flat[vt+2:]))
	if n < 4 || n&1 != 0 || !f.within(vt, n) {
		f.fail(at, vt, malformed("vtable of %d bytes", n))
		return table{}
	}
	if size < 4 || !f.within(off, size) {
		f.fail(at, vt+2, malformed("table of %d bytes", size))
		return table{}
	}
	if !f.spend(at, off, n+size+pathSize) {
		return table{}
	}
	return table{
		f: f, at: at, slots: (n - 4) / 2, size: size,
		Table: flatbuffers.Table{Bytes: f.flat, Pos: flatbuffers.UOffsetT(off)},
	}
}

// present reports whether there is a table.
func (t *table) present() bool { return t.f != nil }

// off is where the table begins.
func (t *table) off() int { return int(t.Pos) }

// slot returns where in the table a field is, 0 when it is absent.
func (t *table) slot(i int) int {
	if !t.present() || i >= t.slots {
		return 0
	}
	return int(t.Offset(flatbuffers.VOffsetT(4 + 2*i)))
}

// field returns where in the file a field of n bytes is, or 0 when it is absent.
func (t *table) field(i int, name string, n int) int {
	o := t.slot(i)
	if o == 0 {
		return 0
	}
	off := t.off() + o
	if o < 4 || o+n > t.size || off&(n-1) != 0 {
		t.fail(i, name, malformed("field at byte %d of a table of %d, or not aligned", o, t.size))
		return 0
	}
	return off
}

// fail notes an error about a field.
func (t *table) fail(i int, name string, err error) {
	if !t.present() {
		return
	}
	off := t.off()
	if o := t.slot(i); o < t.size {
		off += o
	}
	t.f.fail(&path{t.at, name, -1}, off, err)
}

// known refuses fields past the first n when they say anything but zero.
func (t *table) known(n int) {
	unknown := t.starts(n)
	if len(unknown) == 0 {
		return
	}
	all := t.starts(0)
	for _, o := range unknown {
		// A field ends where the next one starts.
		j, found := slices.BinarySearch(all, o)
		if !found {
			return // the budget ended
		}
		end := t.size
		if j+1 < len(all) {
			end = min(end, int(all[j+1]))
		}
		if int(o) >= end {
			t.f.fail(t.at, t.off(), malformed("field at byte %d of a table of %d", o, t.size))
			return
		}
		for _, b := range t.Bytes[t.off()+int(o) : t.off()+end] {
			if b != 0 {
				t.f.fail(t.at, t.off()+int(o), unsupported("a field that the schema known here lacks"))
				return
			}
		}
	}
}

// starts returns where the fields from the n-th on are in the table, in ascending order, each once.
func (t *table) starts(n int) []uint16 {
	set := 0
	for i := n; i < t.slots; i++ {
		if t.slot(i) != 0 {
			set++
		}
	}
	if set == 0 || !t.f.spend(t.at, t.off(), 2*set) {
		return nil
	}
	s := make([]uint16, 0, set)
	for i := n; i < t.slots; i++ {
		if o := t.slot(i); o != 0 {
			s = append(s, uint16(o))
		}
	}
	slices.Sort(s)
	return slices.Compact(s)
}

func (t *table) bool(i int, name string, def bool) bool {
	if o := t.field(i, name, 1); o != 0 {
		return t.Bytes[o] != 0
	}
	return def
}

func (t *table) uint8(i int, name string) uint8 {
	if o := t.field(i, name, 1); o != 0 {
		return t.Bytes[o]
	}
	return 0
}

func (t *table) int8(i int, name string) int8 { return int8(t.uint8(i, name)) }

func (t *table) uint32(i int, name string) uint32 { return uint32(t.int32(i, name, 0)) }

func (t *table) int32(i int, name string, def int32) int32 {
	if o := t.field(i, name, 4); o != 0 {
		return flatbuffers.GetInt32(t.Bytes[o:])
	}
	return def
}

func (t *table) float32(i int, name string, def float32) float32 {
	if o := t.field(i, name, 4); o != 0 {
		return flatbuffers.GetFloat32(t.Bytes[o:])
	}
	return def
}

func (t *table) uint64(i int, name string) uint64 { return uint64(t.int64(i, name, 0)) }

func (t *table) int64(i int, name string, def int64) int64 {
	if o := t.field(i, name, 8); o != 0 {
		return flatbuffers.GetInt64(t.Bytes[o:])
	}
	return def
}

// target returns where an offset field points, or 0 when it is absent.
func (t *table) target(i int, name string) int {
	o := t.field(i, name, 4)
	if o == 0 {
		return 0
	}
	to := o + int(flatbuffers.GetUint32(t.Bytes[o:]))
	if to <= o || to >= len(t.Bytes) {
		t.fail(i, name, malformed("offset leads out of the file"))
		return 0
	}
	return to
}

// table returns the table that a field points to.
func (t *table) table(i int, name string) table {
	o := t.target(i, name)
	if o == 0 {
		return table{}
	}
	return t.f.open(&path{t.at, name, -1}, o)
}

// vector returns the vector of elements of n bytes that a field points to.
func (t *table) vector(i int, name string, n int) vector {
	o := t.target(i, name)
	if o == 0 {
		return vector{}
	}
	at := &path{t.at, name, -1}
	if o&3 != 0 || !t.f.within(o, 4) {
		t.f.fail(at, o, malformed("vector outside the file or not aligned"))
		return vector{}
	}
	length := int64(flatbuffers.GetUint32(t.Bytes[o:]))
	if length*int64(n) > int64(len(t.Bytes)-o-4) {
		t.f.fail(at, o, malformed("vector of %d elements ends outside the file", length))
		return vector{}
	}
	if !t.f.spend(at, o, pathSize) {
		return vector{}
	}
	return vector{t.f, at, o + 4, int(length), n}
}

// string returns a string, "" when it is absent.
func (t *table) string(i int, name string) string {
	v := t.vector(i, name, 1)
	if v.f == nil {
		return ""
	}
	if !t.f.within(v.off+v.n, 1) || t.Bytes[v.off+v.n] != 0 {
		t.f.fail(v.at, v.off, malformed("string without a zero at its end"))
		return ""
	}
	if !t.f.spend(v.at, v.off, v.n) {
		return ""
	}
	return string(v.bytes())
}

// vector is a vector that lies in the file. The zero vector is absent.
type vector struct {
	f    *file
	at   *path
	off  int // of the first element
	n    int
	size int // bytes of an element
}

func (v *vector) bytes() []byte {
	if v.n == 0 {
		return nil
	}
	return v.f.flat[v.off : v.off+v.n : v.off+v.n]
}

// fail notes an error about element i.
func (v *vector) fail(i int, err error) {
	v.f.fail(&path{v.at, "", i}, v.off+i*v.size, err)
}

// spend takes the budget for n bytes an element.
func (v *vector) spend(n int) bool {
	return v.n > 0 && v.n <= math.MaxInt/n && v.f.spend(v.at, v.off, v.n*n)
}

func (v *vector) int32(i int) int32 { return flatbuffers.GetInt32(v.f.flat[v.off+4*i:]) }

func (v *vector) int64(i int) int64 { return flatbuffers.GetInt64(v.f.flat[v.off+8*i:]) }

func (v *vector) float32(i int) float32 { return flatbuffers.GetFloat32(v.f.flat[v.off+4*i:]) }

// table returns the table that element i points to.
func (v *vector) table(i int) table {
	o := v.off + 4*i
	to := o + int(flatbuffers.GetUint32(v.f.flat[o:]))
	if to <= o || to >= len(v.f.flat) {
		v.fail(i, malformed("offset leads out of the file"))
		return table{}
	}
	return v.f.open(&path{v.at, "", i}, to)
}

// ints returns a vector of 32-bit integers, nil when it is empty.
func (v *vector) ints() []int {
	if !v.spend(8) {
		return nil
	}
	s := make([]int, v.n)
	for i := range s {
		s[i] = int(v.int32(i))
	}
	return s
}

// int32s returns a vector of 32-bit integers, nil when it is empty.
func (v *vector) int32s() []int32 {
	if !v.spend(4) {
		return nil
	}
	s := make([]int32, v.n)
	for i := range s {
		s[i] = v.int32(i)
	}
	return s
}

// float32s returns a vector of floats, nil when it is empty.
func (v *vector) float32s() []float32 {
	if !v.spend(4) {
		return nil
	}
	s := make([]float32, v.n)
	for i := range s {
		s[i] = v.float32(i)
	}
	return s
}

// int64s returns a vector of 64-bit integers, nil when it is empty.
func (v *vector) int64s() []int64 {
	if !v.spend(8) {
		return nil
	}
	s := make([]int64, v.n)
	for i := range s {
		s[i] = v.int64(i)
	}
	return s
}
