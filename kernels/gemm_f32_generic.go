package kernels

func gemmF32Generic(dst []float32, stride int, a, b, bias []float32, m, n, k int, lo, hi float32) {
	for i := range m {
		gemmF32Row(dst[i*stride:i*stride+n], a[i*k:(i+1)*k], b, bias, n, k)
		row := dst[i*stride : i*stride+n]
		for j, v := range row {
			row[j] = ClampF32(v, lo, hi)
		}
	}
}

func gemmF32Row(dst, a, b, bias []float32, n, k int) {
	j := 0
	for ; j+4 <= n; j += 4 {
		b0, b1, b2, b3 := b[:k], b[k:2*k], b[2*k:3*k], b[3*k:4*k]
		b = b[4*k:]
		b0, b1, b2, b3 = b0[:len(a)], b1[:len(a)], b2[:len(a)], b3[:len(a)]
		var s0, s1, s2, s3 float32
		if bias != nil {
			s0, s1, s2, s3 = bias[j], bias[j+1], bias[j+2], bias[j+3]
		}
		for l, x := range a {
			s0 = FMA(b0[l], x, s0)
			s1 = FMA(b1[l], x, s1)
			s2 = FMA(b2[l], x, s2)
			s3 = FMA(b3[l], x, s3)
		}
		dst[j], dst[j+1], dst[j+2], dst[j+3] = s0, s1, s2, s3
	}
	for ; j < n; j++ {
		bj := b[:k][:len(a)]
		b = b[k:]
		var s float32
		if bias != nil {
			s = bias[j]
		}
		for l, x := range a {
			s = FMA(bj[l], x, s)
		}
		dst[j] = s
	}
}
