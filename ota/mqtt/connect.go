package mqtt

import (
	"context"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

func parseBroker(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	port := ""
	switch u.Scheme {
	case "mqtt", "tcp":
		u.Scheme, port = "tcp", "1883"
	case "mqtts", "ssl", "tls":
		u.Scheme, port = "ssl", "8883"
	default:
		return nil, fmt.Errorf("broker %q: want mqtt://host:port or mqtts://host:port", u.Redacted())
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("broker %q: no host", u.Redacted())
	}
	if u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), port)
	}
	return u, nil
}

// dial is paho's way to the broker, through a wire that bounds packets.
func (c *Client) dial(u *url.URL, _ paho.ClientOptions) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(c.ctx, c.o.Timeout)
	defer cancel()
	dialer := &net.Dialer{KeepAlive: c.o.KeepAlive}
	conn, err := dialer.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "ssl" {
		config := &tls.Config{}
		if c.o.TLS != nil {
			config = c.o.TLS.Clone()
		}
		if config.ServerName == "" {
			config.ServerName = u.Hostname()
		}
		secure := tls.Client(conn, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, err
		}
		conn = secure
	}
	c.wires.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wire = newWire(conn, c.o.PacketBytes, c.routes.oversize)
	return c.wire, nil
}

// keepUp connects, waits until the connection is lost, and connects again, with a pause
// that doubles and jitters. A broker that is away is said once.
func (c *Client) keepUp() {
	pause, said := c.o.Backoff, false
	for {
		err := c.connect()
		if err == nil {
			if said {
				c.log.Info("mqtt: connected again", "broker", c.broker.Redacted())
			}
			said = false
			stood := time.NewTimer(c.o.BackoffMax)
			select {
			case err = <-c.lost:
			case <-c.ctx.Done():
				c.paho.Disconnect(250)
				return
			}
			select {
			case <-stood.C: // long enough to begin anew
				pause = c.o.Backoff
			default:
				stood.Stop()
			}
		}
		if c.ctx.Err() != nil {
			return
		}
		c.down(err)
		if !said {
			c.log.Warn("mqtt: no connection; trying on", "broker", c.broker.Redacted(), "error", err)
			said = true
		}
		select {
		case <-time.After(pause/2 + rand.N(pause/2+1)):
		case <-c.ctx.Done():
			return
		}
		pause = min(2*pause, c.o.BackoffMax)
	}
}

// connect makes the connection and renews every subscription.
func (c *Client) connect() error {
	select { // a loss that was not waited for is history
	case err := <-c.lost:
		c.o.Logger.Debug("mqtt: an earlier loss", "error", err)
	default:
	}
	if err := c.wait(c.ctx, c.paho.Connect()); err != nil {
		c.paho.Disconnect(0)
		return err
	}
	for _, topic := range c.routes.watched() {
		if err := c.granted(c.ctx, topic, c.paho.Subscribe(topic, 1, nil)); err != nil {
			c.paho.Disconnect(0)
			return err
		}
	}
	if b := c.o.Birth; b != nil {
		if err := c.wait(c.ctx, c.paho.Publish(b.Topic, 1, b.Retained, b.Payload)); err != nil {
			c.paho.Disconnect(0)
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = nil
	close(c.up)
	return nil
}

func (c *Client) down(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil {
		c.up = make(chan struct{})
	}
	c.last = ErrNotConnected
	if err != nil {
		c.last = fmt.Errorf("%w: %w", ErrNotConnected, err)
	}
}
