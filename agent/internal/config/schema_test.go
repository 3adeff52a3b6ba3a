package config

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const schemaFile = "../../../configs/agent.schema.json"

// TestSchemaIsUpToDate holds the schema for editors to the tables. KINGLET_WRITE=1 writes it.
func TestSchemaIsUpToDate(t *testing.T) {
	want, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("KINGLET_WRITE") != "" {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("configs/agent.schema.json is not what `kinglet config schema` prints")
	}
}

func compile(t *testing.T) *jsonschema.Schema {
	t.Helper()
	raw, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("agent.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("agent.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate tells whether the schema takes a file.
func validate(t *testing.T, s *jsonschema.Schema, file string, data []byte) error {
	t.Helper()
	j, err := yaml.YAMLToJSON(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(j))
	if err != nil {
		t.Fatalf("%s: %v\n%s", file, err, j)
	}
	return s.Validate(v)
}

func TestSchemaTakesGoodFiles(t *testing.T) {
	s := compile(t)
	for _, file := range good(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, s, file, data); err != nil {
			t.Error(err)
		}
		if err := validate(t, s, file, []byte(Read(file).YAML())); err != nil {
			t.Errorf("%s, written out: %v", file, err)
		}
	}
}

// TestSchemaRefusesBadFiles shows that the schema sees the mistakes that a schema can see:
// those about keys, types and values, but for what refers to something else.
func TestSchemaRefusesBadFiles(t *testing.T) {
	s := compile(t)
	beyond := []string{ // relations, quantities with units, and places that this binary knows
		"twice-", "value-off-", "value-on-", "value-builtin", "value-labels-count", "value-rate-low", "value-rate-zero",
		"value-time-long", "value-trial-zero", "value-share-over", "value-broker-port", "value-broker-no-host", "value-broker-password",
		"key-typo-required", "type-number-in-list", "type-underscore", "value-rate-nan",
	}
	seen := 0
	for _, pattern := range []string{"key-[!tlv]*", "key-typo*", "type-*", "missing-pip*", "missing-driver*", "missing-file*", "value-*", "name-*"} {
		files, err := filepath.Glob("testdata/bad/" + pattern + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
	file:
		for _, file := range files {
			for _, b := range beyond {
				if strings.HasPrefix(filepath.Base(file), b) {
					continue file
				}
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			seen++
			if validate(t, s, file, data) == nil {
				t.Errorf("%s: the schema takes it", file)
			}
		}
	}
	if seen < 50 {
		t.Errorf("%d files, want more", seen)
	}
}
