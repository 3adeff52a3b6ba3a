package eval

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"kinglet/models/graph"
	"kinglet/models/npz"
)

func floats(v ...float32) npz.Array {
	b := make([]byte, 4*len(v))
	for i, x := range v {
		PutFloat32(b[4*i:], x)
	}
	return npz.Array{Type: graph.Float32, Shape: []int{len(v)}, Data: b}
}

func TestReadCasesSortsByNumber(t *testing.T) {
	f := &npz.File{Members: []npz.Member{
		{Name: "case1_in0", Array: floats(1)},
		{Name: "case0_out0", Array: floats(2)},
		{Name: "other", Array: floats(9)},
		{Name: "case0_in1", Array: floats(3)},
		{Name: "case0_in0", Array: floats(4)},
	}}
	list, err := ReadCases(f)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || len(list[0].In) != 2 || len(list[0].Out) != 1 || len(list[1].In) != 1 {
		t.Fatalf("got %+v", list)
	}
	if got := First(list[0].In[1], 1); got[0] != 3 {
		t.Errorf("case0_in1 is %v, want 3", got)
	}
	if n := len(Members(list)); n != 4 {
		t.Errorf("%d members come back, want 4", n)
	}
}

func TestReadCasesRefusesGapsAndHugeNumbers(t *testing.T) {
	for name, want := range map[string]string{
		"case0_in1":           "case0_in0 is missing",
		"case0_out2":          "case0_out0 is missing",
		"case3_in0":           "case0 is missing",
		"case99999999_in0":    "",
		"case0_in99999":       "",
		"case-1_in0":          "",
		"case0_in0.5":         "",
		"case00_in0":          "",
		"case0_in18446744073": "",
	} {
		list, err := ReadCases(&npz.File{Members: []npz.Member{{Name: name, Array: floats(1)}}})
		if want == "" {
			if err != nil || len(list) != 0 {
				t.Errorf("%s: %d cases, error %v; want it passed over", name, len(list), err)
			}
		} else if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", name, err, want)
		}
	}
}

func TestDiff(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	negativeZero := float32(math.Copysign(0, -1))
	otherNaN := math.Float32frombits(0xffc00001)
	for _, c := range []struct {
		name      string
		got, want npz.Array
		exact     bool
		most      float64
		scale     float64
	}{
		{"equal", floats(1, -2), floats(1, -2), true, 0, 2},
		{"apart", floats(1, -2), floats(1, -2.5), false, 0.5, 2.5},
		{"any NaN equals any", floats(nan), floats(otherNaN), true, 0, 0},
		{"a NaN alone is infinitely far", floats(nan), floats(1), false, math.Inf(1), 1},
		{"an infinity alone too", floats(1), floats(inf), false, math.Inf(1), 0},
		{"infinities agree", floats(inf), floats(inf), true, 0, 0},
		{"zeros of two signs are not the same bits", floats(0), floats(negativeZero), false, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Diff(c.got, c.want)
			if err != nil || d.Exact != c.exact || d.Max != c.most || d.Scale != c.scale {
				t.Errorf("got %+v, %v; want exact %t, max %g, scale %g", d, err, c.exact, c.most, c.scale)
			}
		})
	}
}

func TestDiffReadsEveryType(t *testing.T) {
	for _, typ := range []graph.Type{graph.Int8, graph.UInt8, graph.Bool, graph.Int16, graph.UInt16, graph.Int32, graph.UInt32, graph.Int64, graph.Float32, graph.Float64, graph.Complex64} {
		size := typ.Bits() / 8
		a := npz.Array{Type: typ, Shape: []int{1}, Data: make([]byte, size)}
		b := npz.Array{Type: typ, Shape: []int{1}, Data: make([]byte, size)}
		b.Data[0] = 1
		if d, err := Diff(a, b); err != nil || d.Exact || d.Max == 0 {
			t.Errorf("%v: got %+v, %v; want a difference", typ, d, err)
		}
	}
	a := npz.Array{Type: graph.Int32, Shape: []int{1}, Data: binary.LittleEndian.AppendUint32(nil, 7)}
	if _, err := Diff(a, floats(7)); err == nil {
		t.Error("arrays of different types compare")
	}
}
