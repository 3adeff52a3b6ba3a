package config

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// kind is what a node of a file is.
type kind uint8

const (
	nothing kind = iota // null, or no value at all
	text
	number
	boolean
	list
	mapping
)

// node is a value of a file with its place.
type node struct {
	kind    kind
	text    string // of a scalar: a number as it is written
	quoted  bool
	at      span
	key     span // of the key that has it as its value; zero when none has
	items   []*node
	entries []entry
}

type entry struct{ key, value *node }

// describe says what was found.
func (n *node) describe() string {
	switch n.kind {
	case nothing:
		return "nothing"
	case list:
		return "a list"
	case mapping:
		return "a mapping"
	case text:
		return quote(n.text)
	}
	return clip(n.text)
}

func quote(s string) string { return fmt.Sprintf("%q", clip(s)) }

// clip bounds what is said of a text.
func clip(s string) string {
	if utf8.RuneCountInString(s) > 60 {
		return string([]rune(s)[:57]) + "..."
	}
	return s
}

// read makes a file's text into nodes. It stops at the first fault of the YAML, because
// what follows would be guesses. The document of an empty file is nothing.
func (s *input) read() (root *node, bad []Problem) {
	root = &node{at: span{1, 1, 0}}
	defer func() { // the library has been seen to panic on hostile bytes
		if r := recover(); r != nil {
			bad = []Problem{{File: s.name, Level: Wrong, Message: "not readable as YAML"}}
		}
	}()
	tokens := lexer.Tokenize(s.text)
	if bad := s.checkTokens(tokens); len(bad) > 0 {
		return root, bad
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return root, []Problem{s.syntaxError(err)}
	}
	b := builder{input: s}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		n := b.node(doc.Body, root.at, 0)
		if root.kind != nothing {
			b.fail(n.at, "found a second document, want one")
			break
		}
		root = n
	}
	return root, b.bad
}

// checkTokens refuses what a configuration does without, and what would make the parser
// slow, before anything is parsed.
func (s *input) checkTokens(tokens token.Tokens) (bad []Problem) {
	fail := func(t *token.Token, hint, format string, args ...any) {
		bad = append(bad, s.problem(Wrong, place(t), "", hint, fmt.Sprintf(format, args...)))
	}
	if len(tokens) > maxTokens {
		t := tokens[maxTokens]
		fail(t, "", "found more than %d words and signs, want a smaller file", maxTokens)
		return bad
	}
	last := map[token.Type]int{} // line of the last complaint: one a line is enough
	refuse := func(t *token.Token, what, want, hint string) {
		if last[t.Type] != t.Position.Line {
			fail(t, hint, "found %s, want %s", what, want)
		}
		last[t.Type] = t.Position.Line
	}
	flow := 0
	var indents []int // columns of the open blocks
	for i, t := range tokens {
		switch t.Type {
		case token.AnchorType:
			refuse(t, "an anchor", "plain values", "write the value where it is used")
		case token.AliasType:
			refuse(t, "an alias", "plain values", "write the value here")
		case token.MergeKeyType:
			refuse(t, "a merge of another mapping", "plain keys", "write the keys here")
		case token.TagType:
			refuse(t, "a tag", "plain values", "quotes make text, their absence a number")
		case token.DirectiveType:
			refuse(t, "a directive", "none", "")
		case token.MappingKeyType:
			refuse(t, "a complex key", `"key: value"`, "")
		case token.MappingStartType, token.SequenceStartType:
			flow++
		case token.MappingEndType, token.SequenceEndType:
			flow--
		}
		isKey := i+1 < len(tokens) && tokens[i+1].Type == token.MappingValueType
		if isKey && len(t.Value) > maxKey {
			fail(t, "", "found a key of %d bytes, want at most %d", len(t.Value), maxKey)
		}
		if flow == 0 && (isKey || t.Type == token.SequenceEntryType) {
			for len(indents) > 0 && indents[len(indents)-1] >= t.Position.Column {
				indents = indents[:len(indents)-1]
			}
			indents = append(indents, t.Position.Column)
		}
		if flow+len(indents) > maxDepth {
			fail(t, "", "found a nesting deeper than %d, want less", maxDepth)
			return bad
		}
		if len(bad) > maxProblems {
			return bad
		}
	}
	return bad
}

// builder makes the library's tree into ours.
type builder struct {
	*input
	bad []Problem
}

func (b *builder) fail(at span, message string) {
	b.bad = append(b.bad, b.problem(Wrong, at, "", "", message))
}

