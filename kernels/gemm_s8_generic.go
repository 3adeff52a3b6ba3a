package kernels

// gemmS8Generic computes two rows by four columns at a time: six loads serve eight
// multiplications.
func gemmS8Generic(acc []int32, a, b []int8, bias []int32, m, n, k int) {
	for ; m >= 2; m -= 2 {
		gemmS8Rows2(acc[:2*n], a[:k], a[k:2*k], b, bias, n, k)
		acc, a = acc[2*n:], a[2*k:]
	}
	if m == 1 {
		gemmS8Row(acc[:n], a[:k], b, bias, n, k)
	}
}

func gemmS8Rows2(acc []int32, a0, a1, b []int8, bias []int32, n, k int) {
	r0, r1 := acc[:n], acc[n:2*n]
	a1 = a1[:len(a0)]
	j := 0
	for ; j+4 <= n; j += 4 {
		b0, b1, b2, b3 := b[:k], b[k:2*k], b[2*k:3*k], b[3*k:4*k]
		b = b[4*k:]
		b0, b1, b2, b3 = b0[:len(a0)], b1[:len(a0)], b2[:len(a0)], b3[:len(a0)]
		s0, s1, s2, s3 := bias[j], bias[j+1], bias[j+2], bias[j+3]
		t0, t1, t2, t3 := s0, s1, s2, s3
		for l, v := range a0 {
			x, y := int32(v), int32(a1[l])
			w0, w1, w2, w3 := int32(b0[l]), int32(b1[l]), int32(b2[l]), int32(b3[l])
			s0 += x * w0
			s1 += x * w1
			s2 += x * w2
			s3 += x * w3
			t0 += y * w0
			t1 += y * w1
			t2 += y * w2
			t3 += y * w3
		}
		r0[j], r0[j+1], r0[j+2], r0[j+3] = s0, s1, s2, s3
		r1[j], r1[j+1], r1[j+2], r1[j+3] = t0, t1, t2, t3
	}
	for ; j < n; j++ {
		r0[j] = dotS8(bias[j], a0, b[:k])
		r1[j] = dotS8(bias[j], a1, b[:k])
		b = b[k:]
	}
}

func gemmS8Row(acc []int32, a, b []int8, bias []int32, n, k int) {
	j := 0
	for ; j+4 <= n; j += 4 {
		b0, b1, b2, b3 := b[:k], b[k:2*k], b[2*k:3*k], b[3*k:4*k]
		b = b[4*k:]
		b0, b1, b2, b3 = b0[:len(a)], b1[:len(a)], b2[:len(a)], b3[:len(a)]
		s0, s1, s2, s3 := bias[j], bias[j+1], bias[j+2], bias[j+3]
		for l, v := range a {
			x := int32(v)
			s0 += x * int32(b0[l])
			s1 += x * int32(b1[l])
			s2 += x * int32(b2[l])
			s3 += x * int32(b3[l])
		}
		acc[j], acc[j+1], acc[j+2], acc[j+3] = s0, s1, s2, s3
	}
	for ; j < n; j++ {
		acc[j] = dotS8(bias[j], a, b[:k])
		b = b[k:]
	}
}

func dotS8(s int32, a, b []int8) int32 {
	b = b[:len(a)]
	for l, v := range a {
		s += int32(v) * int32(b[l])
	}
	return s
}
