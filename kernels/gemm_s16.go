package kernels

// GemmS16 multiplies int16 activations with int8 weights into int64:
// acc[i*n+j] = bias[j] + sum over l of a[i*k+l] * b[j*k+l].
//
// a is [m][k], b is [n][k], bias is [n], acc is [m][n].
func GemmS16(acc []int64, a []int16, b []int8, bias []int64, m, n, k int) {
	gemmS16Generic(acc, a, b, bias, m, n, k)
}
