package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// dwconv is a depthwise convolution, one output position at a time.
type dwconv struct {
	kernels.Window
	batch int
	n     int // output channels
}

// bindDepthwiseConv2D: input [N, H, W, C], filter [1, kH, kW, C * multiplier], optional
// bias [C * multiplier].
func bindDepthwiseConv2D(n *Node) (Bound, error) {
	o, err := options[graph.DepthwiseConv2DOptions](n)
	if err != nil {
		return Bound{}, err
	}
	bias, err := convCounts(n)
	if err != nil {
		return Bound{}, err
	}
	x, f, out := n.In[0], n.In[1], n.Out[0]
	w, err := convWindow(x, f, out, o.Padding, [2]int32{o.StrideH, o.StrideW}, [2]int32{o.DilationH, o.DilationW}, n.Pad)
	if err != nil {
		return Bound{}, err
	}
	oc := f.Shape[3]
	if f.Shape[0] != 1 || oc%w.InC != 0 || out.Shape[3] != oc {
		return Bound{}, fmt.Errorf("input %v, filter %v, output %v: channels do not agree", x.Shape, f.Shape, out.Shape)
	}
	if int64(w.KH)*int64(w.KW) > maxTaps {
		return Bound{}, fmt.Errorf("kernel %dx%d: %w", w.KH, w.KW, ErrUnsupported)
	}
	c := dwconv{Window: w, batch: x.Shape[0], n: oc}
	switch {
	case x.Type != out.Type:
	case x.Type == graph.Float32 && f.Type == graph.Float32:
		return bindDwconvF32(c, o.Activation, x, f, bias, out)
	case x.Type == graph.Float32 && f.Type == graph.Int8:
		return bindDwconvHybrid(c, o.Activation, x, f, bias, out)
	case x.Type == graph.Int8 && (f.Type == graph.Int8 || f.Type == graph.Int4),
		x.Type == graph.UInt8 && f.Type == graph.UInt8:
		return bindDwconvS8(c, o.Activation, x, f, bias, out)
	case x.Type == graph.Int16 && (f.Type == graph.Int8 || f.Type == graph.Int4):
		return bindDwconvS16(c, o.Activation, x, f, bias, out)
	}
	return Bound{}, unsupported(n)
}
