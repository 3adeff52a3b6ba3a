// Command motor makes the windows that the embedded motor models are trained on and
// measures the models on windows that they were not:
//
//	go run ./agent/internal/dsp/motor sets DIR
//	go run ./agent/internal/dsp/motor config
//	go run ./agent/internal/dsp/motor accuracy [--windows N] [MODEL.tflite]
//
// It stands here and not under scripts because only packages below agent may import dsp.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"kinglet/agent/internal/dsp"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	var err error
	switch {
	case len(args) == 2 && args[0] == "sets":
		err = writeSets(args[1], stderr)
	case len(args) == 1 && args[0] == "config":
		err = json.NewEncoder(stdout).Encode(dsp.Motor())
	case len(args) >= 1 && args[0] == "accuracy":
		return accuracy(args[1:], stdout, stderr)
	default:
		fmt.Fprintln(stderr, "usage: motor sets DIR | motor config | motor accuracy [--windows N] [MODEL.tflite]")
		return 2
	}
	if err != nil {
		fmt.Fprintln(stderr, "motor:", err)
		return 1
	}
	return 0
}
