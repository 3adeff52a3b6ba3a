package graph

import "fmt"

// rank checks a tensor's number of dimensions and that those from first on are not 0.
func rank(t *Tensor, name string, want, first int) error {
	if len(t.Shape) != want {
		return fmt.Errorf("%s: got %d dimensions, want %d", name, len(t.Shape), want)
	}
	for _, d := range t.Shape[first:] {
		if d < 1 {
			return fmt.Errorf("%s: shape %v has an empty dimension", name, t.Shape)
		}
	}
	return nil
}

// shapeConv2D: input [N, H, W, C], filter [O, kH, kW, C / groups], output [N, H', W', O].
func shapeConv2D(op *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 2, 3); err != nil {
		return nil, err
	}
	o, err := optionsOf[Conv2DOptions](op)
	if err != nil {
		return nil, err
	}
	x, f := in[0], in[1]
	if err := imageAndFilter(x, f); err != nil {
		return nil, err
	}
	c, fc, oc := x.Shape[3], f.Shape[3], f.Shape[0]
	if c%fc != 0 || oc%(c/fc) != 0 {
		return nil, fmt.Errorf("input of %d channels, filter %v: no whole number of groups", c, f.Shape)
	}
	return slide(x, f, o.Padding, [2]int32{o.StrideH, o.StrideW}, [2]int32{o.DilationH, o.DilationW}, oc)
}

// shapeDepthwiseConv2D: input [N, H, W, C], filter [1, kH, kW, C * multiplier].
func shapeDepthwiseConv2D(op *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 2, 3); err != nil {
		return nil, err
	}
	o, err := optionsOf[DepthwiseConv2DOptions](op)
	if err != nil {
		return nil, err
	}
	x, f := in[0], in[1]
	if err := imageAndFilter(x, f); err != nil {
		return nil, err
	}
	if f.Shape[0] != 1 || f.Shape[3]%x.Shape[3] != 0 {
		return nil, fmt.Errorf("filter: got shape %v, want [1, h, w, a multiple of %d]", f.Shape, x.Shape[3])
	}
	return slide(x, f, o.Padding, [2]int32{o.StrideH, o.StrideW}, [2]int32{o.DilationH, o.DilationW}, f.Shape[3])
}

func imageAndFilter(x, f *Tensor) error {
	if err := rank(x, "input", 4, 1); err != nil {
		return err
	}
	return rank(f, "filter", 4, 0)
}

func slide(x, f *Tensor, p Padding, stride, dilation [2]int32, oc int) ([][]int, error) {
	h, _, err := Window(p, x.Shape[1], f.Shape[1], int(stride[0]), int(dilation[0]))
	if err != nil {
		return nil, fmt.Errorf("height: %w", err)
	}
	w, _, err := Window(p, x.Shape[2], f.Shape[2], int(stride[1]), int(dilation[1]))
	if err != nil {
		return nil, fmt.Errorf("width: %w", err)
	}
	return [][]int{{x.Shape[0], h, w, oc}}, nil
}

// shapeTransposeConv: output shape [4], filter [O, kH, kW, C], input [N, H, W, C].
func shapeTransposeConv(_ *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 3, 4); err != nil {
		return nil, err
	}
	size, f, x := in[0], in[1], in[2]
	if err := imageAndFilter(x, f); err != nil {
		return nil, err
	}
	if f.Shape[3] != x.Shape[3] {
		return nil, fmt.Errorf("input of %d channels, filter %v", x.Shape[3], f.Shape)
	}
	if size.Type != Int32 || len(size.Shape) != 1 || size.Shape[0] != 4 {
		return nil, fmt.Errorf("output shape: got %v %v, want int32 [4]", size.Type, size.Shape)
	}
	out, err := Ints(size)
	if err != nil {
		return nil, fmt.Errorf("output shape: %w", err)
	}
	if out[0] != x.Shape[0] || out[3] != f.Shape[0] || out[1] < 0 || out[2] < 0 {
		return nil, fmt.Errorf("output shape %v, want [%d, h, w, %d]", out, x.Shape[0], f.Shape[0])
	}
	return [][]int{out}, nil
}
