package main

import (
	"github.com/spf13/cobra"

	"kinglet/agent/internal/trial"
	"kinglet/runtime/infer"
)

// trialCommand is the child of a trial: a candidate on stdin, a verdict on stdout.
func (a *app) trialChildCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "trial",
		Short:  "Try the candidate on standard input (started by the daemon)",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return trial.Serve(c.Context(), a.in, a.out, infer.Options{Custom: customOperators()})
		},
	}
}
