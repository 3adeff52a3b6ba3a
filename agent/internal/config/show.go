package config

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/token"
)

func timeOf(d Duration) time.Duration { return time.Duration(d) }

// YAML is the effective configuration with every default filled in. Read again, it gives
// the same value. A comment tells where each value comes from.
func (f *File) YAML() string {
	if f.Config == nil {
		return ""
	}
	var b strings.Builder
	for i, section := range f.Config.body().tree("").fields {
		if i > 0 {
			b.WriteByte('\n')
		}
		f.write(&b, section, "")
	}
	return b.String()
}

// originColumn is where the comments stand.
const originColumn = 42

func (f *File) write(b *strings.Builder, v branch, indent string) {
	line := indent + yamlText(v.name) + ":"
	if v.leaf == nil && len(v.fields) > 0 {
		b.WriteString(line + "\n")
		for _, field := range v.fields {
			f.write(b, field, indent+"  ")
		}
		return
	}
	switch leaf := v.leaf.(type) {
	case nil:
		line += " {}"
	case json.Number:
		line += " " + leaf.String()
	case string:
		line += " " + yamlText(leaf)
	case []string:
		words := make([]string, len(leaf))
		for i, w := range leaf {
			words[i] = yamlText(w)
		}
		line += " [" + strings.Join(words, ", ") + "]"
	}
	origin := "default"
	if at, ok := f.places[v.path]; ok {
		origin = fmt.Sprintf("line %d", at.line)
	}
	pad := max(1, originColumn-utf8.RuneCountInString(line))
	b.WriteString(line + strings.Repeat(" ", pad) + "# " + origin + "\n")
}

// yamlText is text as YAML writes it, without quotes where it needs none.
func yamlText(s string) string {
	safe := regexp.MustCompile(`^[A-Za-z0-9_/.][A-Za-z0-9_/.%@+-]*(:[A-Za-z0-9_/.%@+-]+)*$`)
	if safe.MatchString(s) && token.New(s, s, &token.Position{}).Type == token.StringType {
		return s
	}
	return string(jsonText(s))
}

// jsonText is a value in JSON, without the escapes that only HTML needs.
func jsonText(v any) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil // not for text, numbers and lists of them
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

// JSON is the effective configuration for programs. It can be read as a file, too.
func (f *File) JSON() any {
	if f.Config == nil {
		return nil
	}
	return f.Config.body().tree("").object()
}

func (v branch) object() any {
	if v.leaf != nil {
		return v.leaf
	}
	out := object{}
	for _, f := range v.fields {
		out = append(out, field{f.name, f.object()})
	}
	return out
}
