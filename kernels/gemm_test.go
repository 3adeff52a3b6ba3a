package kernels

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// sizes meets every tail of the tiles.
var gemmSizes = [][3]int{{1, 1, 1}, {1, 4, 3}, {2, 5, 8}, {3, 7, 17}, {5, 9, 1}, {4, 8, 64}, {7, 3, 5}, {2, 1, 0}}

func TestGemmSumsEveryProduct(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range gemmSizes {
		m, n, k := s[0], s[1], s[2]
		t.Run(fmt.Sprintf("%dx%dx%d", m, k, n), func(t *testing.T) {
			a, a16, b, bias := make([]int8, m*k), make([]int16, m*k), make([]int8, n*k), make([]int32, n)
			af, bf, biasF, bias64 := make([]float32, m*k), make([]float32, n*k), make([]float32, n), make([]int64, n)
			for i := range a {
				a[i], a16[i], af[i] = int8(r.Int()), int16(r.Int()), float32(r.IntN(64)-32)
			}
			for i := range b {
				b[i] = int8(r.Int())
				bf[i] = float32(r.IntN(64) - 32)
			}
			for i := range bias {
				bias[i] = int32(r.Int())
				biasF[i], bias64[i] = float32(i), int64(r.Int32())<<20
			}
			acc, acc16, accF := make([]int32, m*n), make([]int64, m*n), make([]float32, m*n)
			GemmS8(acc, a, b, bias, m, n, k)
			GemmS16(acc16, a16, b, bias64, m, n, k)
			GemmF32(accF, n, af, bf, biasF, m, n, k, -1e9, 1e9)
			for i := range m {
				for j := range n {
					s, s16, sF := bias[j], bias64[j], biasF[j]
					for l := range k {
						s += int32(a[i*k+l]) * int32(b[j*k+l])
						s16 += int64(a16[i*k+l]) * int64(b[j*k+l])
						sF += af[i*k+l] * bf[j*k+l]
					}
					if acc[i*n+j] != s || acc16[i*n+j] != s16 || accF[i*n+j] != sF {
						t.Fatalf("element %d, %d: got %d, %d, %v, want %d, %d, %v", i, j, acc[i*n+j], acc16[i*n+j], accF[i*n+j], s, s16, sF)
					}
				}
			}
		})
	}
}

func TestFoldStandsInForZeroPoints(t *testing.T) {
	const m, n, k, az, bz = 3, 5, 7, -11, 9
	r := rand.New(rand.NewPCG(3, 4))
	a, b, bias := make([]int8, m*k), make([]int8, n*k), []int32{1, -2, 3, -4, 5}
	for i := range a {
		a[i] = int8(r.Int())
	}
	for i := range b {
		b[i] = int8(r.Int())
	}
	fold, acc := make([]int32, n), make([]int32, m*n)
	FoldS8(fold, b, bias, az, bz, n, k)
	GemmS8(acc, a, b, fold, m, n, k)
	AddRowSums(acc, a, bz, m, n, k)
	for i := range m {
		for j := range n {
			want := bias[j]
			for l := range k {
				want += (int32(a[i*k+l]) - az) * (int32(b[j*k+l]) - bz)
			}
			if acc[i*n+j] != want {
				t.Errorf("element %d, %d: got %d, want %d", i, j, acc[i*n+j], want)
			}
		}
	}
}

func TestQuantizeRoundsHalfAwayFromZero(t *testing.T) {
	dst := make([]int8, 5)
	if s := QuantizeSymmetric(dst, []float32{127, 0.5, -0.5, 0.49999997, -127}); s != 1 || !slices.Equal(dst, []int8{127, 1, -1, 0, -127}) {
		t.Errorf("symmetric: got %v, scale %v", dst, s)
	}
	if s := QuantizeSymmetric(dst, make([]float32, 5)); s != 1 || !slices.Equal(dst, make([]int8, 5)) {
		t.Errorf("zeros: got %v, scale %v", dst, s)
	}
	s, z := QuantizeAsymmetric(dst, []float32{0, 255, 1, 2, 0.5})
	if s != 1 || z != -128 || !slices.Equal(dst, []int8{-128, 127, -127, -126, -128}) {
		t.Errorf("asymmetric: got %v, scale %v, zero point %d", dst, s, z)
	}
}

func TestPatchesReadBorderOutside(t *testing.T) {
	w := &Window{InH: 2, InW: 3, InC: 1, KH: 3, KW: 2, StrideH: 1, StrideW: 2, DilationH: 1, DilationW: 1, PadTop: 1, PadLeft: 1, OutH: 2, OutW: 2}
	src := []int8{1, 2, 3, 4, 5, 6}
	dst := make([]int8, 4*6)
	Patches(dst, src, w, 0, 1, 0, 4, 9)
	want := []int8{
		9, 9, 9, 1, 9, 4, // (0, 0)
		9, 9, 2, 3, 5, 6, // (0, 1)
		9, 1, 9, 4, 9, 9,
		2, 3, 5, 6, 9, 9,
	}
	if !slices.Equal(dst, want) {
		t.Errorf("got %v, want %v", dst, want)
	}
}

func BenchmarkGemmS8(b *testing.B) {
	const m, n, k = 64, 96, 576
	acc, x, w, bias := make([]int32, m*n), make([]int8, m*k), make([]int8, n*k), make([]int32, n)
	for b.Loop() {
		GemmS8(acc, x, w, bias, m, n, k)
	}
	b.ReportMetric(float64(m*n*k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
}

func BenchmarkGemmF32(b *testing.B) {
	const m, n, k = 16, 96, 576
	acc, x, w := make([]float32, m*n), make([]float32, m*k), make([]float32, n*k)
	for i := range x {
		x[i] = float32(i%17) - 8.3
	}
	for i := range w {
		w[i] = float32(i%13) - 5.1
	}
	for b.Loop() {
		GemmF32(acc, n, x, w, nil, m, n, k, -1e9, 1e9)
	}
	b.ReportMetric(float64(m*n*k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
}
