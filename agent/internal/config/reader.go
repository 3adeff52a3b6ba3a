package config

import (
	"fmt"
	"slices"
	"strings"
)

// reader walks a file along the tables and gathers what is wrong with it.
type reader struct {
	*input
	problems []Problem
	places   map[string]span    // of every value that was read, by its path
	defined  map[string][]*node // names, by section
	uses     map[string][]use   // of names, by section
	unread   map[string]bool    // sections whose names are not known
}

// use is a place that names an entry of a section.
type use struct {
	path string
	node *node
}

func newReader(in *input) *reader {
	return &reader{input: in, places: map[string]span{}, defined: map[string][]*node{}, uses: map[string][]use{}, unread: map[string]bool{}}
}

func (r *reader) fail(at span, path, hint, format string, args ...any) {
	r.problems = append(r.problems, r.problem(Wrong, at, path, hint, fmt.Sprintf(format, args...)))
}

// wrong says that a scalar is not what its key wants.
func (r *reader) wrong(n *node, path, hint, want string) {
	if n.kind == text && !n.quoted && hint == "" {
		switch {
		case strings.Contains(n.text, ": "):
			hint = "is a comma missing?"
		case strings.HasSuffix(n.text, "}"), strings.HasSuffix(n.text, "]"):
			hint = "it ends with a bracket that nothing opens"
		}
	}
	r.fail(n.at, path, hint, "found %s, want %s", n.describe(), want)
}

func (r *reader) warn(at span, path, hint, format string, args ...any) {
	r.problems = append(r.problems, r.problem(Suspect, at, path, hint, fmt.Sprintf(format, args...)))
}

// place returns where a path was read, or else the place of what it belongs to.
func (r *reader) place(path string) span {
	for {
		if at, ok := r.places[path]; ok {
			return at
		}
		i := strings.LastIndexAny(path, ".[")
		if i < 0 {
			return span{1, 1, 1}
		}
		path = path[:i]
	}
}

func join(path, name string) string {
	if path == "" {
		return clip(name)
	}
	return path + "." + clip(name)
}

// distinct returns the entries of a mapping, the first of those that are given twice.
func (r *reader) distinct(path string, n *node) []entry {
	out := make([]entry, 0, len(n.entries))
	first := map[string]span{}
	for _, e := range n.entries {
		if at, ok := first[e.key.text]; ok {
			r.fail(e.key.at, join(path, e.key.text), "", "found again, want it once; it is also in line %d", at.line)
			continue
		}
		first[e.key.text] = e.key.at
		out = append(out, e)
	}
	return out
}

// body reads a section, the defaults first.
func (r *reader) body(b body, path string, n *node) {
	b.fill()
	r.places[path] = n.at
	if n.kind != mapping && n.kind != nothing {
		r.fail(n.at, path, "", "found %s, want a mapping with %s", n.describe(), either(names(b.all())))
		return
	}
	before := len(r.problems)
	entries := r.distinct(path, n)
	known, blind := b.rows(), false
	if b.choice != nil {
		known, blind = r.choose(b, path, n, entries)
	}
	mistaken := map[string]bool{} // keys that an unknown one was probably meant to be
	for _, e := range entries {
		i := slices.IndexFunc(known, func(k key) bool { return k.name == e.key.text })
		switch {
		case i < 0:
			meant := r.unknown(known, path, e.key)
			r.readAs(known, entries, path, meant, mistaken[meant], e.value)
			mistaken[meant] = true
		case b.choice != nil && e.key.text == b.choice.by: // has been read
		case !blind:
			r.places[join(path, e.key.text)] = e.value.at
			known[i].value.read(r, join(path, e.key.text), e.value)
		}
	}
	for _, k := range known {
		given := slices.ContainsFunc(entries, func(e entry) bool { return e.key.text == k.name })
		if k.need && !given && !mistaken[k.name] && !blind {
			r.missing(k, path, n)
		}
	}
	if b.check != nil && len(r.problems) == before {
		b.check(r, path)
	}
}

// readAs reads a mapping whose key is misspelt, so that what is wrong inside is said too.
func (r *reader) readAs(known []key, entries []entry, path, meant string, again bool, n *node) {
	i := slices.IndexFunc(known, func(k key) bool { return k.name == meant })
	given := slices.ContainsFunc(entries, func(e entry) bool { return e.key.text == meant })
	if i < 0 || given || again || n.kind != mapping {
		return
	}
	if known[i].value.tree("").leaf == nil {
		known[i].value.read(r, join(path, meant), n)
	}
}

// choose reads the key that decides about the others and returns those. When it says
// nothing known, all keys are known but their values are not to be read.
func (r *reader) choose(b body, path string, n *node, entries []entry) (known []key, blind bool) {
	by := b.choice.key()
	for _, e := range entries {
		if e.key.text != by.name {
			continue
		}
		r.places[join(path, by.name)] = e.value.at
		by.value.read(r, join(path, by.name), e.value)
		name := *b.choice.at
		if name == "" {
			name = closest(e.value.text, b.choice.names())
		}
		keys, ok := b.choice.chosen(name)
		if !ok {
			return b.all(), true
		}
		for _, k := range keys {
			k.value.fill()
		}
		return append(append([]key{by}, b.keys...), keys...), false
	}
	typo := slices.ContainsFunc(entries, func(e entry) bool { return closest(e.key.text, names(b.all())) == by.name })
	if !typo {
		r.missing(by, path, n)
	}
	return b.all(), true
}

// missing says that a key must be there.
func (r *reader) missing(k key, path string, n *node) {
	want := k.doc
	if v, ok := k.value.(interface{ wanted() string }); ok {
		want = v.wanted()
	}
	if path != "" {
		r.fail(n.key, join(path, k.name), "", "missing, want %s", want)
		return
	}
	r.fail(span{1, 1, 1}, k.name, "", "missing, want %s", want)
	r.problems[len(r.problems)-1].excerpt = "" // no line is at fault
}

// unknown says that a key is none of a section, and returns the one it may be meant for.
func (r *reader) unknown(known []key, path string, k *node) string {
	meant := closest(k.text, names(known))
	hint := didYouMean(meant)
	for _, row := range known {
		if s, ok := row.value.(section); ok && slices.Contains(names(s.all()), k.text) {
			meant, hint = "", "it belongs under "+row.name
		}
	}
	r.fail(k.at, join(path, k.text), hint, "unknown key, want %s", either(names(known)))
	return meant
}

// define notes a name that others may use.
func (r *reader) define(section string, name *node) {
	r.defined[section] = append(r.defined[section], name)
}

// resolve checks that every name that is used is there, and warns of those that nobody uses.
func (r *reader) resolve(section, what string) {
	all := make([]string, len(r.defined[section]))
	for i, d := range r.defined[section] {
		all[i] = d.text
	}
	if r.unread[section] {
		return
	}
	used, astray := map[string]bool{}, false
	for _, u := range r.uses[section] {
		meant := u.node.text
		if !slices.Contains(all, meant) {
			meant = closest(meant, all)
			astray = astray || meant == ""
			found := "there are none"
			if len(all) > 0 {
				found = "there is " + both(all)
			}
			r.fail(u.node.at, u.path, didYouMean(meant), "found %s, want one of the %s: %s", quote(u.node.text), section, found)
		}
		used[meant] = true
	}
	for _, d := range r.defined[section] {
		if len(used) > 0 && !astray && !used[d.text] {
			r.warn(d.at, join(section, d.text), "", "no pipeline uses this %s", what)
		}
	}
}
