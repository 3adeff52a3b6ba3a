package mqtt

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	broker "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
)

func TestTLS(t *testing.T) {
	lender := httptest.NewTLSServer(nil) // has a certificate for 127.0.0.1
	defer lender.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := broker.New(&broker.Options{Logger: slog.New(slog.DiscardHandler)})
	if err := b.AddHook(new(auth.AllowHook), nil); err != nil {
		t.Fatal(err)
	}
	secure := tls.NewListener(l, &tls.Config{Certificates: lender.TLS.Certificates})
	if err := b.AddListener(listeners.NewNet("tls", secure)); err != nil {
		t.Fatal(err)
	}
	if err := b.Serve(); err != nil {
		t.Fatal(err)
	}
	defer closeBroker(b, secure)
	url := "mqtts://" + l.Addr().String()

	known := x509.NewCertPool()
	known.AddCert(lender.Certificate())
	c := open(t, Options{Broker: url, TLS: &tls.Config{RootCAs: known}})
	ctx := within(t, 20*time.Second)
	if err := c.Publish(ctx, "kinglet/t", []byte("x"), true); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Retained(ctx, "kinglet/t", 10, time.Second); err != nil || string(got) != "x" {
		t.Errorf("%q, %v", got, err)
	}
	stranger := open(t, Options{Broker: url})
	// The reason is known once a handshake has failed, which takes what the machine takes.
	for range 40 {
		err = stranger.WaitConnected(within(t, 500*time.Millisecond))
		if err == nil || strings.Contains(err.Error(), "certificate") {
			break
		}
	}
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a broker without a known certificate: %v", err)
	}
}
