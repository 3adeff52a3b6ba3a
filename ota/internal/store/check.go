package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// The layout of a bbolt file: internal/common/{meta,page}.go of go.etcd.io/bbolt v1.5.
const (
	boltMagic   = 0xED0CDAED
	boltVersion = 2

	pageHeader = 16 // id u64, flags u16, count u16, overflow u32
	metaSize   = 64 // magic, version, pageSize, flags u32; root, sequence, freelist, pgid, txid, checksum u64
	elemSize   = 16 // branch: pos, ksize u32, pgid u64; leaf: flags, pos, ksize, vsize u32

	flagBranch   = 0x01
	flagLeaf     = 0x02
	flagFreelist = 0x10

	leafBucket   = 0x01
	bucketHeader = 16 // root u64, sequence u64

	noFreelist = ^uint64(0)

	maxDepth = 32
)

// Check verifies the structure of a bbolt file by plain reads, before it is mapped: both
// bounds of every page and element, each page reached once, the free list apart from them.
// It reads one page, and the element table, of each run of pages, so its cost is bounded
// by the file's length and is a small part of that for a file of large values. What is wrong wraps
// ErrCorrupt. An empty file is in order: bbolt makes a new one of it.
func Check(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: not a regular file", path)
	}
	if info.Size() == 0 {
		return nil
	}
	c := &checker{f: f, size: info.Size()}
	if err := c.check(); err != nil {
		var io ioError
		if errors.As(err, &io) {
			return fmt.Errorf("%s: %w", path, err)
		}
		return fmt.Errorf("%s: %w: %w", path, ErrCorrupt, err)
	}
	return nil
}

// ioError is a disk that does not read, which moving the file aside would not cure.
type ioError struct{ error }

type checker struct {
	f        *os.File
	size     int64
	pageSize int64
	pages    uint64 // high water mark
	seen     []bool
}

func (c *checker) check() error {
	m, err := c.meta()
	if err != nil {
		return err
	}
	c.seen = make([]bool, c.pages)
	c.seen[0], c.seen[1] = true, true
	if err := c.tree(m.root, 0); err != nil {
		return err
	}
	if m.freelist == noFreelist {
		// bbolt would rebuild it in a goroutine of its own, whose panics nobody can catch.
		return errors.New("no free list")
	}
	return c.freelist(m.freelist)
}

type boltMeta struct {
	pageSize             uint32
	root, freelist, pgid uint64
	txid                 uint64
}

// meta picks the newer of the two meta pages that are valid.
func (c *checker) meta() (boltMeta, error) {
	var best boltMeta
	found := false
	var last error
	try := func(off int64) (boltMeta, error) {
		b, err := c.read(off, pageHeader+metaSize)
		if err != nil {
			return boltMeta{}, err
		}
		b = b[pageHeader:]
		le := binary.LittleEndian
		h := fnv.New64a()
		h.Write(b[:metaSize-8])
		m := boltMeta{pageSize: le.Uint32(b[8:]), root: le.Uint64(b[16:]), freelist: le.Uint64(b[32:]),
			pgid: le.Uint64(b[40:]), txid: le.Uint64(b[48:])}
		switch {
		case le.Uint32(b) != boltMagic || le.Uint32(b[4:]) != boltVersion:
			return m, errors.New("no bbolt file")
		case le.Uint64(b[56:]) != h.Sum64():
			return m, errors.New("checksum of a meta page does not fit")
		case m.pageSize < 1<<10 || m.pageSize > 1<<16 || m.pageSize&(m.pageSize-1) != 0:
			return m, fmt.Errorf("page size %d", m.pageSize)
		}
		return m, nil
	}
	m, err := try(0)
	if err == nil {
		best, found = m, true
		if m, err = try(int64(m.pageSize)); err == nil && m.pageSize == best.pageSize && m.txid > best.txid {
			best = m
		}
	} else {
		// Page 0 is broken; its twin lies one page on, whatever the page size.
		last = err
		for size := int64(1 << 10); size <= 1<<16 && !found; size <<= 1 {
			if m, err := try(size); err == nil && int64(m.pageSize) == size {
				best, found = m, true
			}
		}
	}
	var io ioError
	if !found || errors.As(last, &io) {
		return best, last
	}
	c.pageSize = int64(best.pageSize)
	if best.pgid < 3 || best.pgid > uint64(c.size/c.pageSize) {
		return best, fmt.Errorf("truncated: %d pages of %d bytes do not fit in %d bytes", best.pgid, c.pageSize, c.size)
	}
	c.pages = best.pgid
	return best, nil
}

func (c *checker) read(off int64, n int) ([]byte, error) {
	if off < 0 || off+int64(n) > c.size {
		return nil, fmt.Errorf("truncated: %d bytes at %d, the file has %d", n, off, c.size)
	}
	b := make([]byte, n)
	if _, err := c.f.ReadAt(b, off); err != nil && !errors.Is(err, io.EOF) {
		return nil, ioError{err}
	} else if err != nil {
		return nil, fmt.Errorf("at %d: %w", off, err)
	}
	return b, nil
}

type page struct {
	id    uint64
	flags uint16
	count int
	run   int64  // bytes with overflow
	elems []byte // element table
}