// node converts a value. A value that is not there is placed at its key.
func (b *builder) node(n ast.Node, key span, depth int) *node {
	out := &node{at: key}
	if n == nil {
		return out
	}
	if depth > maxDepth {
		b.fail(place(n.GetToken()), fmt.Sprintf("found a nesting deeper than %d, want less", maxDepth))
		return out
	}
	switch n := n.(type) {
	case *ast.NullNode:
		if n.Token.Type == token.NullType {
			out.at = place(n.Token)
		}
		return out
	case *ast.MappingNode:
		out.kind = mapping
		out.at = b.entries(out, n.Values, place(n.Start), depth)
		return out
	case *ast.MappingValueNode:
		out.kind = mapping
		out.at = b.entries(out, []*ast.MappingValueNode{n}, place(n.Start), depth)
		return out
	case *ast.SequenceNode:
		out.kind, out.at = list, place(n.Start)
		for _, v := range n.Values {
			out.items = append(out.items, b.node(v, out.at, depth+1))
		}
		return out
	case *ast.StringNode:
		out.kind, out.text = text, n.Value
		out.quoted = n.Token.Type != token.StringType
	case *ast.LiteralNode:
		out.kind, out.quoted = text, true
		if n.Value != nil {
			out.text = n.Value.Value
		}
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		out.kind, out.text = number, strings.TrimSpace(n.GetToken().Value)
	case *ast.BoolNode:
		out.kind, out.text = boolean, n.Token.Value
	default:
		b.fail(place(n.GetToken()), fmt.Sprintf("found a YAML %s, want plain values", strings.ToLower(n.Type().String())))
		return out
	}
	out.at = place(n.GetToken())
	return out
}

// entries converts the keys of a mapping and returns its place: its first key where it
// is a block, its brace where it is not.
func (b *builder) entries(out *node, values []*ast.MappingValueNode, start span, depth int) span {
	for i, v := range values {
		key := b.node(v.Key, start, depth+1)
		if key.kind == list || key.kind == mapping {
			b.fail(key.at, "found "+key.describe()+" for a key, want a word")
			continue
		}
		if key.kind == nothing {
			key.text = "null"
		}
		if i == 0 && start.column >= key.at.column {
			start = key.at
		}
		value := b.node(v.Value, key.at, depth+1)
		value.key = key.at
		out.entries = append(out.entries, entry{key, value})
	}
	return start
}

// place is where a token stands.
func place(t *token.Token) span {
	if t == nil || t.Position == nil {
		return span{1, 1, 1}
	}
	origin, _, _ := strings.Cut(strings.TrimSpace(t.Origin), "\n")
	return span{t.Position.Line, t.Position.Column, max(1, utf8.RuneCountInString(strings.TrimSpace(origin)))}
}

// syntaxError is the parser's complaint in our words.
func (s *input) syntaxError(err error) Problem {
	var e yaml.Error
	if !errors.As(err, &e) {
		return Problem{File: s.name, Level: Wrong, Message: "not readable as YAML: " + err.Error()}
	}
	at := place(e.GetToken())
	at.width = 1
	message, hint := e.GetMessage(), ""
	for _, c := range complaints {
		if strings.Contains(message, c.theirs) {
			message, hint = c.ours, c.hint
			break
		}
	}
	return s.problem(Wrong, at, "", hint, message)
}

// complaints are the parser's messages as a person wants to read them.
var complaints = [...]struct{ theirs, ours, hint string }{
	{"could not find flow mapping end token", "found no end of this mapping, want }", ""},
	{"sequence end token ']' not found", "found no end of this list, want ]", ""},
	{"',' or '}' must be specified", "found the next key, want a comma or }", ""},
	{"',' or ']' must be specified", "found the next value, want a comma or ]", ""},
	{"corresponding to ']'", "found ] without [", ""},
	{"corresponding to '}'", "found } without {", ""},
	{"could not find end character of double-quoted", `found no end of this text, want "`, ""},
	{"could not find end character of single-quoted", "found no end of this text, want '", ""},
	{"non-map value is specified", `found a word where a key stands, want "key: value"`, "is there a colon with a space after it?"},
	{"mapping value is not allowed in this context", "found a second colon, want one", "is the next line indented too far, or does the text want quotes?"},
	{"value is not allowed in this context", "found a key or value that belongs to nothing above", "is it indented like its neighbours?"},
	{"unexpected key name", "found words before this key, want one key a line", "is there a colon after each key?"},
	{"is a reserved character", "found a sign that begins no plain text", "write the text in quotes"},
	{"unknown escape character", "found an unknown escape", "in single quotes a backslash is one"},
	{"found an invalid key", "found a list or mapping for a key, want a word", ""},
	{"block sequence entries are not allowed", "found a list beside its key, want it on the next line", ""},
}
