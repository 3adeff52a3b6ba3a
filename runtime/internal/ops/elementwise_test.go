package ops

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"
	"unsafe"

	"kinglet/models/graph"
)

// tensor returns a tensor of some type, quantized when scale is not 0.
func tensor(typ graph.Type, scale float32, zero int64, shape ...int) *Tensor {
	t := &Tensor{Tensor: graph.Tensor{Type: typ, Shape: shape}}
	if scale != 0 {
		t.Quant = graph.Quantization{Scale: []float32{scale}, ZeroPoint: []int64{zero}}
	}
	return t
}

// constInt32 returns a constant of int32.
func constInt32(shape []int, v ...int32) *Tensor {
	t := &Tensor{Tensor: graph.Tensor{Type: graph.Int32, Shape: shape, Data: []byte{}}}
	for _, x := range v {
		t.Data = binary.LittleEndian.AppendUint32(t.Data, uint32(x))
	}
	return t
}

func TestBindRefuses(t *testing.T) {
	const s8, u8, s16, s32, s64, f32 = graph.Int8, graph.UInt8, graph.Int16, graph.Int32, graph.Int64, graph.Float32
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	pool := func(act graph.Activation) *graph.Pool2DOptions {
		return &graph.Pool2DOptions{Padding: graph.Valid, StrideW: 1, StrideH: 1, FilterWidth: 1, FilterHeight: 1, Activation: act}
	}
	in := func(ts ...*Tensor) []*Tensor { return ts }
	tests := []struct {
		name string
		op   graph.Operator
		in   []*Tensor
		out  *Tensor
		err  string
	}{
		{"add of two types", graph.Operator{Code: graph.Add}, in(tensor(s32, 0, 0, 2), tensor(s64, 0, 0, 2)), tensor(s32, 0, 0, 2), "types int32 and int64"},
		{"add of bools", graph.Operator{Code: graph.Add}, in(tensor(graph.Bool, 0, 0, 2), tensor(graph.Bool, 0, 0, 2)), tensor(graph.Bool, 0, 0, 2), "unsupported"},
		{"add to another shape", graph.Operator{Code: graph.Add}, in(tensor(f32, 0, 0, 2), tensor(f32, 0, 0, 2)), tensor(f32, 0, 0, 3), "does not follow"},
		{"add of nine dimensions", graph.Operator{Code: graph.Add}, in(tensor(f32, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2), tensor(f32, 0, 0, 2)), tensor(f32, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2), "unsupported"},
		{"add without scales", graph.Operator{Code: graph.Add}, in(tensor(s8, 0, 0, 2), tensor(s8, 1, 0, 2)), tensor(s8, 1, 0, 2), "input 0: not quantized"},
		{"add with a scale of NaN", graph.Operator{Code: graph.Add}, in(tensor(s8, 1, 0, 2), tensor(s8, nan, 0, 2)), tensor(s8, 1, 0, 2), "input 1: scale NaN"},
		{"add with an endless scale", graph.Operator{Code: graph.Add}, in(tensor(s8, 1, 0, 2), tensor(s8, 1, 0, 2)), tensor(s8, inf, 0, 2), "output: scale +Inf"},
		{"add with a zero point beyond int8", graph.Operator{Code: graph.Add}, in(tensor(s8, 1, 128, 2), tensor(s8, 1, 0, 2)), tensor(s8, 1, 0, 2), "zero point 128"},
		{"add of int16 with a zero point", graph.Operator{Code: graph.Add}, in(tensor(s16, 1, 1, 2), tensor(s16, 1, 0, 2)), tensor(s16, 1, 0, 2), "want 0"},
		{"add with tanh", graph.Operator{Code: graph.Add, Options: &graph.AddOptions{Activation: graph.ActTanh}}, in(tensor(f32, 0, 0, 2), tensor(f32, 0, 0, 2)), tensor(f32, 0, 0, 2), "unsupported"},
		{"add of powers of two that both shift", graph.Operator{Code: graph.Add, Options: &graph.AddOptions{PotScaleInt16: true}}, in(tensor(s16, 0.25, 0, 2), tensor(s16, 0.25, 0, 2)), tensor(s16, 0.5, 0, 2), "unsupported"},
		{"add with other options", graph.Operator{Code: graph.Add, Options: &graph.MulOptions{}}, in(tensor(f32, 0, 0, 2), tensor(f32, 0, 0, 2)), tensor(f32, 0, 0, 2), "options are"},
		{"mul of scales beyond float", graph.Operator{Code: graph.Mul}, in(tensor(s8, 3e38, 0, 2), tensor(s8, 3e38, 0, 2)), tensor(s8, 1, 0, 2), "factor of +Inf"},
		{"pool of a mode that is not built", graph.Operator{Code: graph.MaxPool2D, Options: pool(graph.ActSignBit)}, in(tensor(f32, 0, 0, 1, 2, 2, 1)), tensor(f32, 0, 0, 1, 2, 2, 1), "unsupported"},
		{"pool that leaves nothing", graph.Operator{Code: graph.MaxPool2D, Options: pool(graph.ActReLU6)}, in(tensor(u8, 1e-9, 255, 1, 2, 2, 1)), tensor(u8, 1e9, 255, 1, 2, 2, 1), ""},
		{"mean to another type", graph.Operator{Code: graph.Mean}, in(tensor(f32, 0, 0, 2), constInt32([]int{1}, 0)), tensor(s32, 0, 0), "types"},
		{"greatest at another scale", graph.Operator{Code: graph.ReduceMax}, in(tensor(s8, 1, 0, 2), constInt32([]int{1}, 0)), tensor(s8, 2, 0), "want them equal"},
		{"softmax of a scalar", graph.Operator{Code: graph.Softmax}, in(tensor(f32, 0, 0)), tensor(f32, 0, 0), "scalar"},
		{"softmax at another scale", graph.Operator{Code: graph.Softmax, Options: &graph.SoftmaxOptions{Beta: 1}}, in(tensor(s8, 1, 0, 2)), tensor(s8, 1.0/128, -128, 2), "want 0.00390625"},
		{"softmax of no beta", graph.Operator{Code: graph.Softmax, Options: &graph.SoftmaxOptions{}}, in(tensor(s8, 1, 0, 2)), tensor(s8, 1.0/256, -128, 2), "too small"},
		{"logistic at another scale", graph.Operator{Code: graph.Logistic}, in(tensor(s8, 1, 0, 2)), tensor(s8, 1.0/128, -128, 2), "want 0.00390625"},
		{"tanh at another scale", graph.Operator{Code: graph.Tanh}, in(tensor(s16, 1, 0, 2)), tensor(s16, 1.0/256, 0, 2), "want 1/32768"},
		{"hard swish to a finer scale", graph.Operator{Code: graph.HardSwish}, in(tensor(s8, 1, 0, 2)), tensor(s8, 1.0/256, 0, 2), "too small"},
		{"hard swish of int16", graph.Operator{Code: graph.HardSwish}, in(tensor(s16, 1, 0, 2)), tensor(s16, 1, 0, 2), "unsupported"},
		{"quantize to int64", graph.Operator{Code: graph.Quantize}, in(tensor(f32, 0, 0, 2)), tensor(s64, 1, 0, 2), "unsupported"},
		{"quantize to a type without scale", graph.Operator{Code: graph.Quantize}, in(tensor(f32, 0, 0, 2)), tensor(s8, 0, 0, 2), "not quantized"},
		{"dequantize to int8", graph.Operator{Code: graph.Dequantize}, in(tensor(s8, 1, 0, 2)), tensor(s8, 1, 0, 2), "unsupported"},
		{"concatenate int8 of other scales", graph.Operator{Code: graph.Concatenation}, in(tensor(s8, 1, 0, 2), tensor(s8, 2, 0, 2)), tensor(s8, 1, 0, 4), "input 1: scales 2 and 1"},
		{"concatenate and relu", graph.Operator{Code: graph.Concatenation, Options: &graph.ConcatenationOptions{Activation: graph.ActReLU}}, in(tensor(f32, 0, 0, 2)), tensor(f32, 0, 0, 2), "unsupported"},
		{"pad with a value of another type", graph.Operator{Code: graph.Padv2}, in(tensor(f32, 0, 0, 2), constInt32([]int{1, 2}, 0, 1), tensor(s32, 0, 0)), tensor(f32, 0, 0, 3), "want one element of float32"},
		{"pad with two values", graph.Operator{Code: graph.Padv2}, in(tensor(s32, 0, 0, 2), constInt32([]int{1, 2}, 0, 1), tensor(s32, 0, 0, 2)), tensor(s32, 0, 0, 3), "want one element"},
		{"transpose of strings", graph.Operator{Code: graph.Transpose}, in(tensor(graph.String, 0, 0, 2, 2), constInt32([]int{2}, 1, 0)), tensor(graph.String, 0, 0, 2, 2), "unsupported"},
		{"axes that a run decides", graph.Operator{Code: graph.Mean}, in(tensor(f32, 0, 0, 2), tensor(s32, 0, 0, 1)), tensor(f32, 0, 0), "run-time"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Bind(&Node{Op: &tt.op, In: tt.in, Out: []*Tensor{tt.out}})
			if tt.err == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Fatalf("got %v, want an error with %q", err, tt.err)
			}
			if tt.err == "unsupported" && !errors.Is(err, ErrUnsupported) {
				t.Errorf("%v does not wrap ErrUnsupported", err)
			}
		})
	}
}

