package main

import (
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"kinglet/agent/internal/daemon"
)

func (a *app) historyCommand() *cobra.Command {
	c := &cobra.Command{Use: "history MODEL", Short: "Tell what happened to a model", Args: exactly("MODEL")}
	socket := socketFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		entries := []daemon.HistoryEntry{}
		if err := call(c.Context(), *socket, "GET", "/v1/models/"+url.PathEscape(args[0]), &entries); err != nil {
			return err
		}
		if a.format == "json" {
			return a.printJSON(entries)
		}
		rows := [][]string{{"TIME", "VERSION", "PHASE", "DIGEST", "WHY"}}
		for _, e := range entries {
			why := ""
			if e.Code != "" {
				why = string(e.Code) + ": " + e.Reason
			}
			rows = append(rows, []string{e.Time.Local().Format(time.DateTime), fmt.Sprintf("v%d", e.Version), string(e.Phase), e.Digest[:min(12, len(e.Digest))], why})
		}
		return a.printTable(rows)
	}
	return c
}

func (a *app) rollbackCommand() *cobra.Command {
	c := &cobra.Command{Use: "rollback MODEL", Short: "Go back to the version before", Args: exactly("MODEL")}
	socket := socketFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		var s daemon.Status
		if err := call(c.Context(), *socket, "POST", "/v1/models/"+url.PathEscape(args[0])+"/rollback", &s); err != nil {
			return err
		}
		if a.format == "json" {
			return a.printJSON(s)
		}
		return a.printStatus(s)
	}
	return c
}
