// Package chunk cuts files into content-defined pieces, compresses each by itself, and
// puts them together again from bytes that nobody vouches for.
//
// A chunk's name is the sha256 of its compressed bytes, so that a receiver checks it
// before the decompressor sees it.
package chunk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// Bounds of a chunk, in bytes.
const (
	MinRaw    = 16 << 10
	MaxRaw    = 128 << 10
	MaxPacked = 96 << 10
)

// ErrTruncated and ErrDigest tell a short chunk from a changed one.
var (
	ErrTruncated = errors.New("truncated")
	ErrDigest    = errors.New("digest mismatch")
)

// Ref names one chunk and its two sizes.
type Ref struct {
	Digest string `json:"sha256"` // of the packed bytes, 64 lower-case hexadecimal digits
	Packed int    `json:"packed"` // compressed length
	Raw    int    `json:"raw"`    // length after decompression
}

// Check tells whether r is within the bounds of a chunk of at most maxRaw raw bytes.
func (r Ref) Check(maxRaw int) error {
	if !ValidDigest(r.Digest) {
		return fmt.Errorf("sha256 %.70q: want 64 lower-case hexadecimal digits", r.Digest)
	}
	if r.Packed < 1 || r.Packed > MaxPacked {
		return fmt.Errorf("packed length %d: want 1 to %d", r.Packed, MaxPacked)
	}
	if r.Raw < 1 || r.Raw > maxRaw {
		return fmt.Errorf("raw length %d: want 1 to %d", r.Raw, maxRaw)
	}
	return nil
}

// ValidDigest tells whether s is 64 lower-case hexadecimal digits.
func ValidDigest(s string) bool {
	if len(s) != 2*sha256.Size {
		return false
	}
	for _, c := range []byte(s) {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return false
		}
	}
	return true
}

// Digest is the hexadecimal sha256 of b.
func Digest(b []byte) string {
	d := sha256.Sum256(b)
	return hex.EncodeToString(d[:])
}

// Verify checks packed bytes against their name.
func Verify(r Ref, packed []byte) error {
	switch {
	case len(packed) < r.Packed:
		return fmt.Errorf("chunk %.12s has %d of %d bytes: %w", r.Digest, len(packed), r.Packed, ErrTruncated)
	case len(packed) > r.Packed:
		return fmt.Errorf("chunk %.12s has %d bytes, want %d: %w", r.Digest, len(packed), r.Packed, ErrDigest)
	case Digest(packed) != r.Digest:
		return fmt.Errorf("chunk %.12s has other bytes: %w", r.Digest, ErrDigest)
	}
	return nil
}

// Unpacker decompresses chunks. Not safe for concurrent use.
type Unpacker struct {
	dec *zstd.Decoder
	max int
}

// NewUnpacker makes an Unpacker that never holds more than maxRaw bytes of one chunk.
func NewUnpacker(maxRaw int) (*Unpacker, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(uint64(maxRaw)), zstd.WithDecoderMaxWindow(uint64(max(maxRaw, 1<<10))))
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	return &Unpacker{dec: dec, max: maxRaw}, nil
}

// Close frees the decompressor.
func (u *Unpacker) Close() { u.dec.Close() }

// Unpack verifies packed against r and appends its r.Raw raw bytes to dst.
func (u *Unpacker) Unpack(dst []byte, r Ref, packed []byte) ([]byte, error) {
	if err := r.Check(u.max); err != nil {
		return dst, err
	}
	if err := Verify(r, packed); err != nil {
		return dst, err
	}
	raw, err := u.dec.DecodeAll(packed, make([]byte, 0, r.Raw))
	if err != nil {
		return dst, fmt.Errorf("chunk %.12s: %w", r.Digest, err)
	}
	if len(raw) != r.Raw {
		return dst, fmt.Errorf("chunk %.12s unpacks to %d bytes, want %d", r.Digest, len(raw), r.Raw)
	}
	return append(dst, raw...), nil
}

// Packer cuts and compresses. Not safe for concurrent use.
type Packer struct{ enc *zstd.Encoder }

// NewPacker makes a Packer. Its output depends on its input only.
func NewPacker() (*Packer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBestCompression),
		zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	return &Packer{enc: enc}, nil
}

// Pack compresses raw as one chunk.
func (p *Packer) Pack(raw []byte) (Ref, []byte) {
	packed := p.enc.EncodeAll(raw, nil)
	return Ref{Digest: Digest(packed), Packed: len(packed), Raw: len(raw)}, packed
}

// Split cuts file into chunks and hands each to emit, in order. A chunk that does not
// fit MaxPacked after compression is halved.
func (p *Packer) Split(file []byte, emit func(Ref, []byte)) []Ref {
	var refs []Ref
	var put func(raw []byte)
	put = func(raw []byte) {
		r, packed := p.Pack(raw)
		if r.Packed > MaxPacked {
			put(raw[:len(raw)/2])
			put(raw[len(raw)/2:])
			return
		}
		refs = append(refs, r)
		emit(r, packed)
	}
	g := newGear()
	for len(file) > 0 {
		n := g.cut(file)
		put(file[:n])
		file = file[n:]
	}
	return refs
}
