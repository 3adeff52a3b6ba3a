package ops

import (
	"fmt"
	"slices"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// tconv is a transposed convolution, gathered: output rows that leave the same rest
// modulo the stride, and columns likewise, form a phase, which reads every pixel with the
// same taps. A phase is a plain convolution of stride 1 whose taps run backwards.
type tconv struct {
	batch, size int // size: elements of an image
	outH, outW  int
	top, left   int // padding before
	n           int // output channels
	phases      []phase
	k           int // elements of the largest patch
	tile        int
}

// phase is a convolution that gives the outputs at rows y, y+stepY, ... and columns x,
// x+stepX, ..., by the kernel's rows restY, restY+stepY, ... and columns alike.
type phase struct {
	kernels.Window
	y, x         int
	restY, restX int
	stepY, stepX int
	at           int // of its filters in the packed weights
	k            int // elements of a patch
}

// maxTaps bounds the taps of a kernel where each has a record of its own.
const maxTaps = 1 << 20

// newTconv checks shapes and lays out the phases. f is [O, kH, kW, C].
func newTconv(x, f, out *Tensor, o *graph.TransposeConvOptions, elem int) (tconv, error) {
	var t tconv
	if len(x.Shape) != 4 || len(f.Shape) != 4 || len(out.Shape) != 4 || f.Shape[3] != x.Shape[3] ||
		out.Shape[0] != x.Shape[0] || out.Shape[3] != f.Shape[0] {
		return t, fmt.Errorf("input %v, filter %v, output %v: want [n, h, w, c], [o, kh, kw, c] and [n, h, w, o]", x.Shape, f.Shape, out.Shape)
	}
	for _, d := range [...]int{x.Shape[1], x.Shape[2], x.Shape[3], f.Shape[0], f.Shape[1], f.Shape[2]} {
		if d < 1 {
			return t, fmt.Errorf("input %v, filter %v: empty dimension", x.Shape, f.Shape)
		}
	}
	kh, kw, c := f.Shape[1], f.Shape[2], f.Shape[3]
	sh, sw := int(o.StrideH), int(o.StrideW)
	t = tconv{batch: x.Shape[0], size: x.Shape[1] * x.Shape[2] * c, outH: out.Shape[1], outW: out.Shape[2], n: f.Shape[0]}
	// A VALID transposed convolution may be cropped; one that pads SAME begins outside.
	_, padTop, errH := graph.Window(graph.Same, t.outH, kh, sh, 1)
	_, padLeft, errW := graph.Window(graph.Same, t.outW, kw, sw, 1)
	switch {
	case errH != nil:
		return t, fmt.Errorf("height: %w", errH)
	case errW != nil:
		return t, fmt.Errorf("width: %w", errW)
	case o.Padding == graph.Same:
		t.top, t.left = padTop, padLeft
	case o.Padding != graph.Valid:
		return t, fmt.Errorf("padding %v, want SAME or VALID", o.Padding)
	}
	if int64(kh)*int64(kw) > maxTaps {
		return t, fmt.Errorf("kernel %dx%d: %w", kh, kw, ErrUnsupported)
	}
	if sh > kh || sw > kw {
		// Outputs that no tap reaches are their bias; the phases after write the others.
		all := phase{stepY: 1, stepX: 1}
		all.OutH, all.OutW, all.InC = t.outH, t.outW, c
		t.phases = append(t.phases, all)
	}
	at := 0
	for py := range min(sh, kh) {
		for px := range min(sw, kw) {
			p := phase{at: at, restY: py, restX: px, stepY: sh, stepX: sw}
			p.InH, p.InW, p.InC = x.Shape[1], x.Shape[2], c
			p.KH, p.KW = (kh-py+sh-1)/sh, (kw-px+sw-1)/sw
			p.StrideH, p.StrideW, p.DilationH, p.DilationW = 1, 1, -1, -1
			p.y, p.PadTop, p.OutH = firstOf(py, t.top, sh, t.outH)
			p.x, p.PadLeft, p.OutW = firstOf(px, t.left, sw, t.outW)
			p.k = p.KH * p.KW * c
			at += p.k * t.n
			t.k = max(t.k, p.k)
			t.phases = append(t.phases, p)
		}
	}
	t.tile = max(min(tileBytes/(max(t.k, 1)*elem), 4*tileBytes/(4*t.n), 128)&^1, 2)
	return t, nil
}

// firstOf returns the first output whose place plus pad leaves rest modulo step, minus the
// input that its first tap reads, and how many such outputs there are.
func firstOf(rest, pad, step, out int) (first, minus, count int) {
	first = ((rest-pad)%step + step) % step
	return first, -((first + pad) / step), max(out-first+step-1, 0) / step
}

// packPhases brings filters [O, kH, kW, C] into the order of the phases, each [O][taps][C].
func packPhases[T Number](dst, w []T, t *tconv, kh, kw, sh, sw int) {
	for i := range t.phases {
		p := &t.phases[i]
		d := dst[p.at : p.at+p.k*t.n]
		for o := range t.n {
			for y := p.restY; y < kh && p.k > 0; y += sh {
				for x := p.restX; x < kw; x += sw {
					d = d[copy(d, w[((o*kh+y)*kw+x)*p.InC:][:p.InC]):]
				}
			}
		}
	}
}

// line returns where a row of phase p begins in an image of the output, and how far apart
// its positions lie.
func (t *tconv) line(p *phase, row int) (at, stride int) {
	return ((p.y+row*p.stepY)*t.outW + p.x) * t.n, p.stepX * t.n
}

// bindTransposeConv: output shape [4], filter [O, kH, kW, C], input [N, H, W, C], optional
// bias [O].
func bindTransposeConv(n *Node) (Bound, error) {
	o, err := options[graph.TransposeConvOptions](n)
	if err != nil {
		return Bound{}, err
	}
	if len(n.In) < 3 || len(n.In) > 4 || len(n.Out) != 1 || n.In[1] == nil || n.In[2] == nil || n.Out[0] == nil {
		return Bound{}, fmt.Errorf("got %d inputs and %d outputs, want shape, filter, input, optional bias and one output", len(n.In), len(n.Out))
	}
	f, x, out := n.In[1], n.In[2], n.Out[0]
	var bias *Tensor
	if len(n.In) == 4 {
		bias = n.In[3]
	}
	t, err := newTconv(x, f, out, o, max(x.Type.Bits()/8, 1))
	if err != nil {
		return Bound{}, err
	}
	size := n.In[0]
	if size == nil || size.Type != graph.Int32 || size.Elements() != 4 {
		return Bound{}, fmt.Errorf("output shape: want int32 [4]")
	}
	b, err := bindTconv(n, t, o, x, f, bias, out)
	if err != nil || size.Data != nil {
		return b, err
	}
	attach := b.Attach
	b.Attach = func(m *Memory) Step {
		run, got := attach(m), View[int32](m, size)
		return func() error {
			for i, d := range out.Shape {
				if int(got[i]) != d {
					return fmt.Errorf("output shape: got %v, want %v", slices.Clone(got), out.Shape)
				}
			}
			return run()
		}
	}
	return b, nil
}

func bindTconv(n *Node, t tconv, o *graph.TransposeConvOptions, x, f, bias, out *Tensor) (Bound, error) {
	switch {
	case x.Type != out.Type:
	case x.Type == graph.Float32 && f.Type == graph.Float32:
		return bindTconvF32(t, o, x, f, bias, out)
	case x.Type == graph.Float32 && f.Type == graph.Int8:
		return bindTconvHybrid(t, o, x, f, bias, out)
	case x.Type == graph.Int8 && f.Type == graph.Int8, x.Type == graph.UInt8 && f.Type == graph.UInt8:
		return bindTconvS8(t, o, x, f, bias, out)
	case x.Type == graph.Int16 && f.Type == graph.Int8:
		return bindTconvS16(t, o, x, f, bias, out)
	}
	return Bound{}, unsupported(n)
}
