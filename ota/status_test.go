package ota_test

import (
	"encoding/json"
	"strings"
	"testing"

	"kinglet/ota"
)

func TestParseStatusRefuses(t *testing.T) {
	good := `{"schema":1,"model":"motor","active":2,"phase":"idle","version":2,"progress":0.5}`
	if m, err := ota.ParseStatus([]byte(good)); err != nil || m.Active != 2 {
		t.Errorf("%+v, %v", m, err)
	}
	for _, bad := range []string{
		"", "null", "[]", good[:20], strings.Replace(good, `"schema":1`, `"schema":2`, 1), strings.Replace(good, "motor", "a/b", 1),
		strings.Replace(good, "0.5", "1.5", 1), strings.Replace(good, `"active":2`, `"active":-2`, 1), strings.Repeat(" ", 1<<20) + good,
	} {
		if _, err := ota.ParseStatus([]byte(bad)); err == nil {
			t.Errorf("took %.60q", bad)
		}
	}
}

func FuzzParseStatus(f *testing.F) {
	f.Add([]byte(`{"schema":1,"model":"motor","active":2,"phase":"idle","version":2,"progress":0.5,"code":"expired","reason":"x"}`))
	f.Add([]byte(`{"schema":1e0,"progress":-0}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		m, err := ota.ParseStatus(payload)
		if err != nil {
			return
		}
		again, err := json.Marshal(m)
		if err != nil {
			t.Skip(err) // a year beyond 9999
		}
		if _, err := ota.ParseStatus(again); err != nil && len(again) < 16<<10 {
			t.Fatal(err)
		}
	})
}
