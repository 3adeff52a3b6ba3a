package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"kinglet/agent/internal/trial"
	"kinglet/models/npz"
	"kinglet/ota/mqtt"
	"kinglet/ota/publish"
	"kinglet/runtime/infer"
)

// connectTimeout bounds the first connection of a push.
const connectTimeout = 10 * time.Second

type pushFlags struct {
	dir     *string
	version int64
	broker  string
	inputs  string
	seed    uint64
	runTime time.Duration
	memory  int64
}

func (a *app) pushCommand() *cobra.Command {
	var f pushFlags
	c := &cobra.Command{
		Use:   "push MODEL FILE.tflite --version N --broker URL",
		Short: "Sign a model and publish it to every device that runs it",
		Long: "Computes trial answers, which a device must give too before it trusts the model, signs\n" +
			"everything, and publishes it retained: chunks first, the timestamp last. The same file as the\n" +
			"same version once more sends all of it again: after a push that broke off, to a broker that\n" +
			"forgot it, or before the timestamp expires.",
		Args: exactly("MODEL", "FILE.tflite"),
	}
	f.dir = repositoryFlag(c)
	fs := c.Flags()
	fs.Int64Var(&f.version, "version", 0, "the version, higher than every `number` before")
	fs.StringVar(&f.broker, "broker", "", "`URL` of the broker, such as mqtt://host:1883")
	fs.StringVar(&f.inputs, "inputs", "", "inputs of the trial, `FILE.npz` with case0_in0, ...; otherwise drawn by --seed")
	fs.Uint64Var(&f.seed, "seed", 1, "`seed` of drawn inputs")
	fs.DurationVar(&f.runTime, "max-run-time", 0, "the `time` that one run may take on a device; 0 is any")
	fs.Int64Var(&f.memory, "max-memory", 0, "the `bytes` that the trial's process may take on a device; 0 is any")
	c.RunE = func(c *cobra.Command, args []string) error { return a.push(c, args[0], args[1], f) }
	return c
}

func (a *app) push(c *cobra.Command, model, file string, f pushFlags) error {
	if f.version < 1 {
		return usageError("push: --version: want a number from 1")
	}
	if f.broker == "" {
		return usageError("push: --broker: want a URL such as mqtt://host:1883")
	}
	if *f.dir == "" {
		return usageError("push: --dir is needed, there is no home directory")
	}
	_, data, err := readModelFile(file)
	if err != nil {
		return err
	}
	needs, err := trial.Needs(data)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	var inputs *npz.File
	if f.inputs != "" {
		if inputs, err = openArrays(f.inputs); err != nil {
			return err
		}
	}
	answers, err := trial.Answers(data, inputs, f.seed, infer.Options{Custom: customOperators()})
	if err != nil {
		return fmt.Errorf("%s: trial answers: %w", file, err)
	}
	repo, err := publish.Open(*f.dir, publish.Options{})
	if err != nil {
		return err
	}
	defer repo.Close()
	again := repo.Version(model) == f.version && repo.Digest(model) == fmt.Sprintf("%x", sha256.Sum256(data))
	var plan *publish.Plan
	if !again {
		plan, err = repo.Build(publish.Push{
			Model: model, Version: f.version, Bytes: data, Answers: answers, Operators: needs,
			RunTime: f.runTime, MemoryBytes: f.memory,
		})
		if err != nil {
			return err
		}
	}
	client, err := mqtt.Open(mqtt.Options{Broker: f.broker})
	if err != nil {
		return usageError("push: --broker: %w", err)
	}
	defer client.Close()
	if err := waitConnected(c, client); err != nil {
		return err
	}
	if again {
		if err := repo.Republish(c.Context(), client); err != nil {
			return err
		}
		return a.printPush(model, f.version, repo.Digest(model), "is published again")
	}
	if err := repo.Send(c.Context(), plan, client); err != nil {
		return err
	}
	return a.printPush(model, plan.Version, plan.Digest, "is published")
}

func (a *app) printPush(model string, version int64, digest, what string) error {
	if a.format == "json" {
		return a.printJSON(map[string]any{"model": model, "version": version, "digest": digest, "result": what})
	}
	_, err := fmt.Fprintf(a.out, "%s version %d %s, digest %s\n", model, version, what, digest)
	return err
}

func waitConnected(c *cobra.Command, client *mqtt.Client) error {
	ctx, cancel := context.WithTimeout(c.Context(), connectTimeout)
	defer cancel()
	return client.WaitConnected(ctx)
}
