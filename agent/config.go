package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"kinglet/agent/internal/config"
)

func (a *app) configCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Check a configuration, show what it comes to, print its schema",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.configCheckCommand(), a.configShowCommand(), a.configSchemaCommand())
	return c
}

// configFile is the file of a command line, or that of an installed daemon.
func configFile(args []string) (string, error) {
	switch len(args) {
	case 0:
		return defaultConfig, nil
	case 1:
		return args[0], nil
	}
	return "", usageError("unexpected %q: want one FILE", args[1])
}

func (a *app) configCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [FILE]",
		Short: "Say everything that is wrong with a configuration",
		Long: "Says everything that is wrong with a configuration, each with file, line and column. Exit status\n" +
			"0 when the daemon takes it, warnings or not, else 78. FILE is " + defaultConfig + " when left out.",
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			path, err := configFile(args)
			if err != nil {
				return err
			}
			f := config.Read(path)
			if err := a.printProblems(f); err != nil {
				return err
			}
			if f.Config == nil {
				return &statusError{exitConfig, fmt.Errorf("%s: %s", path, config.Count(f.Problems))}
			}
			if a.format == "table" {
				fmt.Fprintf(a.err, "%s: %s\n", path, config.Count(f.Problems))
			}
			return nil
		},
	}
}

// printProblems writes what is to be said about a file.
func (a *app) printProblems(f *config.File) error {
	if a.format == "json" {
		return a.printJSON(append([]config.Problem{}, f.Problems...))
	}
	for _, p := range f.Problems {
		if _, err := fmt.Fprintln(a.out, p); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) configShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show [FILE]",
		Short: "Print the configuration with every default filled in",
		Long: "Prints the configuration with every default filled in, as YAML that is a configuration again. A\n" +
			"comment after each value tells the line it stands in, or that it is the default.",
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			path, err := configFile(args)
			if err != nil {
				return err
			}
			f := config.Read(path)
			if err := f.Err(); err != nil {
				return &statusError{exitConfig, err}
			}
			if a.format == "json" {
				return a.printJSON(f.JSON())
			}
			for _, p := range f.Problems {
				fmt.Fprintln(a.err, p)
			}
			_, err = fmt.Fprint(a.out, f.YAML())
			return err
		},
	}
}

func (a *app) configSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the configuration, for editors",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			b, err := config.Schema()
			if err != nil {
				return err
			}
			_, err = a.out.Write(b)
			return err
		},
	}
}
