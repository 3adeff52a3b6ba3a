// Package eval judges models by data: cases with known answers, and how far an answer is
// from the one that was wanted.
package eval

import (
	"fmt"
	"slices"

	"kinglet/models/graph"
	"kinglet/models/npz"
)

// Case is what a model is given and what it answers, in the order of its inputs and
// outputs. In an .npz file they are case<N>_in<I> and case<N>_out<I>.
type Case struct {
	In, Out []npz.Array
}

// maxCases bounds the number of a case, maxSide that of an input or output within it.
const (
	maxCases = 1 << 16
	maxSide  = 1 << 8
)

// ReadCases gathers the cases of a file. Members of other names are passed over; a gap in the
// numbers is an error.
func ReadCases(f *npz.File) ([]Case, error) {
	var list []Case
	for _, m := range f.Members {
		var n, i int
		var side *[]npz.Array
		at := func() *Case {
			for len(list) <= n {
				list = append(list, Case{})
			}
			return &list[n]
		}
		if number(m.Name, "case%d_in%d", &n, &i) {
			side = &at().In
		} else if number(m.Name, "case%d_out%d", &n, &i) {
			side = &at().Out
		} else {
			continue
		}
		for len(*side) <= i {
			*side = append(*side, npz.Array{Type: missing})
		}
		(*side)[i] = m.Array
	}
	for n := range list {
		for i, a := range slices.Concat(list[n].In, list[n].Out) {
			if a.Type == missing && i < len(list[n].In) {
				return nil, fmt.Errorf("case%d_in%d is missing", n, i)
			} else if a.Type == missing {
				return nil, fmt.Errorf("case%d_out%d is missing", n, i-len(list[n].In))
			}
		}
		if len(list[n].In) == 0 && len(list[n].Out) == 0 {
			return nil, fmt.Errorf("case%d is missing", n)
		}
	}
	return list, nil
}

// missing marks an array that the file has not given.
const missing graph.Type = -1

// number reads a member's name by a format of two numbers, each within its bound.
func number(name, format string, n, i *int) bool {
	if c, err := fmt.Sscanf(name, format, n, i); c != 2 || err != nil {
		return false
	}
	return *n >= 0 && *i >= 0 && *n < maxCases && *i < maxSide && fmt.Sprintf(format, *n, *i) == name
}

// Members returns the arrays of cases under their names.
func Members(list []Case) []npz.Member {
	var out []npz.Member
	for n := range list {
		for i, a := range list[n].In {
			out = append(out, npz.Member{Name: fmt.Sprintf("case%d_in%d", n, i), Array: a})
		}
		for i, a := range list[n].Out {
			out = append(out, npz.Member{Name: fmt.Sprintf("case%d_out%d", n, i), Array: a})
		}
	}
	return out
}
