package npz

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"kinglet/models/graph"
)

const (
	magic     = "\x93NUMPY"
	maxHeader = 1 << 16 // bytes; numpy itself refuses more than 10,000
	chunk     = 64 << 10
)

// ReadArray reads an .npy file, to its end. Its array takes at most limit bytes, and 0 means
// DefaultLimit.
func ReadArray(r io.Reader, limit int64) (Array, error) {
	if limit <= 0 {
		limit = DefaultLimit
	}
	limit = min(limit, math.MaxInt)
	h, err := readHeader(r)
	if err != nil {
		return Array{}, err
	}
	n, err := size(h.kind, h.shape, limit)
	if err != nil {
		return Array{}, err
	}
	data, err := readData(r, n)
	if err != nil {
		return Array{}, err
	}
	if h.big {
		swap(data, h.kind)
	}
	if h.kind == graph.Bool {
		for i, b := range data {
			if b != 0 {
				data[i] = 1
			}
		}
	}
	if h.fortran && len(h.shape) > 1 {
		data = transpose(data, h.shape, h.kind.Bits()/8)
	}
	return Array{h.kind, h.shape, data}, nil
}

func readHeader(r io.Reader) (header, error) {
	var b [12]byte
	if _, err := io.ReadFull(r, b[:8]); err != nil {
		return header{}, short("header", err)
	}
	if string(b[:6]) != magic {
		return header{}, fmt.Errorf("begins with %q, want %q: %w", b[:6], magic, ErrMalformed)
	}
	var n int64
	switch b[6] {
	case 1:
		if _, err := io.ReadFull(r, b[8:10]); err != nil {
			return header{}, short("header", err)
		}
		n = int64(binary.LittleEndian.Uint16(b[8:]))
	case 2, 3:
		if _, err := io.ReadFull(r, b[8:12]); err != nil {
			return header{}, short("header", err)
		}
		n = int64(binary.LittleEndian.Uint32(b[8:]))
	default:
		return header{}, fmt.Errorf("format version %d.%d: %w", b[6], b[7], ErrUnsupported)
	}
	if n > maxHeader {
		return header{}, fmt.Errorf("header of %d bytes, more than %d: %w", n, maxHeader, ErrMalformed)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return header{}, short("header", err)
	}
	return parseHeader(string(text))
}

// readData reads exactly n bytes and the end of r, in pieces, so that a header's claim
// alone takes no memory.
func readData(r io.Reader, n int64) ([]byte, error) {
	data := make([]byte, 0, min(n, chunk))
	for int64(len(data)) < n {
		if len(data) == cap(data) {
			data = slices.Grow(data, int(min(n-int64(len(data)), int64(len(data)))))
		}
		m, err := r.Read(data[len(data):min(int64(cap(data)), n)])
		data = data[:len(data)+m]
		if err != nil && int64(len(data)) < n {
			if errors.Is(err, io.EOF) {
				return nil, fmt.Errorf("%d bytes of data, want %d: %w", len(data), n, ErrMalformed)
			}
			return nil, short("data", err)
		}
	}
	var one [1]byte
	switch _, err := io.ReadFull(r, one[:]); {
	case err == nil:
		return nil, fmt.Errorf("more than %d bytes of data: %w", n, ErrMalformed)
	case !errors.Is(err, io.EOF):
		return nil, short("data", err)
	}
	return data, nil
}

// short says that reading a part did not succeed; damage is told from the system's errors
// by the reader beneath.
func short(what string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s ends early: %w", what, ErrMalformed)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// swap turns big-endian elements around; a complex number is two.
func swap(data []byte, kind graph.Type) {
	n := kind.Bits() / 8
	if kind == graph.Complex64 || kind == graph.Complex128 {
		n /= 2
	}
	for i := 0; i+n <= len(data); i += n {
		slices.Reverse(data[i : i+n])
	}
}

// transpose puts an array whose first dimension runs fastest into C order.
func transpose(data []byte, shape []int, n int) []byte {
	out := make([]byte, len(data))
	index := make([]int, len(shape))
	stride := make([]int, len(shape)) // in data, in bytes
	s := n
	for i, d := range shape {
		stride[i] = s
		s *= d
	}
	at := 0
	for o := 0; o < len(out); o += n {
		copy(out[o:o+n], data[at:at+n])
		for d := len(shape) - 1; d >= 0; d-- {
			index[d]++
			at += stride[d]
			if index[d] < shape[d] {
				break
			}
			at -= index[d] * stride[d]
			index[d] = 0
		}
	}
	return out
}

// WriteArray writes an .npy file.
func WriteArray(w io.Writer, a Array) error {
	code := ""
	for _, d := range descrs {
		if d.kind == a.Type {
			code = d.code
		}
	}
	if code == "" {
		return fmt.Errorf("type %v: %w", a.Type, ErrUnsupported)
	}
	n, err := size(a.Type, a.Shape, 1<<62)
	if err != nil {
		return err
	}
	if int64(len(a.Data)) != n {
		return fmt.Errorf("%d bytes of data, %v of shape %v has %d: %w", len(a.Data), a.Type, a.Shape, n, ErrMalformed)
	}
	order := "<"
	if a.Type.Bits() == 8 {
		order = "|"
	}
	var b bytes.Buffer
	b.WriteString(magic + "\x01\x00\x00\x00")
	fmt.Fprintf(&b, "{'descr': '%s%s', 'fortran_order': False, 'shape': (", order, code)
	for i, d := range a.Shape {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, d)
	}
	if len(a.Shape) == 1 {
		b.WriteString(",")
	}
	b.WriteString("), }")
	for b.Len()%64 != 63 {
		b.WriteByte(' ') // the data begins at a multiple of 64
	}
	b.WriteByte('\n')
	binary.LittleEndian.PutUint16(b.Bytes()[8:], uint16(b.Len()-10))
	if _, err := w.Write(b.Bytes()); err != nil {
		return err
	}
	_, err = w.Write(a.Data)
	return err
}
