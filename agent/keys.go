package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"kinglet/ota/publish"
)

func (a *app) keysCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "keys",
		Short: "Make the keys that sign models",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.keysInitCommand(), a.keysRootCommand())
	return c
}

// repositoryFlag adds --repository, the publisher's directory.
func repositoryFlag(c *cobra.Command) *string {
	dir := ""
	if home, err := os.UserConfigDir(); err == nil {
		dir = filepath.Join(home, "kinglet", "repository")
	}
	return c.Flags().String("dir", dir, "the publisher's `directory`: keys and signed documents")
}

func (a *app) keysInitCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "init",
		Short: "Make four keys and a signed root document",
		Long: "Makes ed25519 keys for root, targets, snapshot and timestamp, and the root document that\n" +
			"devices are given to trust. Keep the directory secret; copy only root.json to devices.",
		Args: cobra.NoArgs,
	}
	dir := repositoryFlag(c)
	name := c.Flags().String("repo", "main", "the repository's `name` in topics")
	root := c.Flags().String("root", "root.json", "where to write the root document for devices, a `file`")
	c.RunE = func(*cobra.Command, []string) error {
		if *dir == "" {
			return usageError("keys init: --dir is needed, there is no home directory")
		}
		if _, err := os.Lstat(*root); err == nil {
			return fmt.Errorf("%s is there already: it may be the root that devices trust; --root writes another", *root)
		}
		r, err := publish.Init(*dir, publish.Options{Name: *name})
		if err != nil {
			return err
		}
		defer r.Close()
		if err := writeFile(*root, r.Root()); err != nil {
			return fmt.Errorf("the keys are made, but not %s: %w; `kinglet keys root` writes it", *root, err)
		}
		if a.format == "json" {
			return a.printJSON(map[string]string{"dir": *dir, "repository": r.Name(), "root": *root})
		}
		fmt.Fprintf(a.out, "keys of repository %q are in %s: keep them secret\n%s is what devices trust: updates.root in their configuration\n", r.Name(), *dir, *root)
		return nil
	}
	return c
}

func (a *app) keysRootCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "root",
		Short: "Print the root document, which devices are given to trust",
		Args:  cobra.NoArgs,
	}
	dir := repositoryFlag(c)
	c.RunE = func(*cobra.Command, []string) error {
		if *dir == "" {
			return usageError("keys root: --dir is needed, there is no home directory")
		}
		r, err := publish.Open(*dir, publish.Options{})
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = a.out.Write(r.Root())
		return err
	}
	return c
}
