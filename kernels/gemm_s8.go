package kernels

// GemmS8 multiplies int8 matrices into int32, modulo 2^32:
// acc[i*n+j] = bias[j] + sum over l of a[i*k+l] * b[j*k+l].
//
// a is [m][k], b is [n][k], bias is [n], acc is [m][n]. What a zero point of a adds to
// every output, -zero*sum(b[j]), belongs into bias; see FoldS8.
func GemmS8(acc []int32, a, b []int8, bias []int32, m, n, k int) {
	gemmS8Generic(acc, a, b, bias, m, n, k)
}

// FoldS8 writes into dst [n] what stands in for the zero points of a and b in a GemmS8 of
// k taps: bias[j] - az*sum(b[j]) + k*az*bz. bias may be nil. Where bz is not 0, AddRowSums
// adds the rest.
func FoldS8(dst []int32, b []int8, bias []int32, az, bz int32, n, k int) {
	for j := range dst[:n] {
		sum := int32(0)
		for _, w := range b[j*k : (j+1)*k] {
			sum += int32(w)
		}
		dst[j] = az * (int32(k)*bz - sum)
		if bias != nil {
			dst[j] += bias[j]
		}
	}
}

// AddRowSums adds to each acc [m][n] -bz times the sum of its row of a [m][k].
func AddRowSums(acc []int32, a []int8, bz int32, m, n, k int) {
	for i := range m {
		sum := int32(0)
		for _, v := range a[i*k : (i+1)*k] {
			sum += int32(v)
		}
		sum *= -bz
		row := acc[i*n : (i+1)*n]
		for j := range row {
			row[j] += sum
		}
	}
}
