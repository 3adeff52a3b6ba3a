package main

import (
	"encoding/json"
	"testing"

	"kinglet/agent/internal/demo"
)

// TestDemoTellsTheWholeStory runs the tour as a program would.
func TestDemoTellsTheWholeStory(t *testing.T) {
	var r demo.Report
	if err := json.Unmarshal([]byte(must(t, "demo", "--once", "-o", "json")), &r); err != nil {
		t.Fatal(err)
	}
	if r.Inferences == 0 {
		t.Error("no inference")
	}
	started := map[string]bool{}
	for _, e := range r.Events {
		if e.Active && e.Version == 1 {
			started[e.Label] = true
		}
	}
	if !started["imbalance"] || !started["bearing"] {
		t.Errorf("the first model's events %+v, want imbalance and bearing", r.Events)
	}
	want := []demo.Update{
		{Version: 2, Result: "promoted"},
		{Version: 3, Result: "refused", Code: "trial-answers"},
		{Version: 4, Result: "refused", Code: "bad-signature"},
		{Version: 5, Result: "refused", Code: "truncated"},
		{Version: 6, Result: "refused", Code: "unknown-key"},
		{Version: 7, Result: "rolled-back", Code: "health-event-rate"},
	}
	if len(r.Updates) != len(want) {
		t.Fatalf("updates %+v, want %d", r.Updates, len(want))
	}
	for i, w := range want {
		u := r.Updates[i]
		if u.Version != w.Version || u.Result != w.Result || u.Code != w.Code || (u.Reason == "") != (w.Code == "") {
			t.Errorf("update %+v, want version %d %s %s and a reason", u, w.Version, w.Result, w.Code)
		}
	}
}
