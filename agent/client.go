package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/spf13/cobra"
)

// defaultSocket is where an installed daemon listens.
const defaultSocket = "/run/kinglet/kinglet.sock"

// maxAnswer bounds what the daemon may answer, in bytes.
const maxAnswer = 64 << 20

// socketFlag adds --socket to a command that talks to the daemon.
func socketFlag(c *cobra.Command) *string {
	return c.Flags().String("socket", defaultSocket, "the daemon's `socket`")
}

// call sends a request over the daemon's socket and decodes the JSON answer into v.
func call(ctx context.Context, socket, method, path string, v any) error {
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
	req, err := http.NewRequestWithContext(ctx, method, "http://kinglet"+path, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return &statusError{exitUnreachable, fmt.Errorf("the daemon does not answer on %s: %w", socket, errors.Unwrap(err))}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("the daemon's answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		var f struct {
			Error string `json:"error"`
		}
		if json.Unmarshal(body, &f) != nil || f.Error == "" {
			f.Error = resp.Status
		}
		if resp.StatusCode == http.StatusNotFound {
			return &statusError{exitNotFound, errors.New(f.Error)}
		}
		return errors.New(f.Error)
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("the daemon's answer: %w", err)
	}
	return nil
}
