package demo

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	mqttserver "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
)

// Broker is a small embedded MQTT broker that keeps nothing on disk.
type Broker struct {
	server   *mqttserver.Server
	listener net.Listener
}

// StartBroker listens on addr, such as 127.0.0.1:0, and lets everyone do everything.
func StartBroker(addr string) (*Broker, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	s := mqttserver.New(&mqttserver.Options{Logger: slog.New(slog.DiscardHandler)})
	if err := s.AddHook(new(auth.AllowHook), nil); err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	if err := s.AddListener(listeners.NewNet("tcp", l)); err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	if err := s.Serve(); err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	return &Broker{s, l}, nil
}

// URL is where clients connect.
func (b *Broker) URL() string { return "mqtt://" + b.listener.Addr().String() }

// closeStep is how long Close waits for clients to leave, and for the server to end.
const closeStep = 2 * time.Second

// Close ends the broker and every connection. The server's own Close locks up when a
// client leaves at the same moment (it takes a read lock twice), so the clients are sent
// away first.
func (b *Broker) Close() error {
	_ = b.listener.Close() // nobody comes any more
	for _, c := range b.server.Clients.GetAll() {
		c.Stop(errClosing)
	}
	for end := time.Now().Add(closeStep); b.server.Clients.Len() > 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	ended := make(chan error, 1)
	go func() { ended <- b.server.Close() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(closeStep):
		return errClosing
	}
}

var errClosing = errors.New("broker: closing")
