package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"kinglet/agent/internal/demo"
)

func (a *app) brokerCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "broker",
		Short: "Run a small MQTT broker for trying things: open to all who reach it, nothing on disk",
		Args:  cobra.NoArgs,
	}
	listen := c.Flags().String("listen", "127.0.0.1:1883", "`address` to listen on")
	c.RunE = func(c *cobra.Command, _ []string) error {
		b, err := demo.StartBroker(*listen)
		if err != nil {
			return err
		}
		fmt.Fprintln(a.out, b.URL())
		<-c.Context().Done()
		return b.Close()
	}
	return c
}
