package kernels

import "testing"

func BenchmarkElementwise(b *testing.B) {
	const n = 4096
	s8a, s8b, s8c := make([]int8, n), make([]int8, n), make([]int8, n)
	s16 := make([]int16, n)
	f, g := make([]float32, n), make([]float32, n)
	for i := range f {
		s8a[i], s8b[i], s16[i], f[i] = int8(i*7), int8(i*13), int16(i*71), float32(i%97)/10-5
	}
	sum := &SumQuant{Shift: 20, A: NewMultiplier(0.5), B: NewMultiplier(0.3), Out: NewMultiplier(1.7 / (1 << 20)), Sign: 1, Low: -128, High: 127}
	product := &ProductQuant{Out: NewMultiplier(0.01), Low: -128, High: 127}
	rescale := &Rescale{Mul: NewMultiplier(0.7), Low: -128, High: 127}
	scale, _ := NewSoftmaxScale(1, 0.1)
	pool := &Pool{Batch: 1, InH: 16, InW: 16, Depth: 16, OutH: 8, OutW: 8, StrideH: 2, StrideW: 2, FilterH: 2, FilterW: 2}
	acc := make([]int32, 16)
	r := NewReduction([]int{16, 16, 16}, []bool{true, true, false})
	l := NewLayout([]int{16, 16, 16}, []int{16, 1, 256}, []int{256, 16, 1}, 0, 0)
	for _, tt := range []struct {
		name string
		run  func()
	}{
		{"add_f32", func() { AddF32(g, f, f, 1, 1, -6, 6) }},
		{"add_s8", func() { AddQuant(s8c, s8a, s8b, 1, 1, sum) }},
		{"mul_s8", func() { MulQuant(s8c, s8a, s8b, 1, 1, product) }},
		{"rescale_s8", func() { RescaleQuant(s8c, s8a, rescale) }},
		{"quantize_s8", func() { QuantizeF32(s8c, f, 0.04, 3, -128, 127) }},
		{"dequantize_s8", func() { DequantizeQuant(g, s8a, 0.04, 3) }},
		{"softmax_f32", func() { SoftmaxF32(g, f, n, 1) }},
		{"softmax_s8", func() { SoftmaxQuant(s8c, s8a, 16, &scale) }},
		{"logistic_s16", func() { LogisticS16(s16, s16, SigmoidScale{Mul: 3}) }},
		{"average_pool_s8", func() { AveragePoolQuant(s8c, s8a, acc, pool, -128, 127) }},
		{"average_pool_f32", func() { AveragePoolF32(g, f, pool, -9, 9) }},
		{"max_pool_s8", func() { MaxPoolQuant(s8c, s8a, pool, -128, 127) }},
		{"mean_f32", func() { MeanF32(g[:16], f, &r) }},
		{"sum_s8", func() { ReduceSumInt(acc, s8a, &r) }},
		{"transpose_s8", func() { Copy(s8c, s8a, &l) }},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.SetBytes(n)
			for b.Loop() {
				tt.run()
			}
		})
	}
}
