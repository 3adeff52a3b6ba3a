// Package config reads the agent's configuration: a strict YAML file to a complete,
// validated value. Everything that is wrong with a file is said at once, each with its
// line, an excerpt and, where one can be guessed, what was meant. The tables of keys, one
// file a section, are the only description: `config show`, the JSON Schema and the messages
// follow from them.
package config

import (
	"io"
	"os"
)

// Config is the whole file, defaults filled in.
type Config struct {
	Device    Device
	MQTT      MQTT
	Sources   map[string]Source
	Models    map[string]Model
	Pipelines map[string]Pipeline
	Updates   Updates
}

// body is the table of the file's sections.
func (c *Config) body() body {
	return body{
		keys: []key{
			{name: "device", doc: "who this device is, and where it keeps its state", value: section{c.Device.body()}},
			{name: "mqtt", doc: "the broker; without one there are no updates, and results stay in the log", value: section{c.MQTT.body()}},
			{name: "sources", doc: "where samples come from, by names of your own", value: &named[Source]{
				at: &c.Sources, of: (*Source).body, what: "a source",
			}},
			{name: "models", doc: "the models that this device always has, by names of your own", value: &named[Model]{
				at: &c.Models, of: (*Model).body, what: "a model",
			}},
			{name: "pipelines", need: true, doc: "which source each model watches, by names of your own", value: &named[Pipeline]{
				at: &c.Pipelines, of: (*Pipeline).body, what: "a pipeline", need: true,
			}},
			{name: "updates", doc: "the repository of models that is followed", value: section{c.Updates.body()}},
		},
	}
}

// Default is what a file is read over.
func Default() Config {
	var c Config
	c.body().fill()
	return c
}

// File is a configuration file as it was read.
type File struct {
	Name     string
	Config   *Config   // nil when there are errors
	Problems []Problem // errors and warnings, in the order of their lines

	places map[string]span // of what the file says, by path
}

// Err is what is wrong with the file: an *Error, or nil when there are but warnings.
func (f *File) Err() error {
	if f.Config != nil {
		return nil
	}
	return &Error{File: f.Name, Problems: f.Problems}
}

// Read reads a file with what is to be said about it. A file that cannot be opened is a
// problem like others.
func Read(path string) *File {
	data, err := readBounded(path)
	if err != nil {
		return &File{Name: path, Problems: []Problem{{File: path, Level: Wrong, Message: reason(err)}}}
	}
	return Parse(path, data)
}

// reason is an error of the file system without the name of the file, which stands before it.
func reason(err error) string {
	if e, ok := err.(*os.PathError); ok { //nolint:errorlint // os wraps nothing around it
		return e.Err.Error()
	}
	return err.Error()
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxBytes+1))
}

// Parse is Read for bytes; name is what problems call them.
func Parse(name string, data []byte) *File {
	in, bad := newInput(name, data)
	f := &File{Name: name, Problems: bad}
	if len(bad) > 0 {
		f.Problems = inOrder(bad)
		return f
	}
	root, bad := in.read()
	if len(bad) > 0 {
		f.Problems = inOrder(bad)
		return f
	}
	var c Config
	r := newReader(in)
	r.body(c.body(), "", root)
	r.resolve("sources", "source")
	r.resolve("models", "model")
	r.labels(&c)
	f.Problems, f.places = inOrder(r.problems), r.places
	for _, p := range r.problems {
		if p.Level == Wrong {
			return f
		}
	}
	f.Config = &c
	return f
}
