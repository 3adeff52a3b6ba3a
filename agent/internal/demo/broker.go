package demo

import (
	"fmt"
	"log/slog"
	"net"

	mqttserver "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
)

// Broker is a small embedded MQTT broker that keeps nothing on disk.
type Broker struct {
	server *mqttserver.Server
	addr   string
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
	return &Broker{s, l.Addr().String()}, nil
}

// URL is where clients connect.
func (b *Broker) URL() string { return "mqtt://" + b.addr }

// Close ends the broker and every connection.
func (b *Broker) Close() error { return b.server.Close() }
