package chunk

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func noise(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func split(t testing.TB, file []byte) ([]Ref, map[string][]byte) {
	t.Helper()
	p, err := NewPacker()
	if err != nil {
		t.Fatal(err)
	}
	store := map[string][]byte{}
	refs := p.Split(file, func(r Ref, packed []byte) { store[r.Digest] = bytes.Clone(packed) })
	return refs, store
}

func TestSplitAndUnpackRoundTrip(t *testing.T) {
	for _, file := range [][]byte{nil, {1}, noise(1, MinRaw), noise(2, MaxRaw+1), noise(3, 1<<20), make([]byte, 3*MaxRaw+5)} {
		refs, store := split(t, file)
		u, err := NewUnpacker(MaxRaw)
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		for _, r := range refs {
			if err := r.Check(MaxRaw); err != nil {
				t.Fatalf("%d bytes: %v", len(file), err)
			}
			if got, err = u.Unpack(got, r, store[r.Digest]); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got, file) {
			t.Fatalf("%d bytes came back as %d others", len(file), len(got))
		}
		u.Close()
	}
}

func TestCutsFollowContent(t *testing.T) {
	a := noise(7, 2<<20)
	b := append(append(bytes.Clone(a[:1<<20]), 1, 2, 3), a[1<<20:]...)
	ra, sa := split(t, a)
	rb, _ := split(t, b)
	fresh := 0
	for _, r := range rb {
		if _, ok := sa[r.Digest]; !ok {
			fresh++
		}
	}
	if fresh > 4 {
		t.Errorf("inserting 3 bytes changed %d of %d chunks", fresh, len(rb))
	}
	if mean := len(a) / len(ra); mean < 24<<10 || mean > 96<<10 {
		t.Errorf("mean chunk is %d bytes", mean)
	}
}

func TestUnpackTellsTruncatedFromChanged(t *testing.T) {
	refs, store := split(t, noise(9, 20000))
	r := refs[0]
	packed := store[r.Digest]
	changed := bytes.Clone(packed)
	changed[len(changed)/2] ^= 1
	u, err := NewUnpacker(MaxRaw)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		bytes []byte
		want  error
	}{
		{"half", packed[:len(packed)/2], ErrTruncated},
		{"empty", nil, ErrTruncated},
		{"flipped bit", changed, ErrDigest},
		{"one byte more", append(bytes.Clone(packed), 0), ErrDigest},
	} {
		if _, err := u.Unpack(nil, r, tt.bytes); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestBombIsRefused(t *testing.T) {
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	frame := enc.EncodeAll(make([]byte, 1<<20), nil)
	many := bytes.Repeat(enc.EncodeAll(make([]byte, MaxRaw), nil), 200)
	streamed := new(bytes.Buffer)
	w, err := zstd.NewWriter(streamed)
	if err != nil {
		t.Fatal(err)
	}
	for range 64 {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	u, err := NewUnpacker(MaxRaw)
	if err != nil {
		t.Fatal(err)
	}
	for name, bomb := range map[string][]byte{"one frame": frame, "many frames": many, "unknown size": streamed.Bytes()} {
		if len(bomb) > MaxPacked {
			bomb = bomb[:MaxPacked]
		}
		r := Ref{Digest: Digest(bomb), Packed: len(bomb), Raw: MaxRaw}
		if _, err := u.Unpack(nil, r, bomb); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	refs, store := split(f, noise(4, 5000))
	f.Add(store[refs[0].Digest], refs[0].Raw)
	f.Add([]byte{0x28, 0xb5, 0x2f, 0xfd}, 10)
	u, err := NewUnpacker(MaxRaw)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, packed []byte, raw int) {
		out, err := u.Unpack(nil, Ref{Digest: Digest(packed), Packed: len(packed), Raw: raw}, packed)
		if err == nil && len(out) != raw {
			t.Fatalf("%d bytes, want %d", len(out), raw)
		}
	})
}

func FuzzIndex(f *testing.F) {
	refs, _ := split(f, noise(4, 50000))
	b, err := Index{Schema: IndexSchema, Model: refs}.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b, int64(50000), int64(0))
	f.Add([]byte(`{"schema":1,"model":[null],"answers":[{"raw":-1}]}`), int64(0), int64(0))
	f.Fuzz(func(t *testing.T, raw []byte, model, answers int64) {
		x, err := ParseIndex(raw, model, answers)
		if err != nil {
			return
		}
		var sum int64
		for _, r := range x.Model {
			sum += int64(r.Raw)
		}
		if sum != model {
			t.Fatalf("sum %d, want %d", sum, model)
		}
	})
}