// bytesOf returns the memory of numbers.
func bytesOf[T Number](v ...T) []byte {
	var z T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(z)))
}

func TestRunRefuses(t *testing.T) {
	tests := []struct {
		name string
		op   graph.Operator
		in   []*Tensor
		out  *Tensor
		mem  [][]byte
		err  string
	}{
		{"division by zero", graph.Operator{Code: graph.Div}, []*Tensor{tensor(graph.Int32, 0, 0, 2), tensor(graph.Int32, 0, 0, 2)}, tensor(graph.Int32, 0, 0, 2),
			[][]byte{bytesOf[int32](1, 2), bytesOf[int32](1, 0), make([]byte, 8)}, "division by zero"},
		{"division by the zero point", graph.Operator{Code: graph.Div}, []*Tensor{tensor(graph.Int8, 1, 0, 2), tensor(graph.Int8, 1, 5, 2)}, tensor(graph.Int8, 1, 0, 2),
			[][]byte{bytesOf[int8](1, 2), bytesOf[int8](5, 0), make([]byte, 2)}, "division by zero"},
		{"least integer divided by -1", graph.Operator{Code: graph.Div}, []*Tensor{tensor(graph.Int32, 0, 0, 1), tensor(graph.Int32, 0, 0, 1)}, tensor(graph.Int32, 0, 0, 1),
			[][]byte{bytesOf[int32](math.MinInt32), bytesOf[int32](-1), make([]byte, 4)}, ""},
		{"gather what is not there", graph.Operator{Code: graph.Gather}, []*Tensor{tensor(graph.Float32, 0, 0, 3), tensor(graph.Int32, 0, 0, 2)}, tensor(graph.Float32, 0, 0, 2),
			[][]byte{make([]byte, 12), bytesOf[int32](2, 3), make([]byte, 8)}, "index 3: out of range for 3"},
		{"gather from before the first", graph.Operator{Code: graph.Gather}, []*Tensor{tensor(graph.Float32, 0, 0, 3), tensor(graph.Int64, 0, 0, 2)}, tensor(graph.Float32, 0, 0, 2),
			[][]byte{make([]byte, 12), bytesOf[int64](-1, 2), make([]byte, 8)}, "index -1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i, x := range append(tt.in, tt.out) {
				x.ID = i
			}
			b, err := Bind(&Node{Op: &tt.op, In: tt.in, Out: []*Tensor{tt.out}})
			if err != nil {
				t.Fatal(err)
			}
			err = b.Attach(&Memory{Tensors: tt.mem})()
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("got %v, want an error with %q", err, tt.err)
			}
		})
	}
}
