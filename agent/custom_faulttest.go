//go:build faulttest

package main

import (
	"fmt"
	"time"

	"kinglet/runtime/infer"
	"kinglet/runtime/signal"
)

// customOperators of a test build has one more, FaultTest, which passes its input on and, as its
// options say, does what a bad model may do to the process that runs it.
func customOperators() map[string]infer.Custom {
	operators := signal.Operators()
	operators["FaultTest"] = infer.Custom{
		Shapes: func(n *infer.CustomNode) ([][]int, error) { return [][]int{n.In[0].Shape}, nil },
		Bind: func(n *infer.CustomNode) (infer.CustomStep, error) {
			fault, err := newFault(string(n.Options))
			if err != nil {
				return infer.CustomStep{}, err
			}
			return infer.CustomStep{Run: func() error {
				copy(n.Out[0].Bytes(), n.In[0].Bytes())
				fault()
				return nil
			}}, nil
		},
	}
	return operators
}

// passed is how many runs go well before a fault of kind late: more than a trial has.
const passed = 12

// newFault returns what to do at each run.
func newFault(kind string) (func(), error) {
	runs := 0
	switch kind {
	case "late-panic":
		return func() {
			if runs++; runs > passed {
				panic("FaultTest: late panic")
			}
		}, nil
	case "panic":
		return func() { panic("FaultTest: panic") }, nil
	case "hang":
		return func() { time.Sleep(time.Hour) }, nil
	case "hog":
		return func() {
			var hoard [][]byte
			for {
				b := make([]byte, 16<<20)
				for i := 0; i < len(b); i += 4096 {
					b[i] = 1
				}
				hoard = append(hoard, b)
			}
		}, nil
	}
	return nil, fmt.Errorf("FaultTest: kind %q: want late-panic, panic, hang or hog", kind)
}
