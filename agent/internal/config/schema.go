package config

import (
	"bytes"
	"encoding/json"
	"strings"
)

// object is a JSON object whose fields keep their order.
type object []field

type field struct {
	name  string
	value any
}

// MarshalJSON writes the fields in order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(jsonText(f.name))
		b.WriteByte(':')
		v, err := marshal(f.value)
		if err != nil {
			return nil, err
		}
		b.Write(v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// marshal keeps the text of patterns as it is: HTML is not near.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// Schema is the JSON Schema (2020-12) of the file. What a schema cannot say, such as that
// names refer to something, `kinglet config check` says.
func Schema() ([]byte, error) {
	var c Config
	s := append(object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", "The configuration of the kinglet daemon"},
	}, c.body().schema()...)
	raw, err := marshal(s)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Indent(&out, raw, "", "  ")
	out.WriteByte('\n')
	return out.Bytes(), err
}

// schema is an object of known keys, or, where one key chooses, one of several.
func (b body) schema() object {
	b.fill()
	if b.choice == nil {
		return closed(b.keys)
	}
	var variants []any
	for _, v := range b.choice.variants {
		by := key{name: b.choice.by, doc: b.choice.doc, need: true, value: fixed(v.name)}
		rows := append(append([]key{by}, b.keys...), v.keys...)
		for _, k := range v.keys {
			k.value.fill()
		}
		variants = append(variants, append(object{{"title", v.name}, {"description", v.doc}}, closed(rows)...))
	}
	return object{{"oneOf", variants}}
}

func closed(keys []key) object {
	properties, required := object{}, []string{}
	for _, k := range keys {
		p := append(object{{"description", k.doc}}, k.value.schema()...)
		if leaf := k.value.tree("").leaf; leaf != nil && !k.need {
			p = append(p, field{"default", leaf})
		}
		properties = append(properties, field{k.name, p})
		if k.need {
			required = append(required, k.name)
		}
	}
	out := object{{"type", []string{"object", "null"}}}
	if len(required) > 0 {
		out = object{{"type", "object"}, {"required", required}}
	}
	return append(out, field{"additionalProperties", false}, field{"properties", properties})
}

func (m *named[T]) schema() object {
	var v T
	out := object{{"type", []string{"object", "null"}}}
	if m.need {
		out = object{{"type", "object"}, {"minProperties", 1}}
	}
	return append(out, field{"propertyNames", object{{"pattern", namePattern}}}, field{"additionalProperties", m.of(&v).schema()})
}

func (v *textual) schema() object {
	out := object{{"type", "string"}}
	if v.pattern != "" {
		out = append(out, field{"pattern", v.pattern})
	}
	return out
}

func (v *enum) schema() object      { return object{{"enum", v.of}} }
func (v *reference) schema() object { return object{{"type", []string{"string", "number", "boolean"}}} }

func (v *texts) schema() object {
	return object{{"type", "array"}, {"items", object{{"type", "string"}, {"minLength", 1}}}}
}

func (v *whole[T]) schema() object {
	return object{{"type", "integer"}, {"minimum", v.min}, {"maximum", v.max}}
}

func (v *quantity[T]) schema() object {
	bare := object{{"type", "number"}, {"minimum", v.min}, {"maximum", v.max}}
	var units []string
	for _, u := range v.units {
		if u.name != "" {
			units = append(units, u.name)
		}
	}
	if len(units) == 0 {
		return bare
	}
	with := object{{"type", "string"}, {"pattern", "^" + numberPattern + " ?(" + strings.Join(units, "|") + ")$"}}
	if !v.bare {
		return with
	}
	return object{{"anyOf", []any{bare, with}}}
}

func (v *duration) schema() object {
	with := object{{"type", "string"}, {"pattern", durationPattern}}
	if v.min > 0 {
		return with
	}
	return object{{"anyOf", []any{object{{"const", 0}}, with}}}
}

// fixed is a value that can be but one word.
type fixed string

func (v fixed) fill()                       {}
func (v fixed) read(*reader, string, *node) {}
func (v fixed) tree(path string) branch     { return branch{path: path, leaf: string(v)} }
func (v fixed) schema() object              { return object{{"const", string(v)}} }
