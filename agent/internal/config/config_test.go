package config

import (
	"strings"
	"testing"
	"time"
)

const good = `
device: {id: pump-3, state: /tmp/k}
mqtt: {broker: mqtt://127.0.0.1:1883}
sources:
  motor: {driver: sim-motor, rate: 3.2kHz}
models:
  motor: {file: builtin:motor, probation: {time: 30s, runs: 20}, rules: {event_rate: 0.2}}
pipelines:
  vibration: {source: motor, model: motor, hop: 512, event: {on: 0.8, off: 0.4, hold: 3, quiet: [off, normal]}}
updates: {root: root.json}
`

func TestParseReadsAWholeFile(t *testing.T) {
	c, err := Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if c.Sources["motor"].Rate != 3200 || c.Models["motor"].Probation.Time != Duration(30*time.Second) || c.Updates.Repository != "main" {
		t.Errorf("got %+v", c)
	}
}

func TestParseNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"an unknown key", "mqtt: {broker", "mqtt: {borker", "borker"},
		{"a rate without unit", "3.2kHz", "3200", "3200Hz"},
		{"a time without unit", "30s", "30", "with its unit"},
		{"a source that is not there", "source: motor", "source: moter", `"moter" is not among the sources ["motor"]`},
		{"a model that is not there", "model: motor", "model: pump", `"pump" is not among the models`},
		{"thresholds that cross", "off: 0.4", "off: 0.9", "0 <= off <= on <= 1"},
		{"a rate over one", "event_rate: 0.2", "event_rate: 20", "models.motor.rules.event_rate: got 20, want 0 to 1"},
		{"a name that no topic takes", "pump-3", "pump/3", "device.id"},
		{"a driver that is not built", "sim-motor", "sim-mortar", "sources.motor.driver"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse([]byte(strings.Replace(good, c.old, c.new, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("a: [b, {c: *d}]"))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = Parse(b) })
}
