package server

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fake is a device with one model.
type fake struct{ rolledBack int }

func (f *fake) Status() any {
	return map[string]any{"device": "pump-1", "rolled_back": f.rolledBack}
}

func (f *fake) History(model string) (any, error) {
	if model != "motor" {
		return nil, fmt.Errorf("model %q: %w", model, ErrNotFound)
	}
	return []string{"idle"}, nil
}

func (f *fake) Rollback(_ context.Context, model string) error {
	if model != "motor" {
		return fmt.Errorf("model %q: %w", model, ErrNotFound)
	}
	if f.rolledBack++; f.rolledBack > 1 {
		return errors.New("there is no version before")
	}
	return nil
}

func (f *fake) Ready() bool { return f.rolledBack == 0 }

func (f *fake) Metadata(model string) (string, []Tensor, []Tensor, error) {
	if model != "motor" {
		return "", nil, nil, fmt.Errorf("model %q: %w", model, ErrNotFound)
	}
	return "7", []Tensor{{Name: "x", Datatype: "INT16", Shape: []int{2}}}, []Tensor{{Name: "y", Datatype: "FP32", Shape: []int{2}}}, nil
}

// Infer halves two numbers.
func (f *fake) Infer(_ context.Context, model string, in []Tensor) (string, []Tensor, error) {
	if model != "motor" {
		return "", nil, fmt.Errorf("model %q: %w", model, ErrNotFound)
	}
	if len(in) != 1 || in[0].Datatype != "INT16" || len(in[0].Data) != 4 {
		return "", nil, fmt.Errorf("want x INT16 [2]: %w", ErrInput)
	}
	le := binary.LittleEndian
	var out []byte
	for i := 0; i < 4; i += 2 {
		out = le.AppendUint32(out, math.Float32bits(float32(int16(le.Uint16(in[0].Data[i:])))/2))
	}
	return "7", []Tensor{{Name: "y", Datatype: "FP32", Shape: []int{2}, Data: out}}, nil
}

// serve starts a server and returns what asks it.
func serve(t *testing.T, d Device) (path string, ask func(method, path string) (int, string)) {
	t.Helper()
	dir, err := os.MkdirTemp("", "ks")
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "sock")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	go func() { ended <- Serve(ctx, l, d) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		os.RemoveAll(dir)
	})
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
	}}
	return path, func(method, p string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "http://kinglet"+p, nil)
		if err != nil {
			t.Fatal(err)
		}
		var resp *http.Response
		for range 100 {
			if resp, err = client.Do(req); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond) // it is about to listen
		}
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(b)
	}
}

func TestRoutes(t *testing.T) {
	_, ask := serve(t, &fake{})
	for _, c := range []struct {
		method, path string
		status       int
		says         string
	}{
		{"GET", "/v1/status", 200, "pump-1"},
		{"GET", "/v1/models/motor", 200, "idle"},
		{"GET", "/v2", 200, "binary_tensor_data"},
		{"GET", "/v2/health/live", 200, ""},
		{"GET", "/v2/health/ready", 200, ""},
		{"GET", "/v2/models/motor", 200, `"datatype":"INT16"`},
		{"GET", "/v2/models/motor/ready", 200, ""},
		{"GET", "/v2/models/none/ready", 404, ""},
		{"GET", "/v1/models/none", 404, `model \"none\": not found`},
		{"POST", "/v1/models/motor/rollback", 200, `"rolled_back":1`},
		{"POST", "/v1/models/motor/rollback", 409, "no version before"},
		{"POST", "/v1/models/none/rollback", 404, "not found"},
		{"GET", "/v1/models/motor/rollback", 405, ""},
		{"POST", "/v1/status", 405, ""},
		{"GET", "/etc/passwd", 404, ""},
	} {
		if status, body := ask(c.method, c.path); status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s %s: %d %s, want %d and %q", c.method, c.path, status, body, c.status, c.says)
		}
	}
}

func TestSocketFile(t *testing.T) {
	path, ask := serve(t, &fake{})
	ask("GET", "/v1/status") // it stands
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("mode %v, %v; want 0660", info.Mode(), err)
	}
	if _, err := Listen(path); err == nil || !strings.Contains(err.Error(), "another daemon") {
		t.Errorf("a second server: error %v", err)
	}
}

func TestStaleSocketIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	again, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

func TestSocketPathThatCannotBe(t *testing.T) {
	if _, err := Listen("/proc/nowhere/s"); err == nil || !strings.Contains(err.Error(), "socket") {
		t.Errorf("error %v", err)
	}
}
