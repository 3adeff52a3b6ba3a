package ops

import (
	"fmt"
	"slices"

	"kinglet/kernels"
	"kinglet/models/graph"
	"kinglet/runtime/internal/lower"
)

// convCounts checks the number of inputs and outputs of a convolution: input, filter,
// optional bias, and that all but the bias are there.
func convCounts(n *Node) (bias *Tensor, err error) {
	if len(n.In) < 2 || len(n.In) > 3 || len(n.Out) != 1 || n.In[0] == nil || n.In[1] == nil || n.Out[0] == nil {
		return nil, fmt.Errorf("got %d inputs and %d outputs, want input, filter, optional bias and one output", len(n.In), len(n.Out))
	}
	if len(n.In) == 3 {
		bias = n.In[2]
	}
	return bias, nil
}

// convWindow checks the shapes of a convolution or depthwise convolution and returns how
// its kernel slides. pad is padding that stood before the operator, which then has none of
// its own.
func convWindow(x, f, out *Tensor, p graph.Padding, stride, dilation [2]int32, pad *lower.Pad) (kernels.Window, error) {
	var w kernels.Window
	if len(x.Shape) != 4 || len(f.Shape) != 4 || len(out.Shape) != 4 {
		return w, fmt.Errorf("input %v, filter %v, output %v: want 4 dimensions each", x.Shape, f.Shape, out.Shape)
	}
	for _, d := range slices.Concat(x.Shape[1:], f.Shape) {
		if d < 1 {
			return w, fmt.Errorf("input %v, filter %v: empty dimension", x.Shape, f.Shape)
		}
	}
	w = kernels.Window{
		InH: x.Shape[1], InW: x.Shape[2], InC: x.Shape[3], KH: f.Shape[1], KW: f.Shape[2],
		StrideH: int(stride[0]), StrideW: int(stride[1]), DilationH: int(dilation[0]), DilationW: int(dilation[1]),
	}
	h, wd := w.InH, w.InW
	if pad != nil {
		for _, v := range []int{pad.Top, pad.Bottom, pad.Left, pad.Right} {
			if v < 0 || v > graph.MaxElements {
				return w, fmt.Errorf("padding %+v before a convolution", *pad)
			}
		}
		if p != graph.Valid {
			return w, fmt.Errorf("padding %+v before a convolution that pads %v", *pad, p)
		}
		h, wd = h+pad.Top+pad.Bottom, wd+pad.Left+pad.Right
	}
	var err error
	if w.OutH, w.PadTop, err = graph.Window(p, h, w.KH, w.StrideH, w.DilationH); err != nil {
		return w, fmt.Errorf("height: %w", err)
	}
	if w.OutW, w.PadLeft, err = graph.Window(p, wd, w.KW, w.StrideW, w.DilationW); err != nil {
		return w, fmt.Errorf("width: %w", err)
	}
	if pad != nil {
		w.PadTop, w.PadLeft = pad.Top, pad.Left
	}
	if out.Shape[0] != x.Shape[0] || out.Shape[1] != w.OutH || out.Shape[2] != w.OutW {
		return w, fmt.Errorf("output: got shape %v, want [%d, %d, %d, channels]", out.Shape, x.Shape[0], w.OutH, w.OutW)
	}
	return w, nil
}
