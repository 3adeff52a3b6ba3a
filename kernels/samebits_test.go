package kernels

import (
	"hash/fnv"
	"math"
	"testing"
)

// TestSameBits holds every processor to the same bits: the digest is of all float
// routines over inputs of all magnitudes, NaNs made one. It was seen on amd64, 386, arm64
// and arm, the last with and without floating-point hardware.
func TestSameBits(t *testing.T) {
	const want = 0x73f07fb97c8f75f2
	h := fnv.New64a()
	put := func(xs ...float32) {
		for _, x := range xs {
			b := math.Float32bits(x)
			if x != x {
				b = 0x7fc00000
			}
			h.Write([]byte{byte(b), byte(b >> 8), byte(b >> 16), byte(b >> 24)})
		}
	}
	for b := uint64(0); b < 1<<32; b += 400009 {
		x := math.Float32frombits(uint32(b))
		for _, f := range []func(float32) float32{ExpF32, TanhF32, LogisticF32, LogF32, SinF32, CosF32, ExpRoundF32, TanhRoundF32} {
			put(f(x))
		}
		put(FMA(x, math.Float32frombits(uint32(b*2654435761)), math.Float32frombits(uint32(b*40503))))
	}
	for _, v := range NewLUT16(10.0/65535, math.MaxInt16, 2.0/65535, 0, ExpF64) {
		put(float32(v))
	}
	for _, v := range NewLUT16F32(0.001, 0, 0.01, 0, ExpRoundF32) {
		put(float32(v))
	}
	src, dst := make([]float32, 1000), make([]float32, 1000)
	for i := range src {
		src[i] = float32(float32(i%37)*0.137) - 2
	}
	SoftmaxF32(dst, src, 100, 1.3)
	put(dst...)
	HardSwishF32(dst, src)
	put(dst...)
	LeakyReluF32(dst, src, 0.3)
	put(dst...)
	p := Pool{Batch: 1, InH: 10, InW: 10, Depth: 10, OutH: 9, OutW: 9, StrideH: 1, StrideW: 1, FilterH: 2, FilterW: 2}
	AveragePoolF32(dst[:810], src, &p, -100, 100)
	put(dst...)
	for _, reduced := range [][]bool{{true, false, true}, {false, true, false}, {false, true, true}} {
		r := NewReduction([]int{10, 10, 10}, reduced)
		MeanF32(dst[:r.Outputs], src, &r)
		put(dst[:r.Outputs]...)
	}
	for _, f := range []func(dst, a, b []float32, sa, sb int, lo, hi float32){AddF32, SubF32, MulF32, DivF32} {
		f(dst, src, src[1:], 1, 0, -3, 3)
		put(dst...)
	}
	if got := h.Sum64(); got != want {
		t.Errorf("digest %016x, want %016x", got, uint64(want))
	}
}
