package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestSocketSpeaksTheInferenceProtocol runs the daemon's model over the socket.
func TestSocketSpeaksTheInferenceProtocol(t *testing.T) {
	_, root := publisher(t)
	d := newDevice(t, "mqtt://127.0.0.1:1", root)
	d.start()
	waitFor(t, "the socket", func() bool { _, ok := d.status(); return ok })
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", d.socket)
	}}}
	ask := func(method, path, body string, v any) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "http://kinglet"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if v != nil && json.Unmarshal(b, v) != nil {
			t.Fatalf("%s %s: %s", method, path, b)
		}
		return resp.StatusCode
	}
	var meta struct {
		Versions []string
		Inputs   []struct {
			Name, Datatype string
			Shape          []int
		}
	}
	if status := ask("GET", "/v2/models/motor", "", &meta); status != 200 || len(meta.Inputs) != 1 || meta.Versions[0] != "1" {
		t.Fatalf("%d %+v", status, meta)
	}
	in := meta.Inputs[0]
	n := 1
	for _, d := range in.Shape {
		n *= d
	}
	shape, err := json.Marshal(in.Shape)
	if err != nil {
		t.Fatal(err)
	}
	request := func(datatype string) string {
		return `{"inputs":[{"name":"` + in.Name + `","datatype":"` + datatype + `","shape":` + string(shape) + `,"data":[` + strings.Repeat("1,", n-1) + `1]}]}`
	}
	var answer struct {
		Version string `json:"model_version"`
		Outputs []struct {
			Datatype string
			Data     []int
		}
		Error string
	}
	if status := ask("POST", "/v2/models/motor/infer", request("INT8"), &answer); status != 200 || answer.Version != "1" || len(answer.Outputs) != 1 || len(answer.Outputs[0].Data) != 4 {
		t.Errorf("%d %+v", status, answer)
	}
	if status := ask("POST", "/v2/models/motor/infer", request("INT16"), &answer); status != 400 || !strings.Contains(answer.Error, "want INT8") {
		t.Errorf("another type: %d %+v", status, answer)
	}
	if status := ask("POST", "/v2/models/none/infer", request("INT8"), nil); status != 404 {
		t.Errorf("another model: %d", status)
	}
}
