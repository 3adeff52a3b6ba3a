package npz

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"kinglet/models/graph"
)

// header is what an .npy file says about its array: a Python dictionary of three keys,
// written as text.
type header struct {
	kind    graph.Type
	big     bool // big-endian
	fortran bool
	shape   []int
}

// descrs are numpy's type codes, without the byte order.
var descrs = [...]struct {
	code string
	kind graph.Type
}{
	{"b1", graph.Bool},
	{"i1", graph.Int8},
	{"u1", graph.UInt8},
	{"i2", graph.Int16},
	{"u2", graph.UInt16},
	{"i4", graph.Int32},
	{"u4", graph.UInt32},
	{"i8", graph.Int64},
	{"u8", graph.UInt64},
	{"f2", graph.Float16},
	{"f4", graph.Float32},
	{"f8", graph.Float64},
	{"c8", graph.Complex64},
	{"c16", graph.Complex128},
}

// parseHeader reads the dictionary, as in
// {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.
func parseHeader(text string) (header, error) {
	p := parser{rest: text}
	var h header
	seen := map[string]bool{}
	p.expect("{")
	for !p.accept("}") && p.err == nil {
		key := p.quoted()
		if p.expect(":"); p.err != nil {
			break
		}
		if seen[key] {
			p.fail("key %q twice", key)
		}
		seen[key] = true
		switch key {
		case "descr":
			p.descr(&h)
		case "fortran_order":
			h.fortran = p.bool()
		case "shape":
			h.shape = p.tuple()
		default:
			p.fail("unknown key %q", key)
		}
		if !p.accept(",") {
			p.expect("}")
			break
		}
	}
	if p.err == nil && strings.TrimRight(p.rest, " \n") != "" {
		p.fail("%.20q after the dictionary", p.rest)
	}
	if p.err == nil && len(seen) != 3 {
		p.fail("a key is missing: want descr, fortran_order, shape")
	}
	return h, p.err
}

// parser takes tokens off the front of a text and keeps the first error.
type parser struct {
	rest string
	err  error
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("header: "+format+": %w", append(args, ErrMalformed)...)
	}
}

func (p *parser) space() { p.rest = strings.TrimLeft(p.rest, " ") }

func (p *parser) accept(s string) bool {
	p.space()
	if p.err != nil || !strings.HasPrefix(p.rest, s) {
		return false
	}
	p.rest = p.rest[len(s):]
	return true
}

func (p *parser) expect(s string) {
	if !p.accept(s) {
		p.fail("%.20q, want %q", p.rest, s)
	}
}

// quoted takes a string without escapes.
func (p *parser) quoted() string {
	for _, q := range []string{"'", `"`} {
		if !p.accept(q) {
			continue
		}
		s, rest, ok := strings.Cut(p.rest, q)
		if !ok || strings.ContainsAny(s, "\\\n") {
			break
		}
		p.rest = rest
		return s
	}
	p.fail("%.20q, want a string", p.rest)
	return ""
}

func (p *parser) bool() bool {
	if p.accept("True") {
		return true
	}
	if !p.accept("False") {
		p.fail("%.20q, want True or False", p.rest)
	}
	return false
}

// descr takes the type.
func (p *parser) descr(h *header) {
	p.space()
	if strings.HasPrefix(p.rest, "[") {
		p.unsupported("an array of records")
		return
	}
	s := p.quoted()
	if p.err != nil {
		return
	}
	if len(s) < 2 || !strings.ContainsRune("<>|=", rune(s[0])) {
		p.fail("type %q", s)
		return
	}
	for _, d := range descrs {
		if d.code == s[1:] && (s[0] != '|' || d.kind.Bits() == 8) {
			h.kind, h.big = d.kind, s[0] == '>'
			return
		}
	}
	p.unsupported("type %q", s)
}

func (p *parser) unsupported(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("header: "+format+": %w", append(args, ErrUnsupported)...)
	}
}

// tuple takes the shape.
func (p *parser) tuple() []int {
	s := []int{}
	p.expect("(")
	for !p.accept(")") && p.err == nil {
		s = append(s, p.int())
		if len(s) > maxRank {
			p.fail("more than %d dimensions", maxRank)
		}
		if p.accept(",") {
			continue
		}
		if len(s) == 1 {
			p.fail("shape is a number, want a tuple")
		}
		p.expect(")")
		break
	}
	return s
}

// int takes a decimal number, which Python 2 ends with an L where it is long.
func (p *parser) int() int {
	p.space()
	n := 0
	for n < len(p.rest) && p.rest[n] >= '0' && p.rest[n] <= '9' {
		n++
	}
	v, err := strconv.ParseInt(p.rest[:n], 10, 64)
	if err != nil {
		p.fail("%.20q, want a dimension", p.rest)
		return 0
	}
	if v > math.MaxInt && p.err == nil {
		p.err = fmt.Errorf("header: dimension %d: %w", v, ErrTooLarge)
	}
	p.rest = p.rest[n:]
	p.accept("L")
	return int(v)
}
