package config

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestHostileFilesEnd reads files at the bounds, of the shapes that cost the YAML library
// most. Without the bounds some of them take minutes.
func TestHostileFilesEnd(t *testing.T) {
	bytes := func(s string) string { return strings.Repeat(s, maxBytes/len(s)) }
	lines := func(s string) string { return strings.Repeat(s+"\n", min(maxLines-2, maxBytes/(len(s)+1)-2)) }
	words := func(s string, n int) string { return strings.Repeat(s, (maxTokens-8)/n) }
	var keys, nest strings.Builder
	for i := range maxLines - 1 {
		fmt.Fprintf(&keys, "sources%d: 1\n", i)
	}
	for i := range maxDepth - 2 {
		fmt.Fprintf(&nest, "%s%s%d:\n", strings.Repeat(" ", i), strings.Repeat("k", maxKey-4), i)
	}
	for name, text := range map[string]string{
		"brackets":       bytes("["),
		"tabs":           bytes("\t"),
		"blanks":         bytes("\t")[1:] + "x",
		"dashes":         bytes("- "),
		"anchors":        bytes("&a "),
		"one word":       bytes("a"),
		"quote":          `"` + lines("a"),
		"same key":       lines("a: b"),
		"keys":           keys.String(),
		"empty keys":     lines("a:"),
		"empty lines":    "a: |\n" + lines(" "),
		"long blanks":    "a: |\n" + lines(strings.Repeat(" ", 50)),
		"folded":         "a: >\n" + lines(strings.Repeat(" x", 25)),
		"plain lines":    "a: b\n" + lines(strings.Repeat(" c", 25)),
		"empty values":   "{" + words("a:,", 3) + "}",
		"lone keys":      "{" + words("a,", 2) + "}",
		"pairs in lists": "[" + words("a: b,", 4) + "]",
		"long paths":     nest.String() + strings.Repeat(" ", maxDepth) + "[" + words("x,", 2) + "]",
	} {
		start := time.Now()
		f := Parse("agent.yaml", []byte(text))
		if took := time.Since(start); f.Config != nil || len(f.Problems) == 0 || took > time.Minute {
			t.Errorf("%s: took %v, %d problems", name, took, len(f.Problems))
		}
	}
}
