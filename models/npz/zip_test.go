package npz

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"kinglet/models/graph"
)

func packed(t testing.TB, members ...Member) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, members); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(b []byte, limit int64) (*File, error) {
	return ReadLimit(bytes.NewReader(b), int64(len(b)), limit)
}

// TestReadDamaged flips each byte of a file and cuts it everywhere: it is refused with a
// kind, or what was flipped does not matter.
func TestReadDamaged(t *testing.T) {
	good := packed(t, Member{"a", Array{graph.Int16, []int{3}, []byte("abcdef")}}, Member{"b", Array{graph.Int8, []int{}, []byte("x")}})
	ours := func(err error) bool {
		return errors.Is(err, ErrMalformed) || errors.Is(err, ErrUnsupported) || errors.Is(err, ErrTooLarge)
	}
	for i := range good {
		if _, err := read(good[:i], 0); !ours(err) {
			t.Errorf("cut at %d: %v", i, err)
		}
		bad := bytes.Clone(good)
		bad[i] ^= 0x55
		if _, err := read(bad, 0); err != nil && !ours(err) {
			t.Errorf("byte %d: %v", i, err)
		}
	}
}

// TestReadBomb refuses files that unpack to more than is allowed, without unpacking them.
func TestReadBomb(t *testing.T) {
	zeros := Array{graph.UInt8, []int{64 << 20}, make([]byte, 64<<20)}
	bomb := packed(t, Member{"a", zeros}, Member{"b", zeros})
	if len(bomb) > 1<<20 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	if _, err := read(bomb, 100<<20); !errors.Is(err, ErrTooLarge) {
		t.Errorf("two arrays of 64 MiB within 100 MiB: %v", err)
	}
	if _, err := read(bomb, 128<<20); err != nil {
		t.Errorf("two arrays of 64 MiB within 128 MiB: %v", err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := read(bomb, 1<<20); !errors.Is(err, ErrTooLarge) {
		t.Errorf("an array of 64 MiB within 1 MiB: %v", err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("a refusal took %d bytes", n)
	}
}

// TestReadOverlapping refuses a directory whose entries share one member's bytes.
func TestReadOverlapping(t *testing.T) {
	good := packed(t, Member{"a", Array{graph.Int8, []int{4}, []byte("abcd")}}, Member{"b", Array{graph.Int8, []int{4}, []byte("abcd")}})
	// The second entry of the central directory gets the first one's place (offset 42 of the entry).
	sig := []byte("PK\x01\x02")
	first := bytes.Index(good, sig)
	second := first + 4 + bytes.Index(good[first+4:], sig)
	copy(good[second+42:second+46], good[first+42:first+46])
	if _, err := read(good, 0); !errors.Is(err, ErrMalformed) {
		t.Errorf("%v, want %v", err, ErrMalformed)
	}
}

// TestReadRefuses tells what a zip may hold.
func TestReadRefuses(t *testing.T) {
	zipped := func(names ...string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range names {
			w, err := z.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := WriteArray(w, Array{graph.Int8, []int{1}, []byte{1}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	encrypted := zipped("a.npy")
	encrypted[bytes.Index(encrypted, []byte("PK\x01\x02"))+8] |= 1
	method := zipped("a.npy")
	method[bytes.Index(method, []byte("PK\x01\x02"))+10] = 93 // zstd
	for _, test := range []struct {
		name string
		file []byte
		want error
	}{
		{"empty", nil, ErrMalformed},
		{"not a zip", []byte("not a zip at all, but long enough to be looked at"), ErrMalformed},
		{"another file in it", zipped("a.npy", "readme.txt"), ErrUnsupported},
		{"a name twice", zipped("a.npy", "a.npy"), ErrMalformed},
		{"encrypted", encrypted, ErrUnsupported},
		{"another method", method, ErrUnsupported},
	} {
		if _, err := read(test.file, 0); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

// TestOpenConformance reads every golden file that is beside the project.
func TestOpenConformance(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/conformance/*/*/*.npz")
	if len(files) == 0 {
		t.Skip("no conformance folder beside the project")
	}
	for _, p := range files {
		if _, err := Open(p); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d files", len(files))
}

// FuzzRead reads any bytes as an .npz and as an .npy file: no panic, little memory, and what
// was read is written and read again as it was.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"stored.npz", "deflated.npz"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }", "....")))
	f.Add(packed(f, Member{"a", Array{graph.Int16, []int{3}, []byte("abcdef")}}))
	const limit = 1 << 20
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, err := ReadArray(bytes.NewReader(b), limit); err == nil {
			var w bytes.Buffer
			if err := WriteArray(&w, a); err != nil {
				t.Fatal(err)
			}
		}
		file, err := read(b, limit)
		if err != nil {
			return
		}
		again, err := read(packed(t, file.Members...), limit)
		if err != nil {
			t.Fatal(err)
		}
		for i := range file.Members {
			x, y := &file.Members[i], &again.Members[i]
			if x.Name != y.Name || x.Type != y.Type || !bytes.Equal(x.Data, y.Data) {
				t.Errorf("%q changed", x.Name)
			}
		}
	})
}
