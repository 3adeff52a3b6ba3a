package main

import (
	"fmt"
	goruntime "runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is the release; the Makefile sets it.
var version = "0.1.0-dev"

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Tell which kinglet this is",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			revision := ""
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						revision = s.Value
					}
				}
			}
			if a.format == "json" {
				return a.printJSON(map[string]string{"version": version, "revision": revision, "go": goruntime.Version(), "platform": goruntime.GOOS + "/" + goruntime.GOARCH})
			}
			fmt.Fprintf(a.out, "kinglet %s %s/%s %s\n", version, goruntime.GOOS, goruntime.GOARCH, goruntime.Version())
			return nil
		},
	}
}
