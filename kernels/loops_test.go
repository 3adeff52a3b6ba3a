package kernels

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// place returns the flat index of coordinates in a row-major shape; a coordinate of a
// dimension of 1 counts as 0, and missing dimensions do not count.
func place(at, shape []int) int {
	n := 0
	at = at[len(at)-len(shape):]
	for i, d := range shape {
		c := at[i]
		if d == 1 {
			c = 0
		}
		n = n*d + c
	}
	return n
}

// next steps through the coordinates of a shape in order.
func next(at, shape []int) bool {
	for i := len(shape) - 1; i >= 0; i-- {
		if at[i]++; at[i] < shape[i] {
			return true
		}
		at[i] = 0
	}
	return false
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

func TestBroadcastReadsTheRightElements(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		rank := r.IntN(maxLoops + 1)
		out, a, b := make([]int, rank), make([]int, rank), make([]int, rank)
		for i := range out {
			out[i] = 1 + r.IntN(3)
			a[i], b[i] = out[i], out[i]
			switch r.IntN(4) {
			case 0:
				a[i] = 1
			case 1:
				b[i] = 1
			}
		}
		if size(out) > 4096 {
			continue
		}
		a, b = a[r.IntN(leading(a)+1):], b[r.IntN(leading(b)+1):]
		for i := range out { // what both stretch to
			da, db := 1, 1
			if j := i - rank + len(a); j >= 0 {
				da = a[j]
			}
			if j := i - rank + len(b); j >= 0 {
				db = b[j]
			}
			out[i] = max(da, db)
		}
		x, y := make([]int32, size(a)), make([]int32, size(b))
		for i := range x {
			x[i] = int32(i)
		}
		for i := range y {
			y[i] = int32(i)
		}
		got := make([]int64, size(out))
		bc := NewBroadcast(a, b, out)
		Each(&bc, got, x, y, func(dst []int64, a, b []int32, sa, sb int) {
			for i := range dst {
				dst[i] = int64(a[i*sa])<<32 | int64(b[i*sb])
			}
		})
		at := make([]int, rank)
		for i := range got {
			if want := int64(place(at, a))<<32 | int64(place(at, b)); got[i] != want {
				t.Fatalf("%v and %v to %v: element %v: got %x, want %x", a, b, out, at, got[i], want)
			}
			next(at, out)
		}
	}
}

// leading counts the dimensions of 1 that a shape begins with.
func leading(shape []int) int {
	n := 0
	for n < len(shape) && shape[n] == 1 {
		n++
	}
	return n
}

func TestCopyMovesTheRightElements(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		rank := r.IntN(maxLoops + 1)
		dims := make([]int, rank)
		for i := range dims {
			dims[i] = 1 + r.IntN(3)
		}
		p := r.Perm(rank) // out dimension i is in dimension p[i], backwards where neg
		in := make([]int, rank)
		for i, a := range p {
			in[a] = dims[i]
		}
		strides := Strides(in)
		src, from := make([]int, rank), 0
		for i, a := range p {
			src[i] = strides[a]
			if r.IntN(3) == 0 {
				from += (dims[i] - 1) * src[i]
				src[i] = -src[i]
			}
		}
		x := make([]int32, size(dims))
		for i := range x {
			x[i] = int32(i)
		}
		got := make([]int32, len(x))
		l := NewLayout(dims, src, Strides(dims), from, 0)
		Copy(got, x, &l)
		at := make([]int, rank)
		for i := range got {
			want := from
			for j, c := range at {
				want += c * src[j]
			}
			if int(got[i]) != want {
				t.Fatalf("dims %v, source strides %v from %d: element %v: got %d, want %d", dims, src, from, at, got[i], want)
			}
			next(at, dims)
		}
	}
	l := NewLayout([]int{2, 0, 3}, []int{0, 3, 1}, []int{0, 3, 1}, 0, 0)
	Copy[int8](nil, nil, &l)
}

func TestReductionsTakeTheRightElements(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		shape, reduced := make([]int, r.IntN(7)), []bool(nil)
		out := make([]int, len(shape))
		for i := range shape {
			shape[i] = 1 + r.IntN(4)
			reduced = append(reduced, r.IntN(2) == 0)
			if out[i] = shape[i]; reduced[i] {
				out[i] = 1
			}
		}
		x := make([]int16, size(shape))
		for i := range x {
			x[i] = int16(r.IntN(1 << 16))
		}
		sum, top := make([]int32, size(out)), slices.Repeat([]int16{math.MinInt16}, size(out))
		at := make([]int, len(shape))
		for i := range x {
			o := place(at, out)
			sum[o] += int32(x[i])
			top[o] = max(top[o], x[i])
			next(at, shape)
		}
		loops := NewReduction(shape, reduced)
		if loops.Outputs != len(sum) || loops.Count != len(x)/len(sum) {
			t.Fatalf("%v %v: %d outputs of %d, want %d of %d", shape, reduced, loops.Outputs, loops.Count, len(sum), len(x)/len(sum))
		}
		got, gotTop := make([]int32, len(sum)), make([]int16, len(sum))
		ReduceSumInt(got, x, &loops)
		ReduceMax(gotTop, x, math.MinInt16, &loops)
		if !slices.Equal(got, sum) || !slices.Equal(gotTop, top) {
			t.Fatalf("%v %v: got %v and %v, want %v and %v", shape, reduced, got, gotTop, sum, top)
		}
	}
}

