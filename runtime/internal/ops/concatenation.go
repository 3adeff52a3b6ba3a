package ops

import (
	"fmt"
	"math"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindConcatenation: inputs one after another along an axis. Any type of 1, 2, 4 or 8
// bytes; quantized inputs have the output's scale and zero point, but for uint8, which is
// requantized.
func bindConcatenation(n *Node) (Bound, error) {
	o, err := options[graph.ConcatenationOptions](n)
	if err != nil {
		return Bound{}, err
	}
	if err := check(n, max(len(n.In), 1), len(n.In), 1); err != nil {
		return Bound{}, err
	}
	if o.Activation != graph.ActNone {
		return Bound{}, fmt.Errorf("activation %v: %w", o.Activation, ErrUnsupported)
	}
	out := n.Out[0]
	axis, err := graph.Axis(int(o.Axis), len(out.Shape))
	if err != nil {
		return Bound{}, err
	}
	if err := symmetric(append([]*Tensor{out}, n.In...)...); err != nil {
		return Bound{}, err
	}
	dst := kernels.Strides(out.Shape)
	ls := make([]kernels.Layout, len(n.In))
	at := 0
	for i, t := range n.In {
		ls[i] = kernels.NewLayout(t.Shape, kernels.Strides(t.Shape), dst, 0, at)
		at += t.Shape[axis] * dst[axis]
	}
	return gatherInputs(n, "concatenation", ls)
}

// gatherInputs is the step of an operator that copies every input to its place in the
// output.
func gatherInputs(n *Node, family string, ls []kernels.Layout) (Bound, error) {
	out := n.Out[0]
	kernel := kernelName(family, out.Type)
	rescaled := false
	for i, t := range n.In {
		if err := sameType(t, out); err != nil {
			return Bound{}, fmt.Errorf("input %d: %w", i, err)
		}
		err := sameQuant(t, out)
		if err != nil && out.Type == graph.UInt8 {
			rescaled = true
		} else if err != nil && out.Type == graph.Int8 {
			return Bound{}, fmt.Errorf("input %d: %w", i, err)
		}
	}
	switch {
	case rescaled:
		return concatRescaled(n, kernel, ls)
	case width(out.Type) == 1:
		return joins[uint8](n, kernel, ls), nil
	case width(out.Type) == 2:
		return joins[uint16](n, kernel, ls), nil
	case width(out.Type) == 4:
		return joins[uint32](n, kernel, ls), nil
	case width(out.Type) == 8:
		return joins[uint64](n, kernel, ls), nil
	}
	return Bound{}, unsupported(n)
}

func joins[T Number](n *Node, kernel string, ls []kernels.Layout) Bound {
	return Bound{Kernel: kernel, Attach: func(m *Memory) Step {
		dst := View[T](m, n.Out[0])
		src := make([][]T, len(n.In))
		for i, in := range n.In {
			src[i] = View[T](m, in)
		}
		return func() error {
			for i := range src {
				kernels.Copy(dst, src[i], &ls[i])
			}
			return nil
		}
	}}
}

// concatRescaled is joins for uint8 inputs of other scales than the output's: each is a
// table of 256 values, applied in scratch and then copied.
func concatRescaled(n *Node, kernel string, ls []kernels.Layout) (Bound, error) {
	so, zo, err := perTensor(n.Out[0], "output")
	if err != nil {
		return Bound{}, err
	}
	tables := make([]*kernels.LUT8, len(n.In))
	most := 0
	for i, t := range n.In {
		si, zi, err := perTensor(t, fmt.Sprintf("input %d", i))
		if err != nil {
			return Bound{}, err
		}
		if si != so || zi != zo {
			tables[i] = rescaleTable(si, zi, so, zo)
		}
		most = max(most, t.Elements())
	}
	var s scratch
	place := reserve[uint8](&s, most)
	size, err := s.total()
	return Bound{Kernel: kernel, Scratch: size, Attach: func(m *Memory) Step {
		dst, buf := View[uint8](m, n.Out[0]), take[uint8](m, place)
		src := make([][]uint8, len(n.In))
		for i, in := range n.In {
			src[i] = View[uint8](m, in)
		}
		return func() error {
			for i, x := range src {
				if tables[i] != nil {
					kernels.Lookup8(buf[:len(x)], x, tables[i])
					x = buf[:len(x)]
				}
				kernels.Copy(dst, x, &ls[i])
			}
			return nil
		}
	}}, err
}

// rescaleTable is round(x * scale + bias) + zero in float32, as LiteRT's
// ConcatenationWithScaling computes it.
func rescaleTable(si float32, zi int32, so float32, zo int32) *kernels.LUT8 {
	inverse := 1 / so
	scale := float32(si * inverse)
	bias := float32(float32(-zi) * scale)
	t := new(kernels.LUT8)
	for v := range 256 {
		y := math.Round(float64(float32(float32(v)*scale) + bias))
		t[v] = uint8(min(max(y+float64(zo), 0), 255))
	}
	return t
}
