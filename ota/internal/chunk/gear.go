package chunk

// gear finds content-defined cuts: a rolling hash over the last 64 bytes (Xia et al.,
// FastCDC, USENIX ATC 2016), a cut where its upper 15 bits are zero, so about 32 KiB
// after MinRaw.
type gear [256]uint64

const cutMask = uint64(1<<15-1) << 49

// newGear fills the table with splitmix64 from seed 0, which fixes the cuts for ever.
func newGear() *gear {
	var g gear
	var x uint64
	for i := range g {
		x += 0x9e3779b97f4a7c15
		z := x
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		g[i] = z ^ z>>31
	}
	return &g
}

// cut returns the length of the first chunk of b, which is not empty.
func (g *gear) cut(b []byte) int {
	if len(b) <= MinRaw {
		return len(b)
	}
	b = b[:min(len(b), MaxRaw)]
	var h uint64
	for i := MinRaw - 64; i < len(b); i++ {
		h = h<<1 + g[b[i]]
		if i >= MinRaw && h&cutMask == 0 {
			return i
		}
	}
	return len(b)
}
