package tflite

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"kinglet/models/graph"
)

// TestOptions reads every options table, with all fields set and with none, and finds what
// LiteRT's own schema code finds (scripts/goldens/tables.py).
func TestOptions(t *testing.T) {
	for _, name := range []string{"set", "unset"} {
		t.Run(name, func(t *testing.T) {
			var want []struct {
				Code   graph.OpCode
				Fields [][2]any
			}
			text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(filepath.Join("testdata", name+".tflite"))
			if err != nil {
				t.Fatal(err)
			}
			m, err := Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[graph.OpCode]bool{}
			for i, op := range m.Subgraphs[0].Operators {
				if op.Code != want[i].Code {
					t.Fatalf("operator %d is %v, want %v", i, op.Code, want[i].Code)
				}
				seen[op.Code] = true
				got := values(op.Options)
				if len(got) != len(want[i].Fields) {
					t.Errorf("%v: %d fields, want %v", op.Code, len(got), want[i].Fields)
					continue
				}
				for j, f := range want[i].Fields {
					g, w := fmt.Sprint(got[j]), fmt.Sprint(f[1])
					if empty := g == "" || g == "[]"; g != w && !(empty && f[1] == nil) {
						t.Errorf("%v: %s is %s, want %s", op.Code, f[0], g, w)
					}
				}
			}
			for code, table := range optionTables {
				if table.union != 0 && !seen[graph.OpCode(code)] {
					t.Errorf("no model has %v", graph.OpCode(code))
				}
			}
		})
	}
}

// values returns the fields of an options struct as plain numbers, texts and lists.
func values(options any) []any {
	if options == nil {
		return nil
	}
	var out []any
	v := reflect.ValueOf(options).Elem()
	for i := range v.NumField() {
		f := v.Field(i)
		if v.Type().Field(i).Name == "_" {
			continue
		}
		switch {
		case f.CanInt():
			out = append(out, float64(f.Int()))
		case f.CanUint():
			out = append(out, float64(f.Uint()))
		case f.CanFloat():
			out = append(out, f.Float())
		case f.Kind() == reflect.Slice:
			list := []any{}
			for j := range f.Len() {
				if e := f.Index(j); e.CanInt() {
					list = append(list, float64(e.Int()))
				} else {
					list = append(list, e.Float())
				}
			}
			out = append(out, list)
		default:
			out = append(out, f.Interface())
		}
	}
	return out
}
