package ota

import (
	"strconv"
	"strings"
)

// ValidVersion tells whether v has the form 1.2.3 (with or without a leading v), which is
// what Spec.Kinglet and Options.Kinglet are compared as.
func ValidVersion(v string) bool {
	_, ok := parseVersion(v)
	return ok
}

func parseVersion(v string) (n [3]int64, ok bool) {
	if len(v) > 64 {
		return n, false
	}
	v = strings.TrimPrefix(v, "v")
	v, _, _ = strings.Cut(v, "+")
	v, _, _ = strings.Cut(v, "-")
	parts := strings.Split(v, ".")
	if len(parts) > 3 {
		return n, false
	}
	for i, p := range parts {
		x, err := strconv.ParseInt(p, 10, 64)
		if err != nil || x < 0 {
			return n, false
		}
		n[i] = x
	}
	return n, true
}

// olderThan tells whether version a is below b; one that cannot be parsed never is.
func olderThan(a, b string) bool {
	x, ok := parseVersion(a)
	y, ok2 := parseVersion(b)
	if !ok || !ok2 {
		return false
	}
	for i := range x {
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return false
}
