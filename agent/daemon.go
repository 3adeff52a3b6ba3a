package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"kinglet/agent/internal/config"
	"kinglet/agent/internal/daemon"
	"kinglet/runtime/infer"
)

// defaultConfig is where an installed daemon finds its configuration.
const defaultConfig = "/etc/kinglet/agent.yaml"

func (a *app) runCommand() *cobra.Command {
	var path, level string
	c := &cobra.Command{
		Use:   "run",
		Short: "Run the daemon",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			f := config.Read(path)
			if err := f.Err(); err != nil {
				return &statusError{exitConfig, err}
			}
			var l slog.Level
			if err := l.UnmarshalText([]byte(level)); err != nil {
				return usageError("--log %q: want debug, info, warn or error", level)
			}
			log := slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: l}))
			for _, p := range f.Problems {
				log.Warn("configuration: "+p.Message, "file", p.File, "line", p.Line, "key", p.Path)
			}
			return a.runDaemon(c.Context(), f.Config, log)
		},
	}
	c.Flags().StringVar(&path, "config", defaultConfig, "the configuration `file`")
	c.Flags().StringVar(&level, "log", "info", "the least `level` that is logged: debug, info, warn, error")
	return c
}

func (a *app) runDaemon(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	command, err := trialCommand()
	if err != nil {
		return err
	}
	d, err := daemon.Open(cfg, daemon.Options{
		Log: log, Version: version, Trial: command, Session: infer.Options{Custom: customOperators()},
	})
	var wrong *daemon.ConfigError
	if errors.As(err, &wrong) {
		return &statusError{exitConfig, err}
	}
	if err != nil {
		return err
	}
	log.Info("running", "device", cfg.Device.ID, "version", version, "pipelines", len(cfg.Pipelines))
	err = errors.Join(d.Run(ctx), d.Close())
	if err == nil {
		log.Info("stopped")
	}
	return err
}

// trialCommand is how this binary starts itself to try a candidate.
func trialCommand() ([]string, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("own program file: %w", err)
	}
	return []string{exe, "trial"}, nil
}
