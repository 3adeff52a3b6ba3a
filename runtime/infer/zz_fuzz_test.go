package infer_test

import (
	"os"
	"testing"

	"kinglet/runtime/infer"
)

func TestZZ(t *testing.T) {
	dir := os.Getenv("ZZ")
	if dir == "" {
		t.Skip()
	}
	for _, path := range answered(t, dir) {
		t.Run(path, func(t *testing.T) {
			m, list := read(t, path)
			s, err := infer.Open(m, infer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			judge(t, s, list)
		})
	}
}
