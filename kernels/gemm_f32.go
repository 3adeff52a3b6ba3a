package kernels

// GemmF32 multiplies float32 matrices: row i of the result begins at dst[i*stride] and
// element j of it is bias[j] with b[j*k+l] * a[i*k+l] added for l = 0, 1, ... k-1 in
// order, each by FMA; then clamped to [lo, hi].
//
// a is [m][k], b is [n][k]; bias is [n], or nil for zeros.
func GemmF32(dst []float32, stride int, a, b, bias []float32, m, n, k int, lo, hi float32) {
	gemmF32Generic(dst, stride, a, b, bias, m, n, k, lo, hi)
}
