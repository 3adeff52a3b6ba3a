package kernels

func dwconvS8Generic(acc []int32, taps [][]int8, weights []int16, bias []int32) {
	n := len(acc)
	copy(acc, bias[:n])
	t := 0
	if len(taps) > 0 && len(taps[0]) == n {
		// Three taps at a time: the accumulator is loaded and stored once for them.
		for ; t+3 <= len(taps); t += 3 {
			x0, x1, x2 := taps[t], taps[t+1], taps[t+2]
			w0, w1, w2 := weights[:n], weights[n:2*n], weights[2*n:3*n]
			weights = weights[3*n:]
			x0, x1, x2 = x0[:len(acc)], x1[:len(acc)], x2[:len(acc)]
			w0, w1, w2 = w0[:len(acc)], w1[:len(acc)], w2[:len(acc)]
			for o := range acc {
				acc[o] += int32(w0[o])*int32(x0[o]) + int32(w1[o])*int32(x1[o]) + int32(w2[o])*int32(x2[o])
			}
		}
	}
	for _, x := range taps[t:] {
		w := weights[:n]
		weights = weights[n:]
		mult := n / len(x)
		o := 0
		for _, v := range x {
			for range mult {
				acc[o] += int32(w[o]) * int32(v)
				o++
			}
		}
	}
}

func dwconvS16Generic(acc []int64, taps [][]int16, weights []int8, bias []int64) {
	n := len(acc)
	copy(acc, bias[:n])
	for _, x := range taps {
		w := weights[:n]
		weights = weights[n:]
		mult := n / len(x)
		o := 0
		for _, v := range x {
			for range mult {
				acc[o] += int64(w[o]) * int64(v)
				o++
			}
		}
	}
}

func dwconvF32Generic(dst []float32, taps [][]float32, weights, bias []float32, lo, hi float32) {
	n := len(dst)
	if bias == nil {
		clear(dst)
	} else {
		copy(dst, bias[:n])
	}
	for _, x := range taps {
		w := weights[:n]
		weights = weights[n:]
		mult := n / len(x)
		o := 0
		for _, v := range x {
			for range mult {
				dst[o] = FMA(w[o], v, dst[o])
				o++
			}
		}
	}
	for o, v := range dst {
		dst[o] = ClampF32(v, lo, hi)
	}
}
