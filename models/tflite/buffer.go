package tflite

import "unsafe"

// span is where a buffer's bytes are in the file.
type span struct{ off, n int }

// parseBuffers reads the model's buffers. A buffer is a vector of the FlatBuffer, or, in
// files over 2 GB, a place behind it (Buffer.offset, Buffer.size).
func parseBuffers(v vector) []span {
	if !v.spend(int(unsafe.Sizeof(span{}))) {
		return nil
	}
	s := make([]span, v.n)
	for i := range s {
		b := v.table(i)
		b.known(3)
		data, off, size := b.vector(0, "data", 1), b.uint64(1, "offset"), b.uint64(2, "size")
		if b.f == nil || v.f.err != nil {
			return nil
		}
		switch {
		case data.n > 0:
			s[i] = span{data.off, data.n}
		case off > 1 && size > 0:
			total := uint64(len(v.f.data))
			if off > total || size > total-off {
				b.fail(1, "offset", malformed("%d bytes at %d of a file of %d", size, off, total))
				return nil
			}
			s[i] = span{int(off), int(size)}
		}
	}
	return s
}

// bytes returns what a span covers.
func (f *file) bytes(s span) []byte {
	if s.n == 0 {
		return nil
	}
	return f.data[s.off : s.off+s.n : s.off+s.n]
}

// aligned returns the bytes of a buffer at an address that n divides, at most 8: the file's
// own, or a copy that all who ask for the buffer share.
func (c *context) aligned(at *path, buffer uint32, n int) []byte {
	s := c.buffers[buffer]
	b := c.bytes(s)
	if len(b) == 0 || n <= 1 || uintptr(unsafe.Pointer(&b[0]))%uintptr(n) == 0 {
		return b
	}
	if b, ok := c.copies[buffer]; ok {
		return b
	}
	if !c.spend(at, s.off, s.n) {
		return nil
	}
	words := make([]uint64, (len(b)+7)/8)
	d := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(words)*8)[:len(b):len(b)]
	copy(d, b)
	if c.copies == nil {
		c.copies = map[uint32][]byte{}
	}
	c.copies[buffer] = d
	return d
}
