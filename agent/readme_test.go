package main

import (
	"os"
	"strings"
	"testing"

	"kinglet/runtime/infer"
)

// TestReadmeNamesWhatRuns holds the README's list of operators to what is built.
func TestReadmeNamesWhatRuns(t *testing.T) {
	b, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	want := "Operators: " + strings.Join(infer.Operators(), ", ") + "."
	if !strings.Contains(string(b), want) {
		t.Errorf("README.md lacks this line:\n%s", want)
	}
}

// TestReadmeNamesEveryCommand holds the README to the commands that there are.
func TestReadmeNamesEveryCommand(t *testing.T) {
	b, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	a := &app{}
	for _, c := range a.commands() {
		if !c.Hidden && !strings.Contains(string(b), c.Name()) {
			t.Errorf("README.md does not name kinglet %s", c.Name())
		}
	}
}
