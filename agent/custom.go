//go:build !faulttest

package main

import "kinglet/runtime/infer"

// customOperators returns the operators that this binary supplies beside the builtin ones.
func customOperators() map[string]infer.Custom { return nil }
