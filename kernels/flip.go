package kernels

import "encoding/binary"

// Flip writes src with the sign bit of every byte inverted: what turns uint8 values into
// int8 ones that are less by 128, and back. dst and src are equally long and may be the
// same.
func Flip(dst, src []byte) {
	for len(src) >= 8 {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(src)^0x8080808080808080)
		dst, src = dst[8:], src[8:]
	}
	for i, b := range src {
		dst[i] = b ^ 0x80
	}
}
