package audio

import (
	"encoding/binary"
	"fmt"
	"io"
)

// recording is where the samples of a WAV file lie and what they are.
type recording struct {
	format   Format
	channels int
	rate     int
	offset   int64 // of the first frame
	frames   int64
}

// The codes of formats in a WAV file's "fmt " chunk (RFC 2361, appendix A).
const (
	codePCM        = 1
	codeFloat      = 3
	codeExtensible = 0xfffe
)

// maxChunks bounds how many chunks are passed on the way to the samples.
const maxChunks = 1024

// parseWAV reads the chunks of a WAV file of a size ("Multimedia Programming Interface and
// Data Specifications 1.0", IBM and Microsoft, 1991). Chunks that it does not know are
// passed over. Every length is checked against what is really there.
func parseWAV(r io.ReaderAt, size int64) (*recording, error) {
	var head [12]byte
	if err := readAt(r, head[:], 0, size, "header"); err != nil {
		return nil, err
	}
	switch id := string(head[:4]); {
	case id == "RF64" || id == "BW64" || id == "RIFX":
		return nil, fmt.Errorf("%s file, want RIFF: %w", id, ErrUnsupported)
	case id != "RIFF" || string(head[8:]) != "WAVE":
		return nil, fmt.Errorf("begins with %q, want RIFF and WAVE: %w", head[:], ErrMalformed)
	}
	end := 8 + int64(binary.LittleEndian.Uint32(head[4:]))
	if end > size {
		return nil, fmt.Errorf("header: %d bytes, the file has %d: truncated: %w", end, size, ErrMalformed)
	}
	var rec *recording
	at := int64(12)
	for range maxChunks {
		var chunk [8]byte
		if err := readAt(r, chunk[:], at, end, "chunk"); err != nil {
			return nil, err
		}
		id, length := string(chunk[:4]), int64(binary.LittleEndian.Uint32(chunk[4:]))
		at += 8
		if length > end-at {
			return nil, fmt.Errorf("chunk %q at byte %d: %d bytes, %d are left: truncated: %w", id, at-8, length, end-at, ErrMalformed)
		}
		switch id {
		case "fmt ":
			if rec != nil {
				return nil, fmt.Errorf("chunk %q at byte %d: a second one: %w", id, at-8, ErrMalformed)
			}
			b := make([]byte, min(length, 40))
			if err := readAt(r, b, at, end, "chunk fmt"); err != nil {
				return nil, err
			}
			var err error
			if rec, err = parseFormat(b); err != nil {
				return nil, fmt.Errorf("chunk %q at byte %d: %w", id, at-8, err)
			}
		case "data":
			if rec == nil {
				return nil, fmt.Errorf("chunk %q at byte %d: none that says the format before it: %w", id, at-8, ErrMalformed)
			}
			frame := int64(layout{format: rec.format, channels: rec.channels}.frame())
			if length%frame != 0 {
				return nil, fmt.Errorf("chunk %q at byte %d: %d bytes, want a multiple of a frame's %d: %w", id, at-8, length, frame, ErrMalformed)
			}
			rec.offset, rec.frames = at, length/frame
			return rec, nil
		}
		at += length + length&1
	}
	return nil, fmt.Errorf("no samples in the first %d chunks: %w", maxChunks, ErrMalformed)
}

// readAt fills b from the bytes at a place that lie before end.
func readAt(r io.ReaderAt, b []byte, at, end int64, what string) error {
	if at > end-int64(len(b)) {
		return fmt.Errorf("%s at byte %d: the file ends at %d: truncated: %w", what, at, end, ErrMalformed)
	}
	if n, err := r.ReadAt(b, at); n < len(b) {
		return fmt.Errorf("%s at byte %d: %w", what, at, err)
	}
	return nil
}

// parseFormat reads the body of a "fmt " chunk, or its first 40 bytes.
func parseFormat(b []byte) (*recording, error) {
	if len(b) < 16 {
		return nil, fmt.Errorf("%d bytes, want 16 or more: %w", len(b), ErrMalformed)
	}
	code, bits := binary.LittleEndian.Uint16(b), int(binary.LittleEndian.Uint16(b[14:]))
	rec := &recording{channels: int(binary.LittleEndian.Uint16(b[2:])), rate: int(binary.LittleEndian.Uint32(b[4:]) & 0x7fffffff)}
	if code == codeExtensible {
		// The code is the beginning of a GUID, of which the rest is fixed.
		if len(b) < 40 {
			return nil, fmt.Errorf("%d bytes, want 40 of an extensible format: %w", len(b), ErrMalformed)
		}
		if rest := string(b[26:40]); rest != "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71" {
			return nil, fmt.Errorf("extensible format %x: %w", b[24:40], ErrUnsupported)
		}
		code = binary.LittleEndian.Uint16(b[24:])
	}
	switch {
	case code == codePCM && bits == 8:
		rec.format = U8
	case code == codePCM && bits == 16:
		rec.format = S16
	case code == codePCM && bits == 24:
		rec.format = S24
	case code == codePCM && bits == 32:
		rec.format = S32
	case code == codeFloat && bits == 32:
		rec.format = F32
	default:
		return nil, fmt.Errorf("format %d of %d bits, want 1 (PCM) of 8, 16, 24 or 32 or 3 (float) of 32: %w", code, bits, ErrUnsupported)
	}
	if err := bound("channels", rec.channels, 1, maxChannels); err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrMalformed)
	}
	if err := bound("samples a second", rec.rate, 1, maxRate); err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrMalformed)
	}
	frame := layout{format: rec.format, channels: rec.channels}.frame()
	if align := int(binary.LittleEndian.Uint16(b[12:])); align != frame {
		return nil, fmt.Errorf("frames of %d bytes, want %d: %w", align, frame, ErrMalformed)
	}
	return rec, nil
}