// TestSumF32Order sums numbers of which only one order gives this result.
func TestSumF32Order(t *testing.T) {
	for n := range 100 {
		x := make([]float32, n)
		r := rand.New(rand.NewPCG(7, uint64(n)))
		var lane [16]float32
		for i := range x {
			x[i] = float32(r.NormFloat64())
			lane[i%16] += x[i]
		}
		a := [8]float32{}
		for j := range a {
			a[j] = lane[j] + lane[j+8]
		}
		want := ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]))
		if got := SumF32(x); got != want {
			t.Errorf("%d elements: got %v, want %v", n, got, want)
		}
	}
}

func TestNaN(t *testing.T) {
	nan := float32(math.NaN())
	isNaN := func(x float32) bool { return x != x }
	one := func(f func(dst, a, b []float32, sa, sb int), a, b float32) float32 {
		dst := []float32{0}
		f(dst, []float32{a}, []float32{b}, 1, 1)
		return dst[0]
	}
	if got := one(Max[float32], nan, 1); got != 1 {
		t.Errorf("max(nan, 1) is %v, want the second", got)
	}
	if got := one(Max[float32], 1, nan); !isNaN(got) {
		t.Errorf("max(1, nan) is %v, want the second", got)
	}
	if got := one(Min[float32], nan, 1); got != 1 {
		t.Errorf("min(nan, 1) is %v, want the second", got)
	}
	if got := one(Min[float32], 1, nan); !isNaN(got) {
		t.Errorf("min(1, nan) is %v, want the second", got)
	}
	if got := ClampF32(nan, 0, 6); !isNaN(got) {
		t.Errorf("relu6(nan) is %v", got)
	}
	dst := []float32{0, 0}
	LeakyReluF32(dst, []float32{nan, -2}, 0.5)
	if !isNaN(dst[0]) || dst[1] != -1 {
		t.Errorf("leaky relu of nan and -2 is %v", dst)
	}
	q := []int8{9, 9, 9, 9}
	QuantizeF32(q, []float32{nan, float32(math.Inf(1)), float32(math.Inf(-1)), -1e30}, 0.5, 3, -128, 127)
	if !slices.Equal(q, []int8{3, 127, -128, -128}) {
		t.Errorf("quantized nan, inf, -inf, -1e30 are %v", q)
	}
	i := []int32{0, 0, 0, 0}
	CastF32(i, []float32{nan, 3e9, -3e9, -1.9}, math.MinInt32, math.MaxInt32)
	if !slices.Equal(i, []int32{math.MaxInt32, math.MaxInt32, math.MinInt32, -1}) {
		t.Errorf("nan, 3e9, -3e9 and -1.9 as int32 are %v", i)
	}
}

func TestFloat16(t *testing.T) {
	for _, tt := range []struct {
		h    uint16
		want float32
	}{
		{0, 0}, {0x3c00, 1}, {0xc000, -2}, {0x7bff, 65504}, {0x0001, 0x1p-24}, {0x03ff, 0x1.ff8p-15},
		{0x0400, 0x1p-14}, {0x3555, 0x1.554p-2}, {0x7c00, float32(math.Inf(1))}, {0xfc00, float32(math.Inf(-1))},
	} {
		if got := Float16(tt.h); got != tt.want {
			t.Errorf("%04x: got %v, want %v", tt.h, got, tt.want)
		}
	}
	for h := range 0x7c00 { // every finite half, what lies halfway to the next, and a bit to each side
		x, y := Float16(uint16(h)), float32(0x1p+16)
		if h < 0x7bff {
			y = Float16(uint16(h + 1))
		}
		mid := (x + y) / 2
		for _, tt := range []struct {
			x    float32
			want int
		}{{x, h}, {mid, h + h&1}, {math.Nextafter32(mid, 0), h}, {math.Nextafter32(mid, y), h + 1}} {
			if got := Half(-tt.x); int(got) != 0x8000+tt.want {
				t.Fatalf("half of %v: got %04x, want %04x", -tt.x, got, 0x8000+tt.want)
			}
		}
	}
	if got := Float16(0x7e00); got == got {
		t.Errorf("7e00: got %v, want a NaN", got)
	}
	if got := Float16(0x8000); math.Float32bits(got) != 1<<31 {
		t.Errorf("8000: got %v, want -0", got)
	}
}

// TestExpF64 compares with the standard library, which is good to less than an ulp.
func TestExpF64(t *testing.T) {
	for x := -707.0; x < 709; x += 0.0371 {
		got, want := ExpF64(x), math.Exp(x)
		if math.Abs(got-want) > want*0x1p-51 {
			t.Fatalf("%v: got %v, want %v", x, got, want)
		}
		if y, w := float64(TanhRoundF32(float32(x/700))), math.Tanh(float64(float32(x/700))); math.Abs(y-w) > math.Abs(w)*0x1p-24 {
			t.Fatalf("tanh(%v): got %v, want %v", x/700, y, w)
		}
	}
}
