package lower

import (
	"encoding/binary"
	"slices"

	"kinglet/models/graph"
)

// joinPad gives the padding of a PAD to the convolution that alone reads it, so that the
// padded tensor is never written. The convolution must pad nothing itself (VALID), and
// the PAD must pad height and width only, with what a convolution takes for zero.
func (g *Graph) joinPad() {
	readers := g.readers()
	writer := map[int]int{} // tensor to the PAD node that writes it
	nodes := g.Nodes[:0]
	for _, n := range g.Nodes {
		nodes = append(nodes, n)
		last := len(nodes) - 1
		switch {
		case n.Op.Code == graph.Pad && len(n.Outputs) == 1 && readers[n.Outputs[0]] == 1:
			writer[n.Outputs[0]] = last
		case padsNothing(n.Op) && n.Inputs[0] != graph.Absent:
			p, ok := writer[n.Inputs[0]]
			if !ok {
				continue
			}
			pad, ok := g.spatialPad(&nodes[p])
			if !ok {
				continue
			}
			n.Inputs = append([]int{nodes[p].Inputs[0]}, n.Inputs[1:]...)
			n.Pad = pad
			nodes[last] = n
			nodes[p].Op = nil // taken over
		}
	}
	g.Nodes = slices.DeleteFunc(nodes, func(n Node) bool { return n.Op == nil })
}

// padsNothing reports whether op is a convolution with VALID padding.
func padsNothing(op *graph.Operator) bool {
	switch o := op.Options.(type) {
	case *graph.Conv2DOptions:
		return op.Code == graph.Conv2D && o.Padding == graph.Valid
	case *graph.DepthwiseConv2DOptions:
		return op.Code == graph.DepthwiseConv2D && o.Padding == graph.Valid
	}
	return false
}

// spatialPad returns what a PAD node pads, if that is only height and width of a tensor
// of rank 4 by constant amounts, quantized alike before and after.
func (g *Graph) spatialPad(n *Node) (*Pad, bool) {
	if len(n.Inputs) != 2 || n.Inputs[0] == graph.Absent || n.Inputs[1] == graph.Absent {
		return nil, false
	}
	in, amounts, out := &g.Tensors[n.Inputs[0]], &g.Tensors[n.Inputs[1]], &g.Tensors[n.Outputs[0]]
	if len(in.Shape) != 4 || in.Type != out.Type || amounts.Type != graph.Int32 || len(amounts.Data) != 4*8 ||
		!slices.Equal(in.Quant.Scale, out.Quant.Scale) || !slices.Equal(in.Quant.ZeroPoint, out.Quant.ZeroPoint) {
		return nil, false
	}
	var p [8]int
	for i := range p {
		p[i] = int(int32(binary.LittleEndian.Uint32(amounts.Data[4*i:])))
	}
	if p[0] != 0 || p[1] != 0 || p[6] != 0 || p[7] != 0 {
		return nil, false
	}
	return &Pad{Top: p[2], Bottom: p[3], Left: p[4], Right: p[5]}, true
}
