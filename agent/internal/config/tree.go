package config

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// branch is a value as it is shown: a leaf, or a mapping of more.
type branch struct {
	name   string
	path   string
	leaf   any // string, json.Number or []string; nil for a mapping
	fields []branch
}

func (b body) tree(path string) branch {
	out := branch{path: path}
	for _, k := range b.rows() {
		f := k.value.tree(join(path, k.name))
		f.name = k.name
		out.fields = append(out.fields, f)
	}
	return out
}

func (s section) tree(path string) branch { return s.body.tree(path) }

func (m *named[T]) tree(path string) branch {
	out := branch{path: path}
	for _, name := range slices.Sorted(maps.Keys(*m.at)) {
		v := (*m.at)[name]
		f := m.of(&v).tree(join(path, name))
		f.name = name
		out.fields = append(out.fields, f)
	}
	return out
}

func (v *textual) tree(path string) branch   { return branch{path: path, leaf: *v.at} }
func (v *enum) tree(path string) branch      { return branch{path: path, leaf: *v.at} }
func (v *reference) tree(path string) branch { return branch{path: path, leaf: *v.at} }
func (v *texts) tree(path string) branch {
	return branch{path: path, leaf: append([]string{}, *v.at...)}
}
func (v *quantity[T]) tree(path string) branch { return branch{path: path, leaf: v.json(*v.at)} }
func (v *duration) tree(path string) branch {
	return branch{path: path, leaf: formatDuration(timeOf(*v.at))}
}

func (v *whole[T]) tree(path string) branch {
	n := strconv.FormatInt(int64(*v.at), 10)
	if *v.at > 0 {
		n = strconv.FormatUint(uint64(*v.at), 10)
	}
	return branch{path: path, leaf: json.Number(n)}
}
