package config

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a file. The YAML library takes time and memory that grow with the square of
// some of these.
const (
	maxBytes  = 256 << 10
	maxLines  = 5000
	maxTokens = 16384
	maxDepth  = 24
	maxKey    = 128 // bytes of a key
)

// input is the text of a file, cut into lines for excerpts.
type input struct {
	name  string
	text  string
	lines []string
}

// newInput takes bytes as text, and says what cannot be text.
func newInput(name string, data []byte) (*input, []Problem) {
	s := &input{name: name}
	whole := func(format string, args ...any) []Problem {
		return []Problem{{File: name, Level: Wrong, Message: fmt.Sprintf(format, args...)}}
	}
	if len(data) > maxBytes {
		return s, whole("more than %d KiB, want a smaller file", maxBytes>>10)
	}
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		return s, whole("found UTF-16, want UTF-8")
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	s.text = strings.ReplaceAll(string(data), "\r\n", "\n")
	s.lines = strings.Split(s.text, "\n")
	if len(s.lines) > maxLines {
		return s, whole("%d lines, want at most %d", len(s.lines), maxLines)
	}
	var bad []Problem
	for i := range s.lines {
		bad = append(bad, s.checkLine(i+1)...)
	}
	return s, bad
}

// checkLine finds what YAML takes for no text, or for no indentation.
func (s *input) checkLine(line int) []Problem {
	text := s.lines[line-1]
	blank := strings.Trim(text, " \t") == ""
	indent, column := true, 0
	for i, c := range text {
		column++
		message := ""
		switch {
		case c == '\t' && indent && !blank:
			message = "found a tab in the indentation, want spaces"
		case indent && c != ' ' && unicode.Is(unicode.Zs, c):
			message = fmt.Sprintf("found the character %U in the indentation, want spaces", c)
		case c == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			message = fmt.Sprintf("found the byte 0x%02x, want UTF-8", text[i])
		case c != '\t' && unicode.IsControl(c):
			message = fmt.Sprintf("found the control character %U, want text", c)
		case c != ' ' && c != '\t':
			indent = false
		}
		if message != "" { // one a line: the rest of it follows from this
			return []Problem{s.problem(Wrong, span{line, column, 1}, "", "", message)}
		}
	}
	return nil
}

// span is a place in a file: a line and a column from 1, and how many characters.
type span struct{ line, column, width int }

// problem is a problem at a place, with its excerpt.
func (s *input) problem(level Level, at span, path, hint, message string) Problem {
	return Problem{
		File: s.name, Line: at.line, Column: at.column, Level: level,
		Path: strings.Map(printable, path), Message: strings.Map(printable, message), Hint: strings.Map(printable, hint),
		excerpt: s.excerpt(at),
	}
}

// excerptWidth is how much of a long line is shown.
const excerptWidth = 100

// excerpt shows a line with a caret under a place of it.
func (s *input) excerpt(at span) string {
	if at.line < 1 || at.line > len(s.lines) {
		return ""
	}
	line := []rune(s.lines[at.line-1])
	from := max(0, min(at.column-1, len(line)))
	to := max(from, min(from+at.width, len(line)))
	start, end := 0, min(len(line), excerptWidth)
	if to > excerptWidth {
		start = max(0, from-excerptWidth/2)
		end = min(len(line), start+excerptWidth)
	}
	to = min(to, max(end, from))
	text := strings.TrimRight(strings.Map(printable, string(line[start:end])), " ")
	if start > 0 {
		text, start = "..."+text, start-3
	}
	if end < len(line) {
		text += "..."
	}
	shown := strings.TrimRight(fmt.Sprintf("\n%5d | %s", at.line, text), " ")
	return shown + "\n      | " + strings.Repeat(" ", from-start) + strings.Repeat("^", max(1, to-from))
}

// printable makes a space of what does not belong on a terminal. Tabs too: they would move
// the caret.
func printable(c rune) rune {
	if !unicode.IsPrint(c) {
		return ' '
	}
	return c
}
