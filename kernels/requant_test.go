package kernels

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestNewMultiplier has values of gemmlowp's and TFLite's own unit tests (quantization_util_test.cc).
func TestNewMultiplier(t *testing.T) {
	for _, c := range []struct {
		real float64
		want Multiplier
	}{
		{0, Multiplier{}},
		{0.25, Multiplier{1 << 30, -1}},
		{0.5, Multiplier{1 << 30, 0}},
		{1, Multiplier{1 << 30, 1}},
		{2, Multiplier{1 << 30, 2}},
		{1.5, Multiplier{1610612736, 1}},
		{0x1p-33, Multiplier{}},
		{math.Nextafter(1, 0), Multiplier{1 << 30, 1}}, // rounds up to the next power
		{0x1p40, Multiplier{math.MaxInt32, 30}},
	} {
		if got := NewMultiplier(c.real); got != c.want {
			t.Errorf("%g: got %+v, want %+v", c.real, got, c.want)
		}
	}
}

// roundHalfAway rounds x / 2^n as the text of the standard says it, by big arithmetic.
func roundHalfAway(x *big.Int, n uint) *big.Int {
	half := new(big.Int).Lsh(big.NewInt(1), n)
	half.Rsh(half, 1)
	r := new(big.Int).Abs(x)
	r.Add(r, half).Rsh(r, n)
	if x.Sign() < 0 {
		r.Neg(r)
	}
	return r
}

func TestMultiplierRoundsTwiceAndAwayFromZero(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 200_000 {
		x := int32(r.Uint32()) >> uint(r.IntN(31))
		m := Multiplier{int32(1<<30 + r.IntN(1<<30)), int32(-r.IntN(31))}
		high := roundHalfAway(new(big.Int).Mul(big.NewInt(int64(x)), big.NewInt(int64(m.M))), 31)
		want := roundHalfAway(high, uint(-m.Shift)).Int64()
		if got := m.Mul(x); int64(got) != want {
			t.Fatalf("%+v of %d: got %d, want %d", m, x, got, want)
		}
	}
}

func TestDoublingHighMulSaturates(t *testing.T) {
	if got := DoublingHighMul(math.MinInt32, math.MinInt32); got != math.MaxInt32 {
		t.Errorf("got %d, want %d", got, math.MaxInt32)
	}
}

func TestRoundingShiftRightAtTheEnds(t *testing.T) {
	for _, c := range []struct {
		x    int32
		n    uint
		want int32
	}{
		{5, 1, 3}, {-5, 1, -3}, {4, 3, 1}, {-4, 3, -1}, {3, 3, 0}, {-3, 3, 0}, {7, 0, 7},
		{math.MaxInt32, 31, 1}, {math.MinInt32, 31, -1}, {1 << 30, 31, 1}, {-1 << 30, 31, -1}, {1<<30 - 1, 31, 0},
	} {
		if got := RoundingShiftRight(c.x, c.n); got != c.want {
			t.Errorf("%d >> %d: got %d, want %d", c.x, c.n, got, c.want)
		}
	}
}
