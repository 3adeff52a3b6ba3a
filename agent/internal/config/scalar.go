package config

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// textual is a value that is text.
type textual struct {
	at      *string
	def     string
	want    string
	pattern string              // a regular expression, of JavaScript and Go alike
	mend    func(string) string // a text that would do, or ""
	check   func(r *reader, path string, n *node) bool
}

func (v *textual) fill() { *v.at = v.def }

func (v *textual) read(r *reader, path string, n *node) {
	if n.kind != text {
		hint := ""
		if n.kind == number || n.kind == boolean {
			hint = didYouMean(strconv.Quote(n.text))
		}
		r.wrong(n, path, hint, v.want)
		return
	}
	if v.check != nil && !v.check(r, path, n) {
		return
	}
	if v.pattern != "" && !regexp.MustCompile(v.pattern).MatchString(n.text) || strings.ContainsRune(n.text, 0) {
		hint := ""
		if v.mend != nil {
			hint = didYouMean(v.mend(n.text))
		}
		r.wrong(n, path, hint, v.want)
		return
	}
	*v.at = n.text
}

// namePattern is ota.ValidName.
const namePattern = "^[a-z0-9][a-z0-9_-]{0,63}$"

// identifier is a name that is safe in topics and as a file.
func identifier(at *string, def string) value {
	return &textual{at: at, def: def, want: wantName, pattern: namePattern, mend: mendName}
}

// enum is one of some words.
type enum struct {
	at  *string
	def string
	of  []string
}

func (v *enum) fill() { *v.at = v.def }

func (v *enum) wanted() string { return either(v.of) }

func (v *enum) read(r *reader, path string, n *node) {
	if n.kind != text || !slices.Contains(v.of, n.text) {
		r.wrong(n, path, didYouMean(closest(n.text, v.of)), either(v.of))
		return
	}
	*v.at = n.text
}

// reference is the name of an entry of another section.
type reference struct {
	at *string
	to string
}

func (v *reference) fill() { *v.at = "" }

func (v *reference) read(r *reader, path string, n *node) {
	if n.kind == nothing || n.kind == list || n.kind == mapping {
		r.wrong(n, path, "", "the name of one of the "+v.to)
		return
	}
	*v.at = n.text
	r.uses[v.to] = append(r.uses[v.to], use{path, n})
}

// texts is a list of words.
type texts struct {
	at   *[]string
	want string // such as "a list of labels"
}

func (v *texts) fill() { *v.at = nil }

func (v *texts) read(r *reader, path string, n *node) {
	if n.kind != list {
		hint := ""
		if n.kind == text && n.text != "" {
			hint = didYouMean("[" + clip(n.text) + "]")
		}
		r.wrong(n, path, hint, v.want)
		return
	}
	var out []string
	for i, item := range n.items {
		at := path + "[" + strconv.Itoa(i) + "]"
		word := ""
		element := textual{at: &word, want: "text that is not empty", pattern: "."}
		r.places[at] = item.at
		element.read(r, at, item)
		out = append(out, word)
	}
	*v.at = out
}

// whole is a whole number. Its bounds fit into 32 bits or are those of the type.
type whole[T int | int64 | uint64] struct {
	at       *T
	def      T
	min, max T
}

func (v *whole[T]) fill() { *v.at = v.def }

func (v *whole[T]) read(r *reader, path string, n *node) {
	got, ok := parseWhole[T](n)
	if !ok || got < v.min || got > v.max {
		hint := ""
		if plain := strings.ReplaceAll(n.text, "_", ""); plain != n.text {
			hint = didYouMean(plain)
		} else if _, is := parseWhole[T](&node{kind: number, text: n.text}); is && !ok {
			hint = "write it without quotes"
		}
		r.wrong(n, path, hint, fmt.Sprintf("a whole number from %d to %d", v.min, v.max))
		return
	}
	*v.at = got
}

func parseWhole[T int | int64 | uint64](n *node) (T, bool) {
	if n.kind != number {
		return 0, false
	}
	if i, err := strconv.ParseInt(n.text, 10, 64); err == nil {
		v := T(i)
		return v, int64(v) == i && (v < 0) == (i < 0)
	}
	u, err := strconv.ParseUint(n.text, 10, 64)
	v := T(u)
	return v, err == nil && uint64(v) == u && v >= 0
}

