package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"kinglet/agent/internal/demo"
	"kinglet/agent/internal/ui"
)

// The paces of the demo: simulated seconds in a real one.
const (
	pacePerson  = 1.5
	paceProgram = 10
)

func (a *app) demoCommand() *cobra.Command {
	var once bool
	c := &cobra.Command{
		Use:   "demo [motor]",
		Short: "Show everything at work: a simulated motor, its model, good and bad updates",
		Long: "A self-contained tour that needs no network, no root and no configuration: an embedded\n" +
			"broker, a simulated accelerometer on a motor, the real daemon that watches it, and a\n" +
			"publisher that pushes seven versions of the model, good and bad.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && args[0] != "motor" {
				return usageError("demo: got %q, want motor or nothing", args)
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return a.demo(c, once) },
	}
	c.Flags().BoolVar(&once, "once", false, "end after the tour, at ten times the motor's pace")
	return c
}

func (a *app) demo(c *cobra.Command, once bool) error {
	command, err := trialCommand()
	if err != nil {
		return err
	}
	opt := demo.Options{Pace: pacePerson, Trial: command, Version: version}
	if once {
		opt.Pace = paceProgram
	}
	tour := func(v demo.View) (*demo.Report, error) {
		opt.View = v
		return demo.Run(c.Context(), opt)
	}
	var report *demo.Report
	if a.terminal != nil && a.format == "table" && ui.Terminal(a.terminal) {
		opt.Linger = !once
		report, err = ui.Live(c.Context(), a.terminal, opt)
	} else if a.format == "json" {
		report, err = tour(ui.NewPlain(a.err))
	} else {
		report, err = tour(ui.NewPlain(a.out))
	}
	if err != nil {
		return err
	}
	if a.format == "json" {
		return a.printJSON(report)
	}
	fmt.Fprintf(a.out, "\n%d inferences, %d events, %d updates\n", report.Inferences, len(report.Events), len(report.Updates))
	return nil
}
