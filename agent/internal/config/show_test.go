package config

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// TestShownFilesLoadAgain shows that the effective configuration, as YAML and as JSON, is
// the same configuration.
func TestShownFilesLoadAgain(t *testing.T) {
	for _, file := range good(t) {
		f := Read(file)
		j, err := json.Marshal(f.JSON())
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{f.YAML(), string(j)} {
			again := Parse("again.yaml", []byte(text))
			if again.Err() != nil || !reflect.DeepEqual(f.Config, again.Config) {
				t.Errorf("%s: %v\n%s", file, again.Err(), text)
			}
		}
	}
}

func TestShowTellsWhereValuesComeFrom(t *testing.T) {
	got := must(t, strings.Replace(least, "{file: builtin:motor}", "{file: m.tflite, labels: [a, 'b: c'], rules: {event_rate: 20%}}", 1)).YAML()
	for _, want := range []string{
		"device:\n  id: kinglet                             # default\n",
		"    driver: sim-motor                     # line 2\n",
		"    rate: 3200Hz                          # default\n",
		"    speed: 1450rpm                        # default\n",
		`    labels: [a, "b: c"]                   # line 3` + "\n",
		"      event_rate: 0.2                     # line 3\n",
		"      latency: 0s                         # default\n",
		"    probation:\n      time: 10m                           # default\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

// shownKeys lists the paths of all keys of a configuration.
func shownKeys(b branch) (paths []string) {
	for _, f := range b.fields {
		paths = append(paths, f.path)
		paths = append(paths, shownKeys(f)...)
	}
	return paths
}

// TestAgentYAMLShowsEveryKey holds configs/agent.yaml to the tables: it has every key, and
// after each value that is not the default stands the default or that there is none.
func TestAgentYAMLShowsEveryKey(t *testing.T) {
	const file = "../../../configs/agent.yaml"
	f := Read(file)
	if f.Err() != nil {
		t.Fatal(f.Err())
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	for _, path := range shownKeys(f.Config.body().tree("")) {
		if _, ok := f.places[path]; !ok {
			t.Errorf("%s is not in the file", path)
		}
	}
	defaults := Parse("least", []byte(least))
	values := leaves(defaults.Config.body().tree(""))
	for path, leaf := range leaves(f.Config.body().tree("")) {
		line, text := lines[f.places[path].line-1], jsonText(leaf)
		_, comment, _ := strings.Cut(line, "#")
		if regexp.MustCompile(`(source|model|driver|file)$`).MatchString(path) {
			continue // they have no default
		}
		def := values[path]
		if string(jsonText(def)) == string(text) {
			continue
		}
		want := "default: " + strings.Trim(string(jsonText(def)), `"`)
		if def == "" {
			want = `default: ""`
		}
		if !strings.Contains(comment, want) {
			t.Errorf("%s: the comment lacks %q: %s", path, want, line)
		}
	}
}

func leaves(b branch) map[string]any {
	out := map[string]any{}
	for _, f := range b.fields {
		if f.leaf != nil {
			out[f.path] = f.leaf
		}
		for path, leaf := range leaves(f) {
			out[path] = leaf
		}
	}
	return out
}
