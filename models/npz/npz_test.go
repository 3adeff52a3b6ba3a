package npz

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"kinglet/models/graph"
)

// TestReadNumpy reads what numpy wrote (scripts/goldens/arrays.py), in each of its types, orders
// and versions. The names tell what the arrays are; their elements count modulo 7.
func TestReadNumpy(t *testing.T) {
	for _, name := range []string{"stored.npz", "deflated.npz"} {
		f, err := Open(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Members) != 24 {
			t.Errorf("%s: %d members, want 24", name, len(f.Members))
		}
		for i := range f.Members {
			m := &f.Members[i]
			part := strings.Split(m.Name, "-")
			if m.Type.String() != part[0] {
				t.Errorf("%s: %s: type %v", name, m.Name, m.Type)
			}
			want := []int{}
			for d := range strings.SplitSeq(part[2], "x") {
				if n, err := strconv.Atoi(d); err == nil {
					want = append(want, n)
				}
			}
			if !reflect.DeepEqual(m.Shape, want) {
				t.Errorf("%s: %s: shape %v", name, m.Name, m.Shape)
			}
			for j := range m.Len() {
				if got := element(&m.Array, j); got != counted(m.Type, j) {
					t.Errorf("%s: %s: element %d is %v, want %v", name, m.Name, j, got, counted(m.Type, j))
					break
				}
			}
		}
	}
}

func counted(kind graph.Type, i int) float64 {
	if kind == graph.Bool {
		return float64(i % 7 % 2)
	}
	return float64(i % 7)
}

// element returns an element as a number; imaginary parts must be zero.
func element(a *Array, i int) float64 {
	n := a.Type.Bits() / 8
	b := a.Data[i*n : (i+1)*n]
	switch a.Type {
	case graph.Float16: // of whole numbers from 0 to 6
		u := binary.LittleEndian.Uint16(b)
		if u == 0 {
			return 0
		}
		return math.Ldexp(float64(u&0x3ff|0x400), int(u>>10)-25)
	case graph.Float32:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case graph.Float64:
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	case graph.Complex64:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) + 100*float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4:])))
	}
	v := 0.0
	for j, x := range b {
		v += math.Ldexp(float64(x), 8*j)
	}
	return v
}

// TestWriteRead writes arrays and reads them back.
func TestWriteRead(t *testing.T) {
	in := []Member{
		{"scalar", Array{graph.Float32, []int{}, []byte{0, 0, 128, 63}}},
		{"empty", Array{graph.Int8, []int{3, 0}, []byte{}}},
		{"vector", Array{graph.UInt16, []int{2}, []byte{1, 2, 3, 4}}},
		{"matrix", Array{graph.Bool, []int{2, 2}, []byte{1, 0, 0, 1}}},
		{"long name / with ünicode", Array{graph.Int64, []int{1, 1, 1, 1, 1, 1}, []byte{1, 2, 3, 4, 5, 6, 7, 8}}},
	}
	var first, second bytes.Buffer
	for _, w := range []*bytes.Buffer{&first, &second} {
		if err := Write(w, in); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two writes differ")
	}
	f, err := Read(bytes.NewReader(first.Bytes()), int64(first.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(f.Members, in) {
		t.Errorf("got %v, want %v", f.Members, in)
	}
	if a, ok := f.Get("vector"); !ok || a.Len() != 2 {
		t.Errorf("Get: %v %v", a, ok)
	}
	if _, ok := f.Get("nothing"); ok {
		t.Error("Get of a name that is not there")
	}
	if got := f.Names(); len(got) != 5 || got[2] != "vector" {
		t.Errorf("Names: %q", got)
	}
}

// TestWriteRefuses keeps arrays that contradict themselves out of files.
func TestWriteRefuses(t *testing.T) {
	for _, m := range [][]Member{
		{{"a", Array{graph.Float32, []int{2}, []byte{1}}}},
		{{"a", Array{graph.String, []int{0}, nil}}},
		{{"a", Array{graph.Int8, []int{-1}, nil}}},
		{{"a", Array{graph.Int8, []int{0}, nil}}, {"a", Array{graph.Int8, []int{0}, nil}}},
	} {
		if err := Write(&bytes.Buffer{}, m); err == nil {
			t.Errorf("%v: written", m)
		}
	}
}

// npy makes an .npy file of a dictionary and data.
func npy(dict, data string) string {
	n := len(dict) + 1
	return magic + "\x01\x00" + string([]byte{byte(n), byte(n >> 8)}) + dict + "\n" + data
}

// TestReadArrayRefuses tells damaged files from those that only this reader cannot read.
func TestReadArrayRefuses(t *testing.T) {
	tests := []struct {
		name, file string
		want       error
	}{
		{"nothing", "", ErrMalformed},
		{"another file", "PK\x03\x04....", ErrMalformed},
		{"cut in the header", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "")[:20], ErrMalformed},
		{"version 9", magic + "\x09\x00\x00\x00\x00\x00", ErrUnsupported},
		{"header of 4 GB", magic + "\x02\x00\xff\xff\xff\xff", ErrMalformed},
		{"no dictionary", npy("", ""), ErrMalformed},
		{"code", npy("__import__('os').abort()", ""), ErrMalformed},
		{"a missing key", npy("{'descr': '<f4', 'fortran_order': False}", ""), ErrMalformed},
		{"a key twice", npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}", "...."), ErrMalformed},
		{"a strange key", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (), 'x': ()}", "...."), ErrMalformed},
		{"shape a number", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1)}", "...."), ErrMalformed},
		{"shape negative", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "...."), ErrMalformed},
		{"shape past 64 bits", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "...."), ErrMalformed},
		{"shape that overflows", npy("{'descr': '|i1', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4294967296)}", ""), ErrTooLarge},
		{"33 dimensions", npy("{'descr': '|i1', 'fortran_order': False, 'shape': ("+strings.Repeat("1,", 33)+")}", "."), ErrMalformed},
		{"text after the dictionary", npy("{'descr': '<f4', 'fortran_order': False, 'shape': ()} + 1", "...."), ErrMalformed},
		{"records", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}", "...."), ErrUnsupported},
		{"objects", npy("{'descr': '|O', 'fortran_order': False, 'shape': ()}", "...."), ErrUnsupported},
		{"strings", npy("{'descr': '<U3', 'fortran_order': False, 'shape': ()}", "...."), ErrUnsupported},
		{"an order that means nothing", npy("{'descr': '|f4', 'fortran_order': False, 'shape': ()}", "...."), ErrUnsupported},
		{"too little data", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "...."), ErrMalformed},
		{"too much data", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "....."), ErrMalformed},
		{"a claim of a gigabyte", npy("{'descr': '|i1', 'fortran_order': False, 'shape': (1000000000,), }", "."), ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadArray(strings.NewReader(test.file), 0)
			if !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
}

// TestReadArrayAccepts reads headers as other writers make them.
func TestReadArrayAccepts(t *testing.T) {
	for _, dict := range []string{
		`{"descr": "<f4", "fortran_order": False, "shape": (1, 1)}`,
		"{'shape': (1L, 1L,), 'fortran_order': True, 'descr': '<f4',}   ",
		"{'descr':'=f4','fortran_order':False,'shape':( 1,1 )}",
	} {
		a, err := ReadArray(strings.NewReader(npy(dict, "\x00\x00\x80\x3f")), 0)
		if err != nil || a.Type != graph.Float32 || !reflect.DeepEqual(a.Shape, []int{1, 1}) {
			t.Errorf("%s: %v %v", dict, a, err)
		}
	}
}
