// Package config reads the agent's configuration: a strict YAML file to a complete,
// validated value. An unknown key is an error; every value out of its bounds is named.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/goccy/go-yaml"

	"kinglet/ota"
)

// Config is the whole file, defaults filled in.
type Config struct {
	Device    Device              `yaml:"device"`
	MQTT      MQTT                `yaml:"mqtt"`
	Sources   map[string]Source   `yaml:"sources"`
	Models    map[string]Model    `yaml:"models"`
	Pipelines map[string]Pipeline `yaml:"pipelines"`
	Updates   Updates             `yaml:"updates"`
}

// Device says who this is and where it keeps its state.
type Device struct {
	ID     string `yaml:"id"`     // one level of an MQTT topic
	State  string `yaml:"state"`  // directory of the store
	Socket string `yaml:"socket"` // of the commands; empty for none
}

// MQTT is the broker. Without one there are no updates and results stay in the log.
type MQTT struct {
	Broker string `yaml:"broker"` // mqtt://host:port or mqtts://host:port
}

// Source is where samples come from.
type Source struct {
	Driver string  `yaml:"driver"` // sim-motor
	Rate   Rate    `yaml:"rate"`   // samples a second
	State  string  `yaml:"state"`  // of the simulated motor
	Speed  float64 `yaml:"speed"`  // rpm
	SNR    float64 `yaml:"snr"`    // dB
	Seed   uint64  `yaml:"seed"`
	Pace   float64 `yaml:"pace"` // simulated seconds in a real one
}

// Model is a model's factory slot.
type Model struct {
	File      string    `yaml:"file"` // a path, or builtin:NAME
	Labels    []string  `yaml:"labels"`
	Probation Probation `yaml:"probation"`
	Rules     Rules     `yaml:"rules"`
}

// Probation is how long a promoted model is watched; both must have passed.
type Probation struct {
	Time Duration `yaml:"time"`
	Runs int64    `yaml:"runs"`
}

// Rules break a probation. 0 is no rule.
type Rules struct {
	MinRuns   int64    `yaml:"min_runs"`
	EventRate float64  `yaml:"event_rate"` // share of runs during an event
	NaNRate   float64  `yaml:"nan_rate"`
	ErrorRate float64  `yaml:"error_rate"`
	Latency   Duration `yaml:"latency"`
	MaxBoots  int      `yaml:"max_boots"`
}

// Pipeline joins a source to a model.
type Pipeline struct {
	Source string `yaml:"source"`
	Model  string `yaml:"model"`
	Hop    int    `yaml:"hop"` // frames from one window to the next; 0 is a whole window
	Event  Event  `yaml:"event"`
}

// Event says when an answer that lasts becomes an event.
type Event struct {
	On    float32  `yaml:"on"`
	Off   float32  `yaml:"off"`
	Hold  int      `yaml:"hold"`
	Quiet []string `yaml:"quiet"` // labels that are no event
}

// Updates follows a repository of models. Without a root there are none.
type Updates struct {
	Repository string   `yaml:"repository"`
	Root       string   `yaml:"root"`    // file of the root document that this device trusts
	Healthy    Duration `yaml:"healthy"` // a start that lives this long is no crash
	Trial      Duration `yaml:"trial"`   // the longest that a trial may take
}

// Default is what a file is read over.
func Default() Config {
	return Config{
		Device:  Device{ID: "kinglet", State: "/var/lib/kinglet", Socket: "/run/kinglet/kinglet.sock"},
		Updates: Updates{Repository: "main", Healthy: Duration(minute), Trial: Duration(2 * minute)},
	}
}

// maxFile bounds a configuration file, in bytes.
const maxFile = 1 << 20

// Load reads a file. Its error lists everything that is wrong with the values; a key or
// a type that is wrong is shown with its line and an excerpt.
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// Parse is Load for bytes.
func Parse(data []byte) (c *Config, err error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("%d bytes, at most %d", len(data), maxFile)
	}
	defer func() { // the parser has been seen to panic on hostile bytes
		if r := recover(); r != nil {
			c, err = nil, fmt.Errorf("not readable as YAML: %v", r)
		}
	}()
	v := Default()
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&v); err != nil {
		return nil, errors.New(yaml.FormatError(err, false, true))
	}
	for name, m := range v.Models {
		if m.Probation == (Probation{}) {
			m.Probation = Probation{Time: Duration(10 * minute), Runs: 100}
			v.Models[name] = m
		}
	}
	if err := v.check(); err != nil {
		return nil, err
	}
	return &v, nil
}

// check names every value that is out of its bounds.
func (c *Config) check() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !ota.ValidName(c.Device.ID) {
		fail("device.id: got %q, want 1 to 64 of a-z, 0-9, - and _", c.Device.ID)
	}
	if c.Device.State == "" {
		fail("device.state: want a directory")
	}
	if !ota.ValidName(c.Updates.Repository) {
		fail("updates.repository: got %q, want 1 to 64 of a-z, 0-9, - and _", c.Updates.Repository)
	}
	if len(c.Pipelines) == 0 {
		fail("pipelines: want at least one")
	}
	for _, name := range sorted(c.Sources) {
		s := c.Sources[name]
		if s.Driver != "sim-motor" {
			fail("sources.%s.driver: got %q, want sim-motor", name, s.Driver)
		}
	}
	for _, name := range sorted(c.Models) {
		m := c.Models[name]
		if !ota.ValidName(name) {
			fail("models.%s: want a name of 1 to 64 of a-z, 0-9, - and _", name)
		}
		if m.File == "" {
			fail("models.%s.file: want a path or builtin:NAME", name)
		}
		for key, rate := range map[string]float64{"event_rate": m.Rules.EventRate, "nan_rate": m.Rules.NaNRate, "error_rate": m.Rules.ErrorRate} {
			if !(rate >= 0 && rate <= 1) {
				fail("models.%s.rules.%s: got %v, want 0 to 1", name, key, rate)
			}
		}
	}
	for _, name := range sorted(c.Pipelines) {
		p := c.Pipelines[name]
		if !ota.ValidName(name) {
			fail("pipelines.%s: want a name of 1 to 64 of a-z, 0-9, - and _", name)
		}
		if _, ok := c.Sources[p.Source]; !ok {
			fail("pipelines.%s.source: %q is not among the sources %q", name, p.Source, sorted(c.Sources))
		}
		if _, ok := c.Models[p.Model]; !ok {
			fail("pipelines.%s.model: %q is not among the models %q", name, p.Model, sorted(c.Models))
		}
		if e := p.Event; !(e.On >= 0 && e.On <= 1 && e.Off >= 0 && e.Off <= e.On) {
			fail("pipelines.%s.event: on %v, off %v: want 0 <= off <= on <= 1", name, e.On, e.Off)
		}
		if p.Hop < 0 {
			fail("pipelines.%s.hop: got %d, want at least 0", name, p.Hop)
		}
	}
	return errors.Join(errs...)
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
