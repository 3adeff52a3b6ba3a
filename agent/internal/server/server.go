// Package server answers on the daemon's UNIX socket: HTTP and JSON. It translates calls
// and errors, and knows nothing of what stands behind Device.
package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Device is what the socket shows and changes.
type Device interface {
	Models
	Status() any
	// History returns what happened to a model, or ErrNotFound.
	History(model string) (any, error)
	// Rollback takes a model back to the version before, or returns ErrNotFound.
	Rollback(ctx context.Context, model string) error
}

// ErrNotFound says that what was named is not there.
var ErrNotFound = errors.New("not found")

// The bounds of a request.
const (
	readTimeout  = 5 * time.Second
	writeTimeout = 60 * time.Second
	maxHeader    = 16 << 10
	maxBody      = 16 << 20
)

// Serve answers on l, which it closes, until ctx is done.
func Serve(ctx context.Context, l net.Listener, d Device) error {
	s := &http.Server{
		Handler:           http.MaxBytesHandler(routes(d), maxBody),
		ReadHeaderTimeout: readTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, MaxHeaderBytes: maxHeader,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, mayChange{}, privileged(c))
		},
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = s.Shutdown(stop) // what is still open then is cut by the exit
	}()
	err := s.Serve(l)
	if ctx.Err() == nil {
		return fmt.Errorf("socket: %w", err)
	}
	<-stopped
	return nil
}

// Listen makes the socket at path. A socket file that nobody listens on any more is
// replaced; one in use is an error.
func Listen(path string) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if errors.Is(err, syscall.EADDRINUSE) {
		if c, dial := net.DialTimeout("unix", path, time.Second); dial == nil {
			c.Close()
			return nil, fmt.Errorf("socket %s: another daemon answers on it", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("socket: stale file: %w", err)
		}
		l, err = net.Listen("unix", path)
	}
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	if err := os.Chmod(path, 0o660); err != nil {
		l.Close()
		return nil, fmt.Errorf("socket: %w", err)
	}
	return l, nil
}

func routes(d Device) http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /v1/status", func(w http.ResponseWriter, _ *http.Request) { answer(w, d.Status(), nil) })
	m.HandleFunc("GET /v1/models/{model}", func(w http.ResponseWriter, r *http.Request) {
		v, err := d.History(r.PathValue("model"))
		answer(w, v, err)
	})
	m.HandleFunc("POST /v1/models/{model}/rollback", func(w http.ResponseWriter, r *http.Request) {
		if ok, _ := r.Context().Value(mayChange{}).(bool); !ok {
			reply(w, http.StatusForbidden, failure{"only root and the daemon's own user may change things"})
			return
		}
		err := d.Rollback(r.Context(), r.PathValue("model"))
		answer(w, d.Status(), err)
	})
	inference(m, d)
	return m
}

// mayChange is the context key of a connection's rights.
type mayChange struct{}

// privileged tells whether the peer is root or the daemon's own user (unix(7), SO_PEERCRED).
func privileged(c net.Conn) bool {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return false
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return false
	}
	var peer *unix.Ucred
	if err := raw.Control(func(fd uintptr) { peer, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); err != nil || peer == nil {
		return false
	}
	return peer.Uid == 0 || int(peer.Uid) == os.Geteuid()
}

// failure is the body of every answer that is not a success.
type failure struct {
	Error string `json:"error"`
}

func answer(w http.ResponseWriter, v any, err error) {
	switch {
	case err == nil:
		reply(w, http.StatusOK, v)
	case errors.Is(err, ErrNotFound):
		reply(w, http.StatusNotFound, failure{err.Error()})
	case errors.Is(err, ErrInput):
		reply(w, http.StatusBadRequest, failure{err.Error()})
	default:
		reply(w, http.StatusConflict, failure{err.Error()})
	}
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the peer may have gone
}
