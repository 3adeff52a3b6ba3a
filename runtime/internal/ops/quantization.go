package ops

import (
	"fmt"
	"math"
	"unsafe"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// typeRange returns the least and the greatest value of an integer type.
func typeRange(t graph.Type) (lo, hi int32, ok bool) {
	switch t {
	case graph.Int8:
		return math.MinInt8, math.MaxInt8, true
	case graph.UInt8:
		return 0, math.MaxUint8, true
	case graph.Int16:
		return math.MinInt16, math.MaxInt16, true
	case graph.Int4:
		return -8, 7, true
	}
	return 0, 0, false
}

// checkScales checks every scale of t to be finite and positive and every zero point to
// lie within the type, and their number to be 1 or channels.
func checkScales(t *Tensor, name string, channels int) error {
	q := &t.Quant
	if len(q.Scale) == 0 {
		return fmt.Errorf("%s: not quantized", name)
	}
	if len(q.Scale) != 1 && len(q.Scale) != channels {
		return fmt.Errorf("%s: %d scales, want 1 or %d", name, len(q.Scale), channels)
	}
	if len(q.ZeroPoint) != len(q.Scale) {
		return fmt.Errorf("%s: %d zero points, %d scales", name, len(q.ZeroPoint), len(q.Scale))
	}
	lo, hi, ok := typeRange(t.Type)
	if !ok {
		return fmt.Errorf("%s: quantized %v: %w", name, t.Type, ErrUnsupported)
	}
	for i, s := range q.Scale {
		if !(s > 0) || s > math.MaxFloat32 {
			return fmt.Errorf("%s: scale %v, want a positive number", name, s)
		}
		if z := q.ZeroPoint[i]; z < int64(lo) || z > int64(hi) {
			return fmt.Errorf("%s: zero point %d outside %v", name, z, t.Type)
		}
	}
	return nil
}

// perTensor returns the one scale and zero point of t.
func perTensor(t *Tensor, name string) (scale float32, zero int32, err error) {
	if err := checkScales(t, name, 1); err != nil {
		return 0, 0, err
	}
	return t.Quant.Scale[0], int32(t.Quant.ZeroPoint[0]), nil
}

// perChannel returns one scale for each of the channels along dimension dim of weights t,
// and the zero point that they share; more than one scale must have zero point 0.
func perChannel(t *Tensor, name string, dim, channels int) (scales []float32, zero int32, err error) {
	if err := checkScales(t, name, channels); err != nil {
		return nil, 0, err
	}
	q := &t.Quant
	scales = make([]float32, channels)
	if len(q.Scale) == 1 {
		for i := range scales {
			scales[i] = q.Scale[0]
		}
		return scales, int32(q.ZeroPoint[0]), nil
	}
	if q.Dim != dim {
		return nil, 0, fmt.Errorf("%s: quantized along dimension %d, want %d", name, q.Dim, dim)
	}
	for _, z := range q.ZeroPoint {
		if z != 0 {
			return nil, 0, fmt.Errorf("%s: zero point %d of weights with %d scales, want 0", name, z, channels)
		}
	}
	copy(scales, q.Scale)
	return scales, 0, nil
}

// quantRange returns what a fused activation leaves of the range of a quantized output.
func quantRange(act graph.Activation, t *Tensor, scale float32, zero int32) (lo, hi int32, err error) {
	lo, hi, ok := typeRange(t.Type)
	if !ok {
		return 0, 0, fmt.Errorf("output: %v: %w", t.Type, ErrUnsupported)
	}
	quant := func(v float32) int32 {
		q := math.Round(float64(v / scale))
		return int32(min(max(q, -1<<30), 1<<30)) + zero
	}
	switch act {
	case graph.ActNone:
	case graph.ActReLU:
		lo = max(lo, zero)
	case graph.ActReLU6:
		lo, hi = max(lo, zero), min(hi, quant(6))
	case graph.ActReLUN1To1:
		lo, hi = max(lo, quant(-1)), min(hi, quant(1))
	default:
		return 0, 0, fmt.Errorf("activation %v: %w", act, ErrUnsupported)
	}
	return lo, hi, nil
}

// floatRange returns the range that a fused activation clamps floats to.
func floatRange(act graph.Activation) (lo, hi float32, err error) {
	lo, hi = float32(math.Inf(-1)), float32(math.Inf(1))
	switch act {
	case graph.ActNone:
	case graph.ActReLU:
		lo = 0
	case graph.ActReLU6:
		lo, hi = 0, 6
	case graph.ActReLUN1To1:
		lo, hi = -1, 1
	default:
		return 0, 0, fmt.Errorf("activation %v: %w", act, ErrUnsupported)
	}
	return lo, hi, nil
}

// convRequant derives how a convolution's accumulators become outputs. Products of scales
// are taken in float64; for uint8 activations the first in float32, as LiteRT does.
func convRequant(act graph.Activation, in, out *Tensor, scales []float32) (*kernels.Requant, int32, error) {
	si, zi, err := perTensor(in, "input")
	if err != nil {
		return nil, 0, err
	}
	so, zo, err := perTensor(out, "output")
	if err != nil {
		return nil, 0, err
	}
	if in.Type == graph.Int16 && (zi != 0 || zo != 0) {
		return nil, 0, fmt.Errorf("zero points %d and %d of int16, want 0", zi, zo)
	}
	r := &kernels.Requant{Mul: make([]kernels.Multiplier, len(scales)), ZeroPoint: zo}
	if r.Min, r.Max, err = quantRange(act, out, so, zo); err != nil {
		return nil, 0, err
	}
	for i, s := range scales {
		real := float64(si) * float64(s)
		if in.Type == graph.UInt8 {
			real = float64(si * s)
		}
		r.Mul[i] = kernels.NewMultiplier(real / float64(so))
		if in.Type == graph.Int16 && r.Mul[i].Shift > 7 {
			return nil, 0, fmt.Errorf("output: scale %v is too small for products of scale %v", so, real)
		}
	}
	if out.Type == graph.UInt8 {
		r.ZeroPoint, r.Min, r.Max = zo-128, r.Min-128, r.Max-128
	}
	if in.Type == graph.UInt8 {
		zi -= 128
	}
	return r, zi, nil
}

// weightsS8 returns constant int8, uint8 or int4 weights as int8 values, uint8 less by 128,
// and the zero point to go with them. It returns nil for int8 and uint8 weights that are
// not constant.
func weightsS8(t *Tensor, zero int32) ([]int8, int32, error) {
	switch {
	case t.Type == graph.Int8:
		return Const[int8](t), zero, nil
	case t.Type == graph.UInt8 && t.Data == nil:
		return nil, zero - 128, nil
	case t.Type == graph.UInt8:
		w := make([]byte, len(t.Data))
		kernels.Flip(w, t.Data)
		return Cast[int8](w), zero - 128, nil
	case t.Type == graph.Int4 && t.Data == nil:
		return nil, 0, fmt.Errorf("weights of %v that are not constant: %w", t.Type, ErrUnsupported)
	case t.Type == graph.Int4:
		w := make([]int8, t.Elements())
		for i := range w {
			w[i] = int8(t.Data[i/2]<<(4*uint(1-i%2))) >> 4
		}
		return w, zero, nil
	}
	return nil, 0, fmt.Errorf("weights of %v: %w", t.Type, ErrUnsupported)
}

// checkBias checks an optional bias of n elements to have one of the types.
func checkBias(t *Tensor, n int, types ...graph.Type) error {
	if t == nil {
		return nil
	}
	if t.Elements() != n {
		return fmt.Errorf("bias: got shape %v, want %d elements", t.Shape, n)
	}
	for _, z := range t.Quant.ZeroPoint {
		if z != 0 {
			return fmt.Errorf("bias: zero point %d, want 0", z)
		}
	}
	for _, want := range types {
		if t.Type == want {
			return nil
		}
	}
	return fmt.Errorf("bias: got %v, want %v", t.Type, types[0])
}

// errWeightZero says that weights of a type that LiteRT keeps symmetric are not.
func errWeightZero(t *Tensor, zero int32) error {
	return fmt.Errorf("filter: zero point %d of %v, want 0", zero, t.Type)
}

// bytes reinterprets int8 values as bytes.
func bytes(s []int8) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s))
}
