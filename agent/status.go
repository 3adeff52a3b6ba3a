package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"kinglet/agent/internal/daemon"
)

func (a *app) statusCommand() *cobra.Command {
	c := &cobra.Command{Use: "status", Short: "Tell how the daemon does", Args: cobra.NoArgs}
	socket := socketFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		var s daemon.Status
		if err := call(c.Context(), *socket, "GET", "/v1/status", &s); err != nil {
			return err
		}
		if a.format == "json" {
			return a.printJSON(s)
		}
		return a.printStatus(s)
	}
	return c
}

func (a *app) printStatus(s daemon.Status) error {
	broker := "no broker"
	if s.Broker != "" {
		broker = s.Broker + " (away)"
		if s.Connected {
			broker = s.Broker
		}
	}
	fmt.Fprintf(a.out, "%s  kinglet %s  up %s  %s\n\n", s.Device, s.Version, time.Duration(s.Uptime*1e9).Round(time.Second), broker)
	rows := [][]string{{"PIPELINE", "SOURCE", "MODEL", "INFERENCES", "EVENTS", "DROPPED", "ERRORS"}}
	for _, p := range s.Pipelines {
		rows = append(rows, []string{p.Name, p.Source, fmt.Sprintf("%s v%d", p.Model, p.Version), fmt.Sprint(p.Inferences), fmt.Sprint(p.Events), fmt.Sprint(p.Dropped), fmt.Sprint(p.Errors)})
	}
	if err := a.printTable(rows); err != nil {
		return err
	}
	fmt.Fprintln(a.out)
	rows = [][]string{{"MODEL", "ACTIVE", "PREVIOUS", "PHASE", "WHY"}}
	for _, m := range s.Models {
		why := ""
		if m.Code != "" {
			why = string(m.Code) + ": " + m.Reason
		}
		rows = append(rows, []string{m.Name, fmt.Sprintf("v%d", m.Active), fmt.Sprintf("v%d", m.Previous), fmt.Sprintf("%s v%d", m.Phase, m.About), why})
	}
	if err := a.printTable(rows); err != nil {
		return err
	}
	if u := s.Untrusted; u != nil {
		fmt.Fprintf(a.out, "\nmetadata on the broker is refused since %s: %s: %s\n", u.Time.Local().Format(time.DateTime), u.Code, u.Reason)
	}
	return nil
}
