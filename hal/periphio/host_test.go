package periphio

import (
	"log"
	"log/slog"
	"strings"
	"testing"
)

// TestHost finds what this machine has, which may be nothing, and leaves the standard
// log as it was.
func TestHost(t *testing.T) {
	out, flags := log.Writer(), log.Flags()
	var text strings.Builder
	h, err := NewHost(slog.New(slog.NewTextHandler(&text, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if log.Writer() != out || log.Flags() != flags {
		t.Error("the standard log was changed")
	}
	for _, name := range []string{"", "nonsense", "4000", "-1"} {
		if b, err := h.I2C(name); err == nil {
			_ = b.Close()
			t.Errorf("bus %q was opened", name)
		} else if !strings.Contains(err.Error(), "i2c") {
			t.Errorf("bus %q: got %v", name, err)
		}
	}
	if _, err := h.SPI("40.9"); err == nil || !strings.Contains(err.Error(), `spi port "40.9"`) {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"", "17", "gpiochip400:1", "NOSUCHLINE"} {
		if _, err := h.Line(name); err == nil || !strings.Contains(err.Error(), "gpio line") {
			t.Errorf("line %q: got %v", name, err)
		}
	}
}
