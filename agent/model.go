package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"kinglet/models/graph"
	"kinglet/models/tflite"
	"kinglet/runtime/infer"
)

func (a *app) modelCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "model",
		Short: "Look at, run, measure and check model files",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.modelInspectCommand(), a.modelRunCommand(), a.modelBenchCommand(), a.modelVerifyCommand())
	return c
}

// exactly is cobra.ExactArgs with a message that names what is wanted.
func exactly(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		if len(args) < len(names) {
			return usageError("%s: %s is missing; see %s --help", c.Name(), names[len(args)], c.CommandPath())
		}
		return usageError("%s: unexpected %q after %s", c.Name(), args[len(names)], names[len(names)-1])
	}
}

// maxModelFile bounds a model file, in bytes. What boards run is a thousand times smaller.
const maxModelFile = 1 << 30

// readModel reads and parses a model file.
func readModel(path string) (*graph.Model, error) {
	m, _, err := readModelFile(path)
	return m, err
}

// readModelFile is readModel with the file's bytes.
func readModelFile(path string) (*graph.Model, []byte, error) {
	data, err := readFile(path, maxModelFile)
	if err != nil {
		return nil, nil, err
	}
	m, err := tflite.Parse(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, data, nil
}

// openModel reads a model file and binds it.
func openModel(path string, opt infer.Options) (*infer.Session, error) {
	m, err := readModel(path)
	if err != nil {
		return nil, err
	}
	s, err := infer.Open(m, opt)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}
