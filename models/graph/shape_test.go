package graph

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// shaped returns a tensor that is not constant.
func shaped(s ...int) *Tensor { return &Tensor{Shape: s} }

// constant returns a vector of int32.
func constant(v ...int32) *Tensor {
	t := &Tensor{Type: Int32, Shape: []int{len(v)}, Data: []byte{}}
	for _, x := range v {
		t.Data = binary.LittleEndian.AppendUint32(t.Data, uint32(x))
	}
	return t
}

// as gives a constant another shape.
func (t *Tensor) as(s ...int) *Tensor { t.Shape = s; return t }

func TestInferShapes(t *testing.T) {
	unknown := &Tensor{Type: Int32, Shape: []int{2}}
	slice := func(begin, end, strides *Tensor, s ...int) []*Tensor {
		return []*Tensor{shaped(s...), begin, end, strides}
	}
	tests := []struct {
		name string
		op   Operator
		in   []*Tensor
		want [][]int
		err  string // part of the error
	}{
		{"add stretches both", Operator{Code: Add}, []*Tensor{shaped(4, 1, 3), shaped(2, 1, 5, 1)}, [][]int{{2, 4, 5, 3}}, ""},
		{"add of scalars", Operator{Code: Add}, []*Tensor{shaped(), shaped()}, [][]int{{}}, ""},
		{"add that does not fit", Operator{Code: Add}, []*Tensor{shaped(4, 2), shaped(3)}, nil, "do not broadcast"},
		{"add without an operand", Operator{Code: Add}, []*Tensor{shaped(4), nil}, nil, "input 1: absent"},
		{"too many elements", Operator{Code: Add}, []*Tensor{shaped(1<<14, 1), shaped(1, 1<<14)}, nil, "elements"},

		{"pool same", Operator{Code: MaxPool2D, Options: &Pool2DOptions{Padding: Same, StrideH: 2, StrideW: 3, FilterHeight: 3, FilterWidth: 2}},
			[]*Tensor{shaped(1, 7, 9, 5)}, [][]int{{1, 4, 3, 5}}, ""},
		{"pool valid", Operator{Code: AveragePool2D, Options: &Pool2DOptions{Padding: Valid, StrideH: 1, StrideW: 1, FilterHeight: 7, FilterWidth: 2}},
			[]*Tensor{shaped(1, 7, 9, 5)}, [][]int{{1, 1, 8, 5}}, ""},
		{"pool without stride", Operator{Code: MaxPool2D}, []*Tensor{shaped(1, 7, 9, 5)}, nil, "at least 1"},
		{"pool of rank 3", Operator{Code: MaxPool2D}, []*Tensor{shaped(7, 9, 5)}, nil, "4 dimensions"},

		{"mean", Operator{Code: Mean}, []*Tensor{shaped(2, 3, 4, 5), constant(-1, 1, 1)}, [][]int{{2, 4}}, ""},
		{"mean keeps", Operator{Code: Mean, Options: &ReducerOptions{KeepDims: true}}, []*Tensor{shaped(2, 3, 4), constant(2, 0)}, [][]int{{1, 3, 1}}, ""},
		{"mean of all", Operator{Code: Sum}, []*Tensor{shaped(2, 3), constant(0, 1)}, [][]int{{}}, ""},
		{"mean over an axis that is not there", Operator{Code: Mean}, []*Tensor{shaped(2, 3), constant(2)}, nil, "out of range"},
		{"mean over axes that a run decides", Operator{Code: Mean}, []*Tensor{shaped(2, 3), unknown}, nil, ErrDynamic.Error()},

		{"pad", Operator{Code: Pad}, []*Tensor{shaped(2, 3), constant(1, 0, 2, 4).as(2, 2)}, [][]int{{3, 9}}, ""},
		{"pad by less than nothing", Operator{Code: Pad}, []*Tensor{shaped(2, 3), constant(1, 0, -1, 4).as(2, 2)}, nil, "out of range"},
		{"pad by too much", Operator{Code: Pad}, []*Tensor{shaped(2, 3), constant(1, 0, math.MaxInt32, 4).as(2, 2)}, nil, "out of range"},
		{"pad of another rank", Operator{Code: Padv2}, []*Tensor{shaped(2, 3), constant(1, 0).as(1, 2), shaped()}, nil, "want [2 2]"},

		{"reshape by input", Operator{Code: Reshape}, []*Tensor{shaped(2, 3, 4), constant(4, -1)}, [][]int{{4, 6}}, ""},
		{"reshape by option", Operator{Code: Reshape, Options: &ReshapeOptions{NewShape: []int32{-1}}}, []*Tensor{shaped(2, 3, 4)}, [][]int{{24}}, ""},
		{"reshape to a scalar", Operator{Code: Reshape}, []*Tensor{shaped(1, 1), constant()}, [][]int{{}}, ""},
		{"reshape to a scalar, as once written", Operator{Code: Reshape, Options: &ReshapeOptions{NewShape: []int32{0}}}, []*Tensor{shaped(1)}, [][]int{{}}, ""},
		{"reshape of nothing", Operator{Code: Reshape}, []*Tensor{shaped(0, 6), constant(-1, 0, 3)}, [][]int{{2, 0, 3}}, ""},
		{"reshape with two open dimensions", Operator{Code: Reshape}, []*Tensor{shaped(6), constant(-1, -1)}, nil, "negative dimension"},
		{"reshape that does not fit", Operator{Code: Reshape}, []*Tensor{shaped(2, 3), constant(4, -1)}, nil, "6 elements to 4"},
		{"reshape that overflows", Operator{Code: Reshape}, []*Tensor{shaped(2, 3), constant(1<<30, 1<<30, 1<<30)}, nil, "elements"},

		{"squeeze all", Operator{Code: Squeeze}, []*Tensor{shaped(1, 3, 1)}, [][]int{{3}}, ""},
		{"squeeze one", Operator{Code: Squeeze, Options: &SqueezeOptions{SqueezeDims: []int32{-1}}}, []*Tensor{shaped(1, 3, 1)}, [][]int{{1, 3}}, ""},
		{"squeeze a dimension of 3", Operator{Code: Squeeze, Options: &SqueezeOptions{SqueezeDims: []int32{1}}}, []*Tensor{shaped(1, 3, 1)}, nil, "is not 1"},
		{"expand at the end", Operator{Code: ExpandDims}, []*Tensor{shaped(2, 3), constant(-1)}, [][]int{{2, 3, 1}}, ""},
		{"expand beyond", Operator{Code: ExpandDims}, []*Tensor{shaped(2, 3), constant(3)}, nil, "out of range"},

		{"concatenate", Operator{Code: Concatenation, Options: &ConcatenationOptions{Axis: -1}}, []*Tensor{shaped(2, 3), shaped(2, 4), shaped(2, 0)}, [][]int{{2, 7}}, ""},
		{"concatenate what differs elsewhere", Operator{Code: Concatenation}, []*Tensor{shaped(2, 3), shaped(2, 4)}, nil, "does not fit"},
		{"concatenate nothing", Operator{Code: Concatenation}, nil, nil, "0 inputs"},
		{"pack", Operator{Code: Pack, Options: &PackOptions{ValuesCount: 2, Axis: 1}}, []*Tensor{shaped(3, 4), shaped(3, 4)}, [][]int{{3, 2, 4}}, ""},
		{"pack miscounted", Operator{Code: Pack, Options: &PackOptions{ValuesCount: 3}}, []*Tensor{shaped(3), shaped(3)}, nil, "want 3"},
		{"unpack", Operator{Code: Unpack, Options: &UnpackOptions{Num: 2, Axis: -1}, Outputs: []int{0, 1}}, []*Tensor{shaped(3, 2)}, [][]int{{3}, {3}}, ""},
		{"split", Operator{Code: Split, Options: &SplitOptions{NumSplits: 2}, Outputs: []int{0, 1}}, []*Tensor{constant(1).as(), shaped(3, 4)}, [][]int{{3, 2}, {3, 2}}, ""},
		{"split unevenly", Operator{Code: Split, Options: &SplitOptions{NumSplits: 3}, Outputs: []int{0, 1, 2}}, []*Tensor{constant(1).as(), shaped(3, 4)}, nil, "splits of 4"},

		{"transpose", Operator{Code: Transpose}, []*Tensor{shaped(2, 3, 4), constant(2, 0, -2)}, [][]int{{4, 2, 3}}, ""},
		{"transpose one axis twice", Operator{Code: Transpose}, []*Tensor{shaped(2, 3), constant(1, -1)}, nil, "stands twice"},
		{"gather", Operator{Code: Gather, Options: &GatherOptions{Axis: 1}}, []*Tensor{shaped(2, 3, 4), shaped(5, 6)}, [][]int{{2, 5, 6, 4}}, ""},
		{"gather in batches", Operator{Code: Gather, Options: &GatherOptions{Axis: -1, BatchDims: 1}}, []*Tensor{shaped(2, 3, 4), shaped(2, 6)}, [][]int{{2, 3, 6}}, ""},

		{"slice", Operator{Code: Slice}, []*Tensor{shaped(4, 5), constant(1, 2), constant(2, -1)}, [][]int{{2, 3}}, ""},
		{"slice beyond", Operator{Code: Slice}, []*Tensor{shaped(4, 5), constant(1, 2), constant(4, -1)}, nil, "has 4"},
		{"strided slice backwards", Operator{Code: StridedSlice}, slice(constant(-1, 4), constant(-5, 0), constant(-1, -2), 4, 5), [][]int{{4, 2}}, ""},
		{"strided slice of fewer dimensions", Operator{Code: StridedSlice}, slice(constant(1), constant(3), constant(1), 4, 5), [][]int{{2, 5}}, ""},
		{"strided slice with all masks", Operator{Code: StridedSlice, Options: &StridedSliceOptions{BeginMask: 1, EndMask: 1, EllipsisMask: 2, NewAxisMask: 4, ShrinkAxisMask: 8}},
			slice(constant(3, 0, 0, -1), constant(0, 0, 0, 0), constant(2, 1, 1, 1), 5, 2, 3, 4), [][]int{{3, 2, 3, 1}}, ""},
		{"strided slice whose ellipsis has nothing left takes a place", Operator{Code: StridedSlice, Options: &StridedSliceOptions{EllipsisMask: 1, ShrinkAxisMask: 2}},
			slice(constant(0, 1), constant(0, 2), constant(1, 1), 5), [][]int{{5}}, ""},
		{"strided slice by offset", Operator{Code: StridedSlice, Options: &StridedSliceOptions{Offset: true}}, slice(constant(1, 2), constant(3, 4), constant(1, 2), 5, 7), [][]int{{3, 2}}, ""},
		{"strided slice in no step", Operator{Code: StridedSlice}, slice(constant(1), constant(3), constant(0), 4), nil, "step 0"},
		{"strided slice of a place that is not there", Operator{Code: StridedSlice, Options: &StridedSliceOptions{ShrinkAxisMask: 1}}, slice(constant(4), constant(5), constant(1), 4), nil, "out of range"},
		{"strided slice of more dimensions", Operator{Code: StridedSlice}, slice(constant(0, 0), constant(1, 1), constant(1, 1), 4), [][]int{{1}}, ""},

		{"softmax", Operator{Code: Softmax}, []*Tensor{shaped(2, 3)}, [][]int{{2, 3}}, ""},
		{"wrong options", Operator{Code: Mean, Options: &AddOptions{}}, []*Tensor{shaped(2, 3), constant(0)}, nil, "want *graph.ReducerOptions"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := InferShapes(&tt.op, tt.in)
			switch {
			case tt.err == "" && err != nil:
				t.Fatal(err)
			case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
				t.Fatalf("got %v, %v, want an error with %q", got, err, tt.err)
			case tt.err == "" && !slices.EqualFunc(got, tt.want, slices.Equal[[]int]):
				t.Fatalf("got %v, want %v", got, tt.want)
			}
			if tt.err == ErrDynamic.Error() && !errors.Is(err, ErrDynamic) {
				t.Errorf("%v does not wrap ErrDynamic", err)
			}
		})
	}
}

func TestInts(t *testing.T) {
	for _, tt := range []struct {
		t    Tensor
		want []int
	}{
		{Tensor{Type: Int8, Shape: []int{2}, Data: []byte{0xff, 3}}, []int{-1, 3}},
		{Tensor{Type: Int16, Shape: []int{1}, Data: []byte{0xfe, 0xff}}, []int{-2}},
		{Tensor{Type: Int64, Shape: []int{}, Data: []byte{0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}, []int{-3}},
		{Tensor{Type: Int64, Shape: []int{}, Data: []byte{0, 0, 0, 0, 1, 0, 0, 0}}, nil}, // more than 32 bits
		{Tensor{Type: Int32, Shape: []int{2}, Data: []byte{1, 0, 0, 0}}, nil},            // too short
		{Tensor{Type: Float32, Shape: []int{1}, Data: []byte{1, 0, 0, 0}}, nil},
		{Tensor{Type: Int32, Shape: []int{0}}, []int{}},
	} {
		got, err := Ints(&tt.t)
		if (err == nil) != (tt.want != nil) || !slices.Equal(got, tt.want) {
			t.Errorf("%v %v: got %v, %v, want %v", tt.t.Type, tt.t.Data, got, err, tt.want)
		}
	}
}
