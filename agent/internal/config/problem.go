package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Level says how bad a problem is.
type Level string

// The levels.
const (
	Wrong   Level = "error"   // nothing runs with this file
	Suspect Level = "warning" // it runs, but probably not as meant
)

// Problem is one thing that is wrong in a file.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`   // from 1; 0 when it is about the file as a whole
	Column  int    `json:"column"` // in characters, from 1
	Path    string `json:"path"`   // the key, such as sources.motor.rate
	Message string `json:"message"`
	Hint    string `json:"hint"`
	Level   Level  `json:"level"`

	excerpt string // the line and a caret under what is meant
}

// String is the problem for a person: where, what was found and wanted, then the line
// with a caret and the hint.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	if p.Level == Suspect {
		b.WriteString("warning: ")
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message)
	b.WriteString(p.excerpt)
	switch {
	case p.Hint != "" && p.excerpt != "":
		b.WriteString(" " + p.Hint)
	case p.Hint != "":
		b.WriteString("; " + p.Hint)
	}
	return b.String()
}

// Error is everything that is wrong with a file, in the order of its lines.
type Error struct {
	File     string
	Problems []Problem // errors and warnings
}

// Error lists the problems, each with its line.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.File, Count(e.Problems))
	for _, p := range e.Problems {
		b.WriteString("\n" + p.String())
	}
	return b.String()
}

// Count says how many problems there are, such as "2 errors, 1 warning".
func Count(problems []Problem) string {
	wrong := 0
	for _, p := range problems {
		if p.Level == Wrong {
			wrong++
		}
	}
	parts := []string{plural(wrong, "error")}
	if n := len(problems) - wrong; n > 0 {
		parts = append(parts, plural(n, "warning"))
	}
	return strings.Join(parts, ", ")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// maxProblems bounds a list: what comes after so many has the same cause.
const maxProblems = 50

// inOrder sorts by place and cuts what is too much.
func inOrder(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if n := len(problems) - maxProblems; n > 0 {
		rest := Problem{File: problems[0].File, Level: Wrong, Message: fmt.Sprintf("and %d more", n)}
		problems = append(problems[:maxProblems:maxProblems], rest)
	}
	return problems
}
