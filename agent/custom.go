//go:build !faulttest

package main

import (
	"kinglet/runtime/infer"
	"kinglet/runtime/signal"
)

// customOperators returns the operators that this binary supplies beside the builtin ones:
// those of tflite-micro's audio preprocessor.
func customOperators() map[string]infer.Custom { return signal.Operators() }
