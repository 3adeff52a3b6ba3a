package main

import (
	"reflect"
	"strings"
	"testing"
)

func TestReportCountsInnermostTests(t *testing.T) {
	tests := []struct {
		name, events            string
		passed, failed, skipped int
		failures                []string
		skips                   map[string]string
	}{
		{
			name: "a parent is not counted",
			events: `{"Action":"run","Package":"p","Test":"TestA"}
				{"Action":"run","Package":"p","Test":"TestA/x"}
				{"Action":"pass","Package":"p","Test":"TestA/x"}
				{"Action":"pass","Package":"p","Test":"TestA"}
				{"Action":"pass","Package":"p"}`,
			passed: 1,
		},
		{
			name: "skips are gathered by what they say",
			events: `{"Action":"run","Package":"p","Test":"TestA"}
				{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
				{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:7: no corpus: none\n"}
				{"Action":"skip","Package":"p","Test":"TestA"}
				{"Action":"run","Package":"p","Test":"TestB"}
				{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:9: no corpus: none\n"}
				{"Action":"skip","Package":"p","Test":"TestB"}
				{"Action":"pass","Package":"p"}`,
			skipped: 2,
			skips:   map[string]string{"no corpus: none": "p TestA, p TestB"},
		},
		{
			name: "a failed subtest is the failure",
			events: `{"Action":"run","Package":"p","Test":"TestA"}
				{"Action":"run","Package":"p","Test":"TestA/ops/x"}
				{"Action":"fail","Package":"p","Test":"TestA/ops/x"}
				{"Action":"fail","Package":"p","Test":"TestA"}
				{"Action":"fail","Package":"p"}`,
			failed:   1,
			failures: []string{"p TestA/ops/x"},
		},
		{
			name: "a package that does not build has failed",
			events: `{"ImportPath":"p","Action":"build-output","Output":""}
				{"Action":"fail","Package":"p"}`,
			failed:   1,
			failures: []string{"p"},
		},
		{
			name:   "a package without tests is nothing",
			events: `{"Action":"skip","Package":"p"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := report{skips: map[string]string{}, running: map[string]*pkg{}}
			if err := r.read(strings.NewReader(tt.events)); err != nil {
				t.Fatal(err)
			}
			if r.passed != tt.passed || r.failed != tt.failed || r.skipped != tt.skipped {
				t.Errorf("got %d passed, %d failed, %d skipped, want %d, %d, %d", r.passed, r.failed, r.skipped, tt.passed, tt.failed, tt.skipped)
			}
			if !reflect.DeepEqual(r.failures, tt.failures) {
				t.Errorf("failures: got %q, want %q", r.failures, tt.failures)
			}
			if len(r.skips)+len(tt.skips) > 0 && !reflect.DeepEqual(r.skips, tt.skips) {
				t.Errorf("skips: got %q, want %q", r.skips, tt.skips)
			}
		})
	}
}
