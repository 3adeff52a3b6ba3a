package kernels

import (
	"math"
	"testing"
)

// ulps returns how far got is from want, in units of want's last place as float32.
func ulps(got float32, want float64) float64 {
	w := float32(want)
	if got == w || got != got && w != w {
		return 0
	}
	if math.IsInf(float64(got), 0) || math.IsInf(float64(w), 0) || got != got || w != w {
		return math.Inf(1)
	}
	up := math.Nextafter32(float32(math.Abs(float64(w))), float32(math.Inf(1)))
	return math.Abs(float64(got)-want) / (float64(up) - math.Abs(float64(w)))
}

// The reference is the standard library's float64 functions, good to an ulp of float64.
func TestMathF32(t *testing.T) {
	tests := []struct {
		name string
		f    func(float32) float32
		ref  func(float64) float64
		ulps float64
	}{
		{"exp", ExpF32, math.Exp, 1.1},
		{"tanh", TanhF32, math.Tanh, 2.5},
		{"logistic", LogisticF32, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 2.5},
		{"log", LogF32, math.Log, 1},
		{"sin", SinF32, math.Sin, 1.6},
		{"cos", CosF32, math.Cos, 1.6},
	}
	step := uint32(10007)
	if testing.Short() {
		step = 1000003
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			worst, at := 0.0, float32(0)
			check := func(x float32) {
				if u := ulps(tt.f(x), tt.ref(float64(x))); u > worst {
					worst, at = u, x
				}
			}
			for b := uint64(0); b < 1<<32; b += uint64(step) {
				check(math.Float32frombits(uint32(b)))
			}
			for i := -200000; i <= 200000; i++ { // the range of use, densely
				check(float32(i) / 2000)
			}
			for _, b := range []uint32{0, 1 << 31, 1, 1<<31 + 1, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f7fffff, 0xff7fffff, 0x00800000,
				0x42b17217, 0x42b17218, 0x42b17219, 0xc2cff1b3, 0xc2cff1b4, 0xc2cff1b5, 0x4b800000, 0x4c000000, 0x4bffffff} {
				check(math.Float32frombits(b))
			}
			t.Logf("%.3f ulp at %v", worst, at)
			if worst > tt.ulps {
				t.Errorf("%v ulp from the reference at %v (%08x): got %v, want %v", worst, at, math.Float32bits(at), tt.f(at), tt.ref(float64(at)))
			}
		})
	}
	if y := TanhF32(float32(math.Copysign(0, -1))); math.Float32bits(y) != 1<<31 {
		t.Errorf("tanh of -0 is %v", y)
	}
}

func BenchmarkMathF32(b *testing.B) {
	for _, tt := range []struct {
		name string
		f    func(float32) float32
	}{{"exp", ExpF32}, {"tanh", TanhF32}, {"logistic", LogisticF32}, {"log", LogF32}, {"sin", SinF32}} {
		b.Run(tt.name, func(b *testing.B) {
			x, y := float32(-3), float32(0)
			for b.Loop() {
				y += tt.f(x)
				x += 0.001
				if x > 3 {
					x = -3
				}
			}
			_ = y
		})
	}
}
