package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindConv2D: input [N, H, W, C], filter [O, kH, kW, C / groups], optional bias [O].
func bindConv2D(n *Node) (Bound, error) {
	o, err := options[graph.Conv2DOptions](n)
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
	oc, fc := f.Shape[0], f.Shape[3]
	if w.InC%fc != 0 || oc%(w.InC/fc) != 0 || out.Shape[3] != oc {
		return Bound{}, fmt.Errorf("input %v, filter %v, output %v: channels do not agree", x.Shape, f.Shape, out.Shape)
	}
	groups := w.InC / fc
	c, err := newConv(w, x.Shape[0], groups, oc/groups, max(x.Type.Bits()/8, 1))
	if err != nil {
		return Bound{}, err
	}
	switch {
	case x.Type != out.Type:
	case x.Type == graph.Float32 && f.Type == graph.Float32:
		return bindConvF32(c, o.Activation, x, f, bias, out)
	case x.Type == graph.Float32 && (f.Type == graph.Int8 || f.Type == graph.Int4):
		return bindConvHybrid(c, o.Activation, x, f, bias, out)
	case x.Type == graph.Int8 && (f.Type == graph.Int8 || f.Type == graph.Int4),
		x.Type == graph.UInt8 && f.Type == graph.UInt8:
		return bindConvS8(c, o.Activation, x, f, bias, out)
	case x.Type == graph.Int16 && (f.Type == graph.Int8 || f.Type == graph.Int4):
		return bindConvS16(c, o.Activation, o.QuantizedBiasType, x, f, bias, out)
	}
	return Bound{}, unsupported(n)
}

// conv is a convolution as matrix multiplications: for every image and group, the patches
// that the output positions read, tile by tile, times the filters.
type conv struct {
	kernels.Window
	batch, groups int
	depth         int // input channels of a group
	n             int // output channels of a group
	k             int // elements of a patch
	tile          int // positions at a time
}

// tileBytes is about what a tile of patches, and one of accumulators, may take: they are
// to stay in the first two levels of cache.
const tileBytes = 16 << 10

// direct reports whether an image is its own patches.
func (c *conv) direct() bool { return c.groups == 1 && c.Pointwise() }

// newConv checks channels and sizes and chooses the tile.
func newConv(w kernels.Window, batch, groups, n, elem int) (conv, error) {
	c := conv{Window: w, batch: batch, groups: groups, depth: w.InC / groups, n: n}
	k := int64(w.KH) * int64(w.KW) * int64(c.depth)
	if k > graph.MaxElements {
		return c, fmt.Errorf("kernel %dx%d over %d channels: too large", w.KH, w.KW, c.depth)
	}
	c.k = int(k)
	c.tile = max(min(tileBytes/(c.k*elem), 4*tileBytes/(4*n), 128)&^1, 2)
	c.tile = max(min(c.tile, w.OutH*w.OutW), 1)
	return c, nil
}
