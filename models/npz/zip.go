package npz

import (
	"archive/zip"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// maxMembers bounds the arrays of a file, since each takes memory however small it is.
const maxMembers = 1 << 16

// Open reads an .npz file of at most DefaultLimit bytes of arrays.
func Open(path string) (*File, error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil {
		return nil, err
	}
	f, err := Read(r, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// Read reads an .npz file of the given size, of at most DefaultLimit bytes of arrays.
func Read(r io.ReaderAt, size int64) (*File, error) { return ReadLimit(r, size, DefaultLimit) }

// ReadLimit reads an .npz file of the given size, of at most limit bytes of arrays in all; 0 means
// DefaultLimit.
func ReadLimit(r io.ReaderAt, size, limit int64) (*File, error) {
	if limit <= 0 {
		limit = DefaultLimit
	}
	z, err := zip.NewReader(io.NewSectionReader(r, 0, size), size) // which also keeps hostile offsets inside
	if err != nil {
		return nil, zipError(err)
	}
	if len(z.File) > maxMembers {
		return nil, fmt.Errorf("%d members, more than %d: %w", len(z.File), maxMembers, ErrTooLarge)
	}
	if err := checkPlaces(z.File); err != nil {
		return nil, err
	}
	f := &File{Members: make([]Member, 0, len(z.File))}
	seen := make(map[string]bool, len(z.File))
	for _, m := range z.File {
		name, ok := strings.CutSuffix(m.Name, ".npy")
		if !ok {
			return nil, fmt.Errorf("member %q: not an .npy file: %w", m.Name, ErrUnsupported)
		}
		if seen[name] {
			return nil, fmt.Errorf("member %q: there twice: %w", m.Name, ErrMalformed)
		}
		seen[name] = true
		a, err := readMember(m, limit)
		if err != nil {
			return nil, fmt.Errorf("member %q: %w", m.Name, err)
		}
		limit -= int64(len(a.Data))
		f.Members = append(f.Members, Member{name, a})
	}
	return f, nil
}

// checkPlaces refuses members that share bytes: a small file of them unpacks to a very
// large one.
func checkPlaces(files []*zip.File) error {
	type place struct {
		from, to int64
		name     string
	}
	s := make([]place, len(files))
	for i, m := range files {
		from, err := m.DataOffset()
		if err != nil {
			return fmt.Errorf("member %q: %w", m.Name, zipError(err))
		}
		s[i] = place{from, from + int64(m.CompressedSize64), m.Name}
		if s[i].to < from {
			return fmt.Errorf("member %q: %d bytes: %w", m.Name, m.CompressedSize64, ErrMalformed)
		}
	}
	slices.SortFunc(s, func(a, b place) int {
		if a.from != b.from {
			return int(max(-1, min(1, a.from-b.from)))
		}
		return int(max(-1, min(1, a.to-b.to)))
	})
	for i := 1; i < len(s); i++ {
		if s[i].from < s[i-1].to {
			return fmt.Errorf("members %q and %q lie over each other: %w", s[i-1].name, s[i].name, ErrMalformed)
		}
	}
	return nil
}

func readMember(m *zip.File, limit int64) (Array, error) {
	if m.Flags&1 != 0 {
		return Array{}, fmt.Errorf("encrypted: %w", ErrUnsupported)
	}
	r, err := m.Open()
	if err != nil {
		return Array{}, zipError(err)
	}
	defer r.Close()
	if limit <= 0 {
		limit = 1 // so that empty arrays still fit
	}
	a, err := ReadArray(r, limit)
	if err != nil {
		return Array{}, zipError(err)
	}
	return a, nil
}

// zipError says of the zip and deflate readers' errors which of this package's they are.
func zipError(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, ErrMalformed), errors.Is(err, ErrUnsupported), errors.Is(err, ErrTooLarge):
		return err
	case errors.Is(err, zip.ErrAlgorithm):
		return fmt.Errorf("%w: %w", err, ErrUnsupported)
	case errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrChecksum), errors.As(err, &corrupt),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: %w", err, ErrMalformed)
	}
	return err
}

// Write writes an .npz file, deflated. The same members give the same bytes.
func Write(w io.Writer, members []Member) error {
	z := zip.NewWriter(w)
	seen := make(map[string]bool, len(members))
	for i := range members {
		m := &members[i]
		if seen[m.Name] {
			return fmt.Errorf("member %q: there twice: %w", m.Name, ErrMalformed)
		}
		seen[m.Name] = true
		f, err := z.CreateHeader(&zip.FileHeader{Name: m.Name + ".npy", Method: zip.Deflate})
		if err != nil {
			return err
		}
		if err := WriteArray(f, m.Array); err != nil {
			return fmt.Errorf("member %q: %w", m.Name, err)
		}
	}
	return z.Close()
}
