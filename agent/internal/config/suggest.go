package config

import (
	"slices"
	"strings"
	"unicode"
)

// didYouMean is a hint, or none.
func didYouMean(s string) string {
	if s == "" {
		return ""
	}
	return "did you mean " + s + "?"
}

// closest returns the word that another is probably meant to be, or "".
func closest(got string, among []string) string {
	if len(got) > maxKey {
		return ""
	}
	best, least := "", 2*(1+len(got)/3)+1
	for _, word := range among {
		a, b := plain(got), plain(word)
		d := 2 * distance(a, b)
		if d > 0 && min(len(a), len(b)) >= 2 && (strings.HasPrefix(b, a) || strings.HasPrefix(a, b)) {
			d = 1 // a beginning is nearer than another letter
		}
		if d < least && d < 2*len(b) {
			best, least = word, d
		}
	}
	return best
}

// plain is a word without what is written in several ways.
func plain(s string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(s))
}

// distance is the number of letters to insert, delete, change or swap with their
// neighbour (optimal string alignment) to get from a to b.
func distance(a, b string) int {
	var before, row []int
	for j := range len(b) + 1 {
		row = append(row, j)
	}
	for i := range len(a) {
		next := []int{i + 1}
		for j := range len(b) {
			change := row[j]
			if a[i] != b[j] {
				change++
			}
			d := min(change, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			next = append(next, d)
		}
		before, row = row, next
	}
	return row[len(b)]
}

// mendName makes a name of what is none, or returns "".
func mendName(s string) string {
	keep := func(c rune) rune {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
			return c
		case c < unicode.MaxASCII:
			return '-'
		}
		return -1
	}
	s = strings.Trim(strings.Map(keep, strings.ToLower(s)), "-_")
	if len(s) > 64 {
		return ""
	}
	return s
}

// either lists words as alternatives, both as a sum.
func either(words []string) string { return enumerate(words, "or") }
func both(words []string) string   { return enumerate(words, "and") }

func enumerate(words []string, last string) string {
	const most = 12
	if len(words) > most {
		return strings.Join(words[:most], ", ") + ", ..."
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	words = slices.Clone(words)
	end := len(words) - 1
	return strings.Join(words[:end], ", ") + " " + last + " " + words[end]
}
