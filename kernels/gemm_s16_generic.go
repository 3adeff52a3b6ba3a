package kernels

func gemmS16Generic(acc []int64, a []int16, b []int8, bias []int64, m, n, k int) {
	for i := range m {
		gemmS16Row(acc[i*n:(i+1)*n], a[i*k:(i+1)*k], b, bias, n, k)
	}
}

func gemmS16Row(acc []int64, a []int16, b []int8, bias []int64, n, k int) {
	j := 0
	for ; j+4 <= n; j += 4 {
		b0, b1, b2, b3 := b[:k], b[k:2*k], b[2*k:3*k], b[3*k:4*k]
		b = b[4*k:]
		b0, b1, b2, b3 = b0[:len(a)], b1[:len(a)], b2[:len(a)], b3[:len(a)]
		s0, s1, s2, s3 := bias[j], bias[j+1], bias[j+2], bias[j+3]
		for l, v := range a {
			x := int64(v)
			s0 += x * int64(b0[l])
			s1 += x * int64(b1[l])
			s2 += x * int64(b2[l])
			s3 += x * int64(b3[l])
		}
		acc[j], acc[j+1], acc[j+2], acc[j+3] = s0, s1, s2, s3
	}
	for ; j < n; j++ {
		s := bias[j]
		bj := b[:k][:len(a)]
		b = b[k:]
		for l, v := range a {
			s += int64(v) * int64(bj[l])
		}
		acc[j] = s
	}
}
