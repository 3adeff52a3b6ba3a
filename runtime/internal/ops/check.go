package ops

import (
	"fmt"
	"math"
	"slices"

	"kinglet/models/graph"
)

// check is what every bind function begins with: between least and most inputs, the first
// least of them present, outs outputs, all present; ranks within bounds; and the outputs'
// shapes as the operator's shape rule gives them.
func check(n *Node, least, most, outs int) error {
	if len(n.In) < least || len(n.In) > most || len(n.Out) != outs {
		return fmt.Errorf("%d inputs and %d outputs, want %d to %d and %d", len(n.In), len(n.Out), least, most, outs)
	}
	in := make([]*graph.Tensor, len(n.In))
	for i, t := range n.In {
		switch {
		case t != nil && len(t.Shape) > graph.MaxRank:
			return fmt.Errorf("input %d: %d dimensions, more than %d: %w", i, len(t.Shape), graph.MaxRank, ErrUnsupported)
		case t != nil:
			in[i] = &t.Tensor
		case i < least:
			return fmt.Errorf("input %d: absent", i)
		}
	}
	want, err := graph.InferShapes(n.Op, in)
	if err != nil {
		return err
	}
	for i, t := range n.Out {
		switch {
		case t == nil:
			return fmt.Errorf("output %d: absent", i)
		case len(t.Shape) > graph.MaxRank:
			return fmt.Errorf("output %d: %d dimensions, more than %d: %w", i, len(t.Shape), graph.MaxRank, ErrUnsupported)
		case i >= len(want) || !slices.Equal(t.Shape, want[i]):
			return fmt.Errorf("output %d: shape %v does not follow from the inputs", i, t.Shape)
		}
	}
	return nil
}

// sameType checks that all tensors have the type of the first.
func sameType(ts ...*Tensor) error {
	for _, t := range ts[1:] {
		if t.Type != ts[0].Type {
			return fmt.Errorf("types %v and %v, want one", ts[0].Type, t.Type)
		}
	}
	return nil
}

// symmetric checks that zero points of int16 tensors are 0, as LiteRT's kernels ask.
func symmetric(ts ...*Tensor) error {
	for _, t := range ts {
		for _, z := range t.Quant.ZeroPoint {
			if t.Type == graph.Int16 && z != 0 {
				return fmt.Errorf("zero point %d of int16, want 0", z)
			}
		}
	}
	return nil
}

// factor checks a real factor made of scales: finite and not negative.
func factor(real float64) error {
	if !(real >= 0) || real > math.MaxFloat64 {
		return fmt.Errorf("scales make a factor of %v", real)
	}
	return nil
}

// finiteRange is floatRange with the greatest floats where there is no limit: LiteRT's
// elementwise kernels and pools clamp infinities to them.
func finiteRange(act graph.Activation) (lo, hi float32, err error) {
	lo, hi, err = floatRange(act)
	return max(lo, -math.MaxFloat32), min(hi, math.MaxFloat32), err
}

// intRange is what a fused activation leaves of an integer type that is not quantized.
func intRange[T int16 | int32 | int64](act graph.Activation, least, greatest T) (lo, hi T, err error) {
	switch act {
	case graph.ActNone:
		return least, greatest, nil
	case graph.ActReLU:
		return 0, greatest, nil
	case graph.ActReLU6:
		return 0, 6, nil
	case graph.ActReLUN1To1:
		return -1, 1, nil
	}
	return 0, 0, fmt.Errorf("activation %v: %w", act, ErrUnsupported)
}

// suffix names a type in the names of kernels.
func suffix(t graph.Type) string {
	switch t {
	case graph.Float32:
		return "f32"
	case graph.Float16:
		return "f16"
	case graph.Int8:
		return "s8"
	case graph.UInt8:
		return "u8"
	case graph.Int16:
		return "s16"
	case graph.Int32:
		return "s32"
	case graph.Int64:
		return "s64"
	case graph.Bool:
		return "bool"
	}
	return t.String()
}

// kernelName returns a name such as add-s8-generic.
func kernelName(family string, t graph.Type) string { return family + "-" + suffix(t) + "-generic" }

// width returns the bytes of an element, for operators that only move elements: 1, 2, 4
// or 8, or 0 where there is no such kernel.
func width(t graph.Type) int {
	switch b := t.Bits(); b {
	case 8, 16, 32, 64:
		return b / 8
	}
	return 0
}

// sameQuant checks that tensors whose elements are only moved are quantized alike.
func sameQuant(a, b *Tensor) error {
	if _, _, ok := typeRange(a.Type); !ok || len(a.Quant.Scale) != 1 || len(b.Quant.Scale) != 1 {
		return nil
	}
	if a.Quant.Scale[0] != b.Quant.Scale[0] || !slices.Equal(a.Quant.ZeroPoint, b.Quant.ZeroPoint) {
		return fmt.Errorf("scales %v and %v, zero points %v and %v, want them equal", a.Quant.Scale[0], b.Quant.Scale[0], a.Quant.ZeroPoint, b.Quant.ZeroPoint)
	}
	return nil
}
