package signal_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"os"
	"testing"

	"kinglet/models/graph"
	"kinglet/runtime/infer"
	"kinglet/runtime/signal"
)

// TestEveryLengthEqualsKissFFT compares checksums of spectra of drawn signals
// (scripts/goldens/signal.cc, Lengths).
func TestEveryLengthEqualsKissFFT(t *testing.T) {
	f, err := os.Open("testdata/rfft.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lengths := 0
	for s := bufio.NewScanner(f); s.Scan(); lengths++ {
		var length int
		var want uint64
		if _, err := fmt.Sscanf(s.Text(), "%d %x", &length, &want); err != nil {
			t.Fatal(err)
		}
		v := vector{op: "SignalRfft", options: []option{{"T", int64(graph.Int16)}, {"fft_length", int64(length)}}, runs: []run{{
			in:  []tensor{{typ: graph.Int16, shape: []int{length}}},
			out: []tensor{{typ: graph.Int16, shape: []int{length + 2}}},
		}}}
		s, err := infer.Open(v.model(), infer.Options{Custom: signal.Operators()})
		if err != nil {
			t.Fatal(err)
		}
		draw := splitmix(length)
		x := s.Inputs()[0].Bytes()
		for i := 0; i < len(x); i += 2 {
			binary.LittleEndian.PutUint16(x[i:], uint16(draw.next()))
		}
		if err := s.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		h := fnv.New64a()
		h.Write(s.Outputs()[0].Bytes())
		if h.Sum64() != want {
			t.Errorf("length %d: checksum %016x, want %016x", length, h.Sum64(), want)
		}
	}
	if lengths != 86 {
		t.Errorf("%d lengths, want 86", lengths)
	}
}

// splitmix is the generator of scripts/goldens/signal.cc.
type splitmix uint64

func (s *splitmix) next() uint64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
