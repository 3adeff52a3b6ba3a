package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const minute = time.Minute

// Duration is a time written with its unit, such as 2s or 10m.
type Duration time.Duration

// UnmarshalYAML reads a duration.
func (d *Duration) UnmarshalYAML(b []byte) error {
	s := scalar(b)
	v, err := time.ParseDuration(s)
	if err != nil || v < 0 {
		return fmt.Errorf("got %q, want a time with its unit, such as 500ms, 2s or 10m", s)
	}
	*d = Duration(v)
	return nil
}

// Rate is a frequency in hertz, written with its unit, such as 3200Hz or 3.2kHz.
type Rate float64

// UnmarshalYAML reads a rate.
func (r *Rate) UnmarshalYAML(b []byte) error {
	s := scalar(b)
	number, factor := s, 1.0
	if n, ok := strings.CutSuffix(s, "kHz"); ok {
		number, factor = n, 1000
	} else if n, ok := strings.CutSuffix(s, "Hz"); ok {
		number = n
	} else {
		return fmt.Errorf("got %q, want a rate with its unit, such as 3200Hz", s)
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !(v > 0 && v < 1e9) {
		return fmt.Errorf("got %q, want a rate with its unit, such as 3200Hz", s)
	}
	*r = Rate(v * factor)
	return nil
}

// scalar returns the text of a YAML scalar without its quotes.
func scalar(b []byte) string { return strings.Trim(strings.TrimSpace(string(b)), `"'`) }
