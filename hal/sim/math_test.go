package sim

import (
	"math"
	"testing"
)

func TestSincos(t *testing.T) {
	for i := -4000; i <= 4000; i++ {
		x := float64(i) / 997
		s, c := sincos(x)
		ws, wc := math.Sincos(2 * math.Pi * x)
		if math.Abs(s-ws) > 1e-13 || math.Abs(c-wc) > 1e-13 {
			t.Fatalf("%v turns: got %v, %v, want %v, %v", x, s, c, ws, wc)
		}
	}
}

func TestExp(t *testing.T) {
	for i := -5000; i <= 5000; i++ {
		x := float64(i) / 100
		if got, want := exp(x), math.Exp(x); math.Abs(got/want-1) > 1e-14 {
			t.Fatalf("exp(%v): got %v, want %v", x, got, want)
		}
	}
}

func TestNormal(t *testing.T) {
	r := newRandom(1, streamNoise)
	const n = 200_000
	var sum, square, fourth float64
	for range n {
		v := r.normal()
		sum += v
		square += v * v
		fourth += v * v * v * v
	}
	if mean := sum / n; math.Abs(mean) > 0.01 {
		t.Errorf("got mean %v", mean)
	}
	if variance := square / n; math.Abs(variance-1) > 0.02 {
		t.Errorf("got variance %v", variance)
	}
	if kurtosis := fourth / n; math.Abs(kurtosis-2.9) > 0.05 {
		t.Errorf("got kurtosis %v, want 2.9 for twelve uniform numbers", kurtosis)
	}
}
