package graph

import (
	"encoding/binary"
	"fmt"
)

// Ints returns the values of a constant tensor of an integer type, such as a shape, axes
// or paddings. It returns ErrDynamic when the tensor is not constant.
func Ints(t *Tensor) ([]int, error) {
	width := t.Type.Bits() / 8
	switch t.Type {
	case Int8, Int16, Int32, Int64:
	default:
		return nil, fmt.Errorf("type %v, want an integer", t.Type)
	}
	n, err := Elements(t.Shape)
	if err != nil {
		return nil, err
	}
	if t.Data == nil && n > 0 {
		return nil, ErrDynamic
	}
	if len(t.Data) != n*width {
		return nil, fmt.Errorf("%d bytes of data, want %d", len(t.Data), n*width)
	}
	v := make([]int, n)
	for i := range v {
		var x int64
		switch b := t.Data[i*width:]; t.Type {
		case Int8:
			x = int64(int8(b[0]))
		case Int16:
			x = int64(int16(binary.LittleEndian.Uint16(b)))
		case Int32:
			x = int64(int32(binary.LittleEndian.Uint32(b)))
		default:
			x = int64(binary.LittleEndian.Uint64(b))
		}
		if x != int64(int32(x)) {
			return nil, fmt.Errorf("value %d: more than 32 bits", x)
		}
		v[i] = int(x)
	}
	return v, nil
}

// Axis returns an axis of a tensor of the given rank; negative ones count from the end.
func Axis(axis, rank int) (int, error) {
	a := axis
	if a < 0 {
		a += rank
	}
	if a < 0 || a >= rank {
		return 0, fmt.Errorf("axis %d: out of range for rank %d", axis, rank)
	}
	return a, nil
}

// intsInput returns the values of constant input i.
func intsInput(in []*Tensor, i int) ([]int, error) {
	v, err := Ints(in[i])
	if err != nil {
		return nil, fmt.Errorf("input %d: %w", i, err)
	}
	return v, nil
}

// optionsOf returns op's options, or zero ones where the file left them out.
func optionsOf[T any](op *Operator) (*T, error) {
	if op.Options == nil {
		return new(T), nil
	}
	o, ok := op.Options.(*T)
	if !ok {
		return nil, fmt.Errorf("options are %T, want %T", op.Options, o)
	}
	return o, nil
}
