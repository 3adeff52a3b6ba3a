package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// The exit statuses, which programs rely on.
const (
	exitDone        = 0
	exitFailed      = 1  // it failed or was refused
	exitUsage       = 2  // the command line is wrong
	exitUnreachable = 3  // the daemon does not answer
	exitNotFound    = 4  // what was named is not there
	exitConfig      = 78 // the configuration is wrong (EX_CONFIG of sysexits.h)
)

// statusError is an error that ends the process with a status other than exitFailed.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

func usageError(format string, args ...any) error {
	return &statusError{exitUsage, fmt.Errorf(format, args...)}
}

// app is what commands share: where they write, and how.
type app struct {
	in       io.Reader
	out, err io.Writer
	terminal *os.File // stdout, where it is a file; a live picture is drawn on it
	format   string   // table or json
}

// output remembers the first error of writing to stdout.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if err != nil && o.err == nil {
		o.err = fmt.Errorf("stdout: %w", err)
	}
	return n, err
}

// commands lists every command. Each lives in the file of its name.
func (a *app) commands() []*cobra.Command {
	return []*cobra.Command{
		a.demoCommand(),
		a.runCommand(),
		a.statusCommand(),
		a.configCommand(),
		a.historyCommand(),
		a.rollbackCommand(),
		a.keysCommand(),
		a.pushCommand(),
		a.brokerCommand(),
		a.modelCommand(),
		a.versionCommand(),
		a.trialChildCommand(),
	}
}

// execute runs a command line and returns its exit status. Data go to stdout, talk to stderr.
func execute(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	out := &output{w: stdout}
	a := &app{in: stdin, out: out, err: stderr}
	a.terminal, _ = stdout.(*os.File)
	root := &cobra.Command{
		Use:   "kinglet",
		Short: "Neural networks on small boards: sense, infer, act, update",
		Long: "kinglet runs quantized neural networks on small ARM boards and looks after them.\n" +
			"Start with `kinglet demo`: it needs nothing.",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(out)
	root.SetErr(stderr)
	root.PersistentFlags().StringVarP(&a.format, "output", "o", "table", "how to print data: `table or json`")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &statusError{exitUsage, err} })
	root.AddCommand(a.commands()...)
	ran := false
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		ran = true
		if a.format != "table" && a.format != "json" {
			return usageError("--output %q: want table or json", a.format)
		}
		return nil
	}
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = out.err // data that nobody got
	}
	if err == nil {
		return exitDone
	}
	fmt.Fprintln(stderr, "kinglet:", err)
	var s *statusError
	if errors.As(err, &s) {
		return s.status
	}
	if !ran { // cobra refused the command line itself
		return exitUsage
	}
	return exitFailed
}
