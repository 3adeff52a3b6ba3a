package config

import "kinglet/ota"

// A section of the file is a struct, and a body that describes its keys. From the body
// follow how it is read, what is said of mistakes, `config show` and the JSON Schema. A new
// key is a field and a row, a line in configs/agent.yaml, and the schema written anew.

// body is what a section may hold.
type body struct {
	keys   []key
	choice *choice                      // more keys, by the value of one
	check  func(r *reader, path string) // of the keys together, once each is right
}

// key is a row of a section's table.
type key struct {
	name  string
	doc   string // one sentence
	need  bool   // the file must have it
	value value
}

// value is a kind of value, bound to the field that it fills.
type value interface {
	fill()                                // puts the default into the field
	read(r *reader, path string, n *node) // puts what the file says into the field, or says what is wrong
	tree(path string) branch              // what the field holds
	schema() object                       // JSON Schema
}

// choice is the keys that depend on the value of another one, as a source's on its driver.
type choice struct {
	by       string // the key that chooses; it must be there
	doc      string
	at       *string
	variants []variant
}

type variant struct {
	name string
	doc  string
	keys []key
}

func (c *choice) names() []string {
	out := make([]string, len(c.variants))
	for i, v := range c.variants {
		out[i] = v.name
	}
	return out
}

// key is the row of the key that chooses.
func (c *choice) key() key {
	return key{name: c.by, doc: c.doc, need: true, value: &enum{at: c.at, of: c.names()}}
}

// chosen returns the keys of a variant.
func (c *choice) chosen(name string) ([]key, bool) {
	for _, v := range c.variants {
		if v.name == name {
			return v.keys, true
		}
	}
	return nil, false
}

// rows are the keys that a body has now: those of the chosen variant among them.
func (b body) rows() []key {
	if b.choice == nil {
		return b.keys
	}
	chosen, _ := b.choice.chosen(*b.choice.at)
	return append(append([]key{b.choice.key()}, b.keys...), chosen...)
}

// all are the keys that a body can have.
func (b body) all() []key {
	if b.choice == nil {
		return b.keys
	}
	out := append([]key{b.choice.key()}, b.keys...)
	for _, v := range b.choice.variants {
		out = append(out, v.keys...)
	}
	return out
}

func (b body) fill() {
	for _, k := range b.rows() {
		k.value.fill()
	}
}

func names(keys []key) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.name
	}
	return out
}

// section is a value that is a mapping of known keys.
type section struct{ body }

func (s section) read(r *reader, path string, n *node) { r.body(s.body, path, n) }

// named is a value that is a mapping of names of the user's own to sections.
type named[T any] struct {
	at   *map[string]T
	of   func(*T) body
	what string // such as "a source"
	need bool   // at least one
}

func (m *named[T]) fill() { *m.at = map[string]T{} }

func (m *named[T]) wanted() string { return "at least one" }

const wantName = "a name of 1 to 64 of a-z, 0-9, - and _, a letter or digit first"

func (m *named[T]) read(r *reader, path string, n *node) {
	if n.kind != mapping && n.kind != nothing {
		r.unread[path] = true
		r.fail(n.at, path, "", "found %s, want a mapping from the name of %s to its keys", n.describe(), m.what)
		return
	}
	if m.need && len(n.entries) == 0 {
		r.fail(n.at, path, "", "found none, want %s", m.wanted())
	}
	for _, e := range r.distinct(path, n) {
		at := join(path, e.key.text)
		if !ota.ValidName(e.key.text) {
			r.fail(e.key.at, at, didYouMean(mendName(e.key.text)), "found %s, want %s", quote(e.key.text), wantName)
		}
		r.define(path, e.key)
		v := new(T)
		r.body(m.of(v), at, e.value)
		(*m.at)[e.key.text] = *v
	}
}
