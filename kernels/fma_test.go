package kernels

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// exactFMA computes a*b + c without rounding and rounds once, by big arithmetic.
func exactFMA(a, b, c float32) float32 {
	f := func(x float32) *big.Float { return new(big.Float).SetPrec(2000).SetFloat64(float64(x)) }
	sum := new(big.Float).SetPrec(2000)
	sum.Add(new(big.Float).SetPrec(2000).Mul(f(a), f(b)), f(c))
	r, _ := sum.Float32()
	return r
}

func checkFMA(t *testing.T, a, b, c float32) {
	t.Helper()
	got, want := FMA(a, b, c), exactFMA(a, b, c)
	// A sum of exactly zero has a sign that big arithmetic does not follow.
	if got == 0 && want == 0 {
		return
	}
	if math.Float32bits(got) != math.Float32bits(want) {
		t.Errorf("FMA(%x, %x, %x) = %x, want %x", a, b, c, got, want)
	}
}

func TestFMARoundsOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	finite := func(exponents int) float32 {
		e := uint32(127 - exponents/2 + r.IntN(exponents))
		return math.Float32frombits(r.Uint32()&0x807fffff | e<<23)
	}
	for range 200_000 {
		// Near each other, so that the addition cancels, and far, so that it rounds.
		checkFMA(t, finite(4), finite(4), finite(60))
		checkFMA(t, finite(4), finite(4), finite(4))
	}
	for range 200_000 { // around and below the smallest normal number
		a := math.Float32frombits(r.Uint32()&0x807fffff | uint32(r.IntN(40)+40)<<23)
		b := math.Float32frombits(r.Uint32()&0x807fffff | uint32(r.IntN(20))<<23)
		checkFMA(t, a, math.Float32frombits(r.Uint32()&0x807fffff|uint32(60+r.IntN(20))<<23), b)
	}
	for range 200_000 { // few bits set: ties are common
		few := func() float32 {
			m := uint32(1) << uint(r.IntN(23))
			m |= uint32(1) << uint(r.IntN(23))
			return math.Float32frombits(uint32(100+r.IntN(54))<<23 | m | r.Uint32()&0x80000000)
		}
		checkFMA(t, few(), few(), few())
	}
}

func TestFMADoubleRoundingTrap(t *testing.T) {
	// In float64 this sum ends exactly between two float32 and then rounds to even; what
	// the addition lost says up, or down.
	a, b := float32(1+0x1p-12), float32(1+0x1p-12) // product 1 + 2^-11 + 2^-24
	for _, c := range []float32{0x1p-60, -0x1p-60, 0x1p-100, -0x1p-100, 0} {
		checkFMA(t, a, b, c)
		checkFMA(t, -a, b, c)
	}
}

func TestFMAKeepsIEEESpecials(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct{ a, b, c, want float32 }{
		{inf, 1, 1, inf}, {1, 1, -inf, -inf}, {math.MaxFloat32, 2, 0, inf}, {math.MaxFloat32, 2, -math.MaxFloat32, math.MaxFloat32},
		{inf, 0, 1, nan}, {inf, 1, -inf, nan}, {nan, 1, 1, nan}, {1, 1, nan, nan}, {0, 5, 0, 0},
	} {
		got := FMA(c.a, c.b, c.c)
		if got != c.want && !(got != got && c.want != c.want) {
			t.Errorf("FMA(%v, %v, %v) = %v, want %v", c.a, c.b, c.c, got, c.want)
		}
	}
	if v := FMA(float32(math.Copysign(0, -1)), 1, float32(math.Copysign(0, -1))); !math.Signbit(float64(v)) {
		t.Error("(-0)*1 + (-0) is not -0")
	}
}

func FuzzFMA(f *testing.F) {
	f.Add(uint32(0x3f800001), uint32(0x3f800001), uint32(0x80000001))
	f.Fuzz(func(t *testing.T, a, b, c uint32) {
		x, y, z := math.Float32frombits(a), math.Float32frombits(b), math.Float32frombits(c)
		for _, v := range []float32{x, y, z} {
			if v != v || math.IsInf(float64(v), 0) {
				return
			}
		}
		checkFMA(t, x, y, z)
	})
}