// claim marks a run of pages as reached and gives its header and element table.
func (c *checker) claim(id uint64, elem int) (page, error) {
	if id < 2 || id >= c.pages {
		return page{}, fmt.Errorf("page %d: out of range 2 to %d", id, c.pages-1)
	}
	off := int64(id) * c.pageSize
	b, err := c.read(off, int(c.pageSize))
	if err != nil {
		return page{}, err
	}
	le := binary.LittleEndian
	p := page{id: le.Uint64(b), flags: le.Uint16(b[8:]), count: int(le.Uint16(b[10:]))}
	overflow := uint64(le.Uint32(b[12:]))
	if p.id != id {
		return p, fmt.Errorf("page %d says it is page %d", id, p.id)
	}
	if overflow >= c.pages-id {
		return p, fmt.Errorf("page %d: %d more pages go beyond the end", id, overflow)
	}
	for i := id; i <= id+overflow; i++ {
		if c.seen[i] {
			return p, fmt.Errorf("page %d is used twice", i)
		}
		c.seen[i] = true
	}
	p.run = int64(overflow+1) * c.pageSize
	table := int64(p.count) * int64(elem)
	if pageHeader+table > p.run {
		return p, fmt.Errorf("page %d: %d elements do not fit in %d bytes", id, p.count, p.run)
	}
	if pageHeader+table > int64(len(b)) {
		if b, err = c.read(off, int(pageHeader+table)); err != nil {
			return p, err
		}
	}
	p.elems = b[pageHeader : pageHeader+table]
	return p, nil
}

func (c *checker) tree(id uint64, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("page %d: tree deeper than %d", id, maxDepth)
	}
	p, err := c.claim(id, elemSize)
	if err != nil {
		return err
	}
	switch p.flags {
	case flagBranch:
		if p.count == 0 {
			return fmt.Errorf("page %d: empty branch", id)
		}
		for i := range p.count {
			e := p.elems[i*elemSize:]
			pos, key := binary.LittleEndian.Uint32(e), binary.LittleEndian.Uint32(e[4:])
			if end := pageHeader + int64(i*elemSize) + int64(pos) + int64(key); end > p.run {
				return fmt.Errorf("page %d: element %d ends at %d of %d", id, i, end, p.run)
			}
			if err := c.tree(binary.LittleEndian.Uint64(e[8:]), depth+1); err != nil {
				return err
			}
		}
	case flagLeaf:
		read := func(off int64, n int) ([]byte, error) { return c.read(int64(id)*c.pageSize+off, n) }
		return c.leaf(fmt.Sprintf("page %d", id), p.count, p.elems, p.run, read, depth)
	default:
		return fmt.Errorf("page %d: type %#x in a tree", id, p.flags)
	}
	return nil
}

// leaf checks the elements of a leaf page, which lies in the file or within a value.
func (c *checker) leaf(where string, count int, elems []byte, run int64, read func(off int64, n int) ([]byte, error), depth int) error {
	for i := range count {
		e := elems[i*elemSize:]
		le := binary.LittleEndian
		flags, pos, key, val := le.Uint32(e), le.Uint32(e[4:]), le.Uint32(e[8:]), le.Uint32(e[12:])
		start := pageHeader + int64(i*elemSize) + int64(pos)
		value := start + int64(key)
		if end := value + int64(val); end > run {
			return fmt.Errorf("%s: element %d ends at %d of %d", where, i, end, run)
		}
		if flags&leafBucket == 0 {
			continue
		}
		if val < bucketHeader {
			return fmt.Errorf("%s: element %d: a bucket of %d bytes", where, i, val)
		}
		b, err := read(value, bucketHeader)
		if err != nil {
			return err
		}
		if root := le.Uint64(b); root != 0 {
			if err := c.tree(root, depth+1); err != nil {
				return err
			}
			continue
		}
		if depth > maxDepth || val < bucketHeader+pageHeader {
			return fmt.Errorf("%s: element %d: an inline bucket of %d bytes", where, i, val)
		}
		if b, err = read(value+bucketHeader, int(val-bucketHeader)); err != nil {
			return err
		}
		n := int(le.Uint16(b[10:]))
		if le.Uint16(b[8:]) != flagLeaf || pageHeader+n*elemSize > len(b) {
			return fmt.Errorf("%s: element %d: a broken inline bucket", where, i)
		}
		inner := func(off int64, n int) ([]byte, error) {
			if off < 0 || off+int64(n) > int64(len(b)) {
				return nil, fmt.Errorf("%s: element %d: out of its inline bucket", where, i)
			}
			return b[off : off+int64(n)], nil
		}
		if err := c.leaf(where, n, b[pageHeader:], int64(len(b)), inner, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// freelist checks that the free pages are in range, and neither used nor listed twice.
func (c *checker) freelist(id uint64) error {
	p, err := c.claim(id, 8)
	if err != nil {
		return err
	}
	if p.flags != flagFreelist {
		return fmt.Errorf("page %d: type %#x, want the free list", id, p.flags)
	}
	ids := p.elems
	if p.count == 0xFFFF { // the real count is the first element
		n := binary.LittleEndian.Uint64(ids)
		if n > uint64(p.run-pageHeader)/8-1 {
			return fmt.Errorf("page %d: %d free pages do not fit", id, n)
		}
		if ids, err = c.read(int64(id)*c.pageSize+pageHeader+8, int(n)*8); err != nil {
			return err
		}
	}
	for ; len(ids) >= 8; ids = ids[8:] {
		free := binary.LittleEndian.Uint64(ids)
		if free < 2 || free >= c.pages {
			return fmt.Errorf("free page %d: out of range", free)
		}
		if c.seen[free] {
			return fmt.Errorf("page %d is both free and used", free)
		}
		c.seen[free] = true
	}
	return nil
}