// quantity is a number, with a unit where it has one.
type quantity[T ~float32 | ~float64] struct {
	at       *T
	def      T
	min, max T
	units    []unit // the first is that of the field
	bare     bool   // the first unit may be left out
	example  string
}

type unit struct {
	name   string
	factor float64
}

func (v *quantity[T]) fill() { *v.at = v.def }

func (v *quantity[T]) read(r *reader, path string, n *node) {
	got, ok := v.parse(n)
	if !ok || !(got >= v.min && got <= v.max) {
		r.wrong(n, path, didYouMean(v.hint(n)), v.want())
		return
	}
	*v.at = got
}

// parse reads a number with its unit. A bare number in quotes is text.
func (v *quantity[T]) parse(n *node) (T, bool) {
	digits, factor := n.text, 0.0
	for _, u := range v.units {
		if d, ok := strings.CutSuffix(n.text, u.name); ok && u.name != "" && (factor == 0 || len(d) < len(digits)) {
			digits, factor = d, u.factor
		}
	}
	switch {
	case n.kind != text && n.kind != number:
		return 0, false
	case factor != 0:
		digits = strings.TrimSuffix(digits, " ")
	case !v.bare || n.quoted:
		return 0, false
	default:
		factor = 1
	}
	if !regexp.MustCompile("^" + numberPattern + "$").MatchString(digits) {
		return 0, false
	}
	f, err := strconv.ParseFloat(digits, 64)
	got := T(scale(f, factor))
	return got, err == nil && !math.IsInf(float64(got), 0)
}

// numberPattern is a decimal number.
const numberPattern = `[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?`

// scale multiplies, and divides by what is less than one, so that 20% is 0.2.
func scale(f, factor float64) float64 {
	if factor < 1 {
		return f / math.Round(1/factor)
	}
	return f * factor
}

// hint is what a text was probably meant to be, or "".
func (v *quantity[T]) hint(n *node) string {
	if n.kind != text && n.kind != number {
		return ""
	}
	try := []string{strings.Replace(n.text, ",", ".", 1)}
	for _, u := range v.units {
		try = append(try, n.text+u.name)
		bare := strings.TrimSpace(n.text)
		if cut := len(bare) - len(u.name); cut > 0 && strings.EqualFold(bare[cut:], u.name) {
			try = append(try, strings.TrimSpace(bare[:cut])+u.name)
		}
	}
	for _, t := range try {
		if got, ok := v.parse(&node{kind: text, text: t}); ok && got >= v.min && got <= v.max {
			return t
		}
	}
	return ""
}

func (v *quantity[T]) want() string {
	bounds := "from " + v.short(v.min) + " to " + v.short(v.max)
	switch {
	case !v.bare:
		return "a number with its unit " + bounds + ", such as " + v.example
	case len(v.units) > 0 && v.units[0].name == "":
		return "a number " + bounds + " or a percentage"
	}
	return "a number " + bounds
}

// format writes a value in the first unit.
func (v *quantity[T]) format(f T) string {
	s := strconv.FormatFloat(float64(f), 'f', -1, bits(f))
	if len(v.units) > 0 {
		s += v.units[0].name
	}
	return s
}

// short writes a bound in the largest unit that fits.
func (v *quantity[T]) short(f T) string {
	s := v.format(f)
	for _, u := range v.units {
		if g := float64(f) / u.factor; u.factor > 1 && g >= 1 {
			s = strconv.FormatFloat(g, 'g', -1, bits(f)) + u.name
		}
	}
	return s
}

func bits[T ~float32 | ~float64](f T) int {
	if _, ok := any(f).(float32); ok {
		return 32
	}
	return 64
}

// json is a value as JSON has it: a number, or text with its unit.
func (v *quantity[T]) json(f T) any {
	s := v.format(f)
	if len(v.units) > 0 && v.units[0].name != "" {
		return s
	}
	return json.Number(s)
}

// share is a part of a whole, such as 0.2 or 20%.
func share[T ~float32 | ~float64](at *T, def T) value {
	return &quantity[T]{at: at, def: def, max: 1, units: []unit{{"", 1}, {"%", 0.01}}, bare: true}
}
