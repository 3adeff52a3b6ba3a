package config

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Duration is a time written with its unit, such as 2s or 10m.
type Duration time.Duration

// Rate is a frequency in hertz, written with its unit, such as 3200Hz or 3.2kHz.
type Rate float64

// duration is a time with its unit.
type duration struct {
	at       *Duration
	def      time.Duration
	min, max time.Duration
}

func (v *duration) fill() { *v.at = Duration(v.def) }

func (v *duration) read(r *reader, path string, n *node) {
	d, err := time.ParseDuration(n.text)
	form := n.kind == text && regexp.MustCompile(durationPattern).MatchString(n.text) || n.kind == number && n.text == "0"
	if !form || err != nil || d < v.min || d > v.max {
		r.wrong(n, path, didYouMean(v.hint(n)), fmt.Sprintf("a time with its unit from %s to %s, such as %s",
			formatDuration(v.min), formatDuration(v.max), v.example()))
		return
	}
	*v.at = Duration(d)
}

func (v *duration) example() string {
	if v.def == 0 {
		return "100ms"
	}
	return formatDuration(v.def)
}

// formatDuration is time.Duration's text without the zeros that say nothing.
func formatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// durationPattern is what time.ParseDuration takes, without signs. A bare 0 is a time too.
const durationPattern = `^([0-9]+(\.[0-9]*)?(ns|us|µs|μs|ms|s|m|h))+$`

// hint is the time that a text was probably meant to be, or "".
func (v *duration) hint(n *node) string {
	m := regexp.MustCompile(`^([0-9]+)(\.[0-9]+)?\s*([a-zA-Z]*)$`).FindStringSubmatch(n.text)
	if m == nil || n.kind != text && n.kind != number {
		return ""
	}
	unit := ""
	switch word := strings.ToLower(m[3]); word {
	case "":
		unit = "s"
	case "s", "sec", "secs", "second", "seconds":
		unit = "s"
	case "m", "min", "mins", "minute", "minutes":
		unit = "m"
	case "h", "hr", "hrs", "hour", "hours":
		unit = "h"
	case "ms", "msec", "msecs", "millisecond", "milliseconds":
		unit = "ms"
	case "d", "day", "days":
		if d, err := time.ParseDuration(m[1] + "h"); err == nil && m[2] == "" && 24*d <= v.max {
			return formatDuration(24 * d)
		}
		return ""
	}
	d, err := time.ParseDuration(m[1] + m[2] + unit)
	if unit == "" || err != nil || d < v.min || d > v.max {
		return ""
	}
	return m[1] + m[2] + unit
}
