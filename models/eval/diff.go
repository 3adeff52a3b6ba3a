package eval

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"kinglet/models/graph"
	"kinglet/models/npz"
)

// Equal tells where got and want first differ in type, shape or any bit; NaNs are equal.
func Equal(got, want []npz.Array) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d outputs, want %d", len(got), len(want))
	}
	for i := range got {
		d, err := Diff(got[i], want[i])
		if err != nil {
			return fmt.Errorf("output %d: %w", i, err)
		}
		if !d.Exact {
			return fmt.Errorf("output %d: differs by up to %g", i, d.Max)
		}
	}
	return nil
}

// Difference is how far two arrays are apart.
type Difference struct {
	Exact bool    // all bits are equal; a NaN equals a NaN
	Max   float64 // largest absolute difference; infinite where only one is a NaN or infinite
	Scale float64 // largest absolute value of the second array that is finite
}

// Diff compares two arrays of the same type and shape.
func Diff(got, want npz.Array) (Difference, error) {
	if got.Type != want.Type || !slices.Equal(got.Shape, want.Shape) {
		return Difference{}, fmt.Errorf("%v %v, want %v %v", got.Type, got.Shape, want.Type, want.Shape)
	}
	if len(got.Data) != len(want.Data) {
		return Difference{}, fmt.Errorf("%d bytes, want %d", len(got.Data), len(want.Data))
	}
	d := Difference{Exact: true}
	step, value := reader(got.Type)
	if step == 0 {
		d.Exact = bytes.Equal(got.Data, want.Data)
		if !d.Exact {
			d.Max = math.Inf(1)
		}
		return d, nil
	}
	for i := 0; i+step <= len(got.Data); i += step {
		a, b := value(got.Data[i:]), value(want.Data[i:])
		if !math.IsNaN(b) && !math.IsInf(b, 0) {
			d.Scale = max(d.Scale, math.Abs(b))
		}
		if bytes.Equal(got.Data[i:i+step], want.Data[i:i+step]) || math.IsNaN(a) && math.IsNaN(b) {
			continue
		}
		d.Exact = false
		if gap := math.Abs(a - b); gap > d.Max || math.IsNaN(gap) {
			d.Max = gap
			if math.IsNaN(gap) {
				d.Max = math.Inf(1)
			}
		}
	}
	return d, nil
}

// reader returns the bytes of an element and what reads one as a number; 0 for types
// that are compared as bytes.
func reader(t graph.Type) (int, func([]byte) float64) {
	le := binary.LittleEndian
	switch t {
	case graph.Float32, graph.Complex64:
		return 4, func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) }
	case graph.Float64:
		return 8, func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }
	case graph.Int8:
		return 1, func(b []byte) float64 { return float64(int8(b[0])) }
	case graph.UInt8, graph.Bool:
		return 1, func(b []byte) float64 { return float64(b[0]) }
	case graph.Int16:
		return 2, func(b []byte) float64 { return float64(int16(le.Uint16(b))) }
	case graph.UInt16:
		return 2, func(b []byte) float64 { return float64(le.Uint16(b)) }
	case graph.Int32:
		return 4, func(b []byte) float64 { return float64(int32(le.Uint32(b))) }
	case graph.UInt32:
		return 4, func(b []byte) float64 { return float64(le.Uint32(b)) }
	case graph.Int64:
		return 8, func(b []byte) float64 { return float64(int64(le.Uint64(b))) }
	}
	return 0, nil
}

// PutFloat32 writes v little-endian.
func PutFloat32(b []byte, v float32) { binary.LittleEndian.PutUint32(b, math.Float32bits(v)) }

// First returns the first elements as numbers, up to n of them or to the first that is not
// finite, which JSON cannot hold.
func First(a npz.Array, n int) []float64 {
	out := []float64{}
	step, value := reader(a.Type)
	for i := 0; step > 0 && i+step <= len(a.Data) && len(out) < n; i += step {
		v := value(a.Data[i:])
		if math.IsNaN(v) || math.IsInf(v, 0) {
			break
		}
		out = append(out, v)
	}
	return out
}
