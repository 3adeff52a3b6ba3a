package kernels

// SumF32 returns the sum of x, the definition of every float sum along the innermost
// axis: lane j of 16 adds x[j], x[j+16], x[j+32], ... in order, starting from 0, and the
// lanes are then added in pairs: lane j takes lane j+8, then j+4, j+2, j+1.
func SumF32(x []float32) float32 {
	var lane [16]float32
	for ; len(x) >= 16; x = x[16:] {
		for j := range lane {
			lane[j] += x[j]
		}
	}
	for j, v := range x {
		lane[j] += v
	}
	for n := 8; n > 0; n /= 2 {
		for j := range n {
			lane[j] += lane[j+n]
		}
	}
	return lane[0]
}
