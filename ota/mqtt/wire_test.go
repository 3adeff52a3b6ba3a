package mqtt

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"testing/iotest"
)

// stream is a connection that only gives bytes.
type stream struct {
	net.Conn
	io.Reader
}

func (s stream) Read(p []byte) (int, error) { return s.Reader.Read(p) }

func TestWire(t *testing.T) {
	small, large := packet("a", 20), packet("b/c", 1000)
	ping := []byte{0xd0, 0}
	for _, tt := range []struct {
		name     string
		in, want []byte
		oversize int
		fails    bool
	}{
		{"what fits passes unchanged", bytes.Join([][]byte{small, ping, small}, nil), bytes.Join([][]byte{small, ping, small}, nil), 0, false},
		{"a large PUBLISH is left out", bytes.Join([][]byte{small, large, ping, large}, nil), append(bytes.Clone(small), ping...), 2, false},
		{"another large packet ends it", append(bytes.Clone(ping), binary.AppendUvarint([]byte{0x90}, 5000)...), ping, 0, true},
		{"a length of five bytes", []byte{0x30, 0xff, 0xff, 0xff, 0xff, 1}, nil, 0, true},
		{"cut within a header", []byte{0x30}, nil, 0, false},
		{"cut within a large packet", large[:50], nil, 0, false},
		{"a topic longer than its packet", append(binary.AppendUvarint([]byte{0x30}, 500), append([]byte{0xff, 0xff}, make([]byte, 498)...)...), nil, 0, false},
	} {
		for name, r := range map[string]io.Reader{"": bytes.NewReader(tt.in), " byte by byte": iotest.OneByteReader(bytes.NewReader(tt.in))} {
			n := 0
			w := newWire(stream{Reader: r}, 100, func(topic string, size int) {
				n++
				if topic != "b/c" || size != 1005 {
					t.Errorf("%s: %q of %d bytes", tt.name, topic, size)
				}
			})
			got, err := io.ReadAll(w)
			if !bytes.Equal(got, tt.want) || n != tt.oversize || (err != nil && err != io.ErrUnexpectedEOF) != tt.fails {
				t.Errorf("%s%s: got %x, %d oversize, %v", tt.name, name, got, n, err)
			}
		}
	}
}

func FuzzWire(f *testing.F) {
	f.Add(packet("a", 20))
	f.Add(packet("a/b", 1000))
	f.Add([]byte{0x30, 0x80, 0x80, 0x80, 0x01})
	f.Fuzz(func(t *testing.T, in []byte) {
		w := newWire(stream{Reader: bytes.NewReader(in)}, 100, func(string, int) {})
		got, _ := io.ReadAll(w)
		if len(got) > len(in) {
			t.Fatalf("%d bytes from %d", len(got), len(in))
		}
		for r := bytes.NewReader(got); r.Len() > 0; {
			if _, err := r.ReadByte(); err != nil {
				break
			}
			size, err := binary.ReadUvarint(r)
			if err != nil {
				break
			}
			if size > 100 {
				t.Fatalf("a packet of %d bytes passed", size)
			}
			if _, err := r.Seek(int64(size), io.SeekCurrent); err != nil || int64(r.Len()) <= 0 {
				break
			}
		}
	})
}
