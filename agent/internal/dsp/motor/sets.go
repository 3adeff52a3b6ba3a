package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kinglet/agent/internal/dsp"
)

// writeSets writes, for each protocol, NAME_x.npy with features [windows, rows, 1,
// columns] in float32 and NAME_y.npy with the states in uint8.
func writeSets(dir string, talk io.Writer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, p := range protocols() {
		if err := p.write(dir); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		fmt.Fprintf(talk, "%s: %d windows\n", p.name, p.count())
	}
	return nil
}

func (p protocol) write(dir string) error {
	cfg := dsp.Motor()
	spectrum, err := dsp.NewSpectrum(cfg)
	if err != nil {
		return err
	}
	made, err := p.make(cfg)
	if err != nil {
		return err
	}
	x := npyHeader("<f4", append([]int{p.count()}, spectrum.Shape()[1:]...))
	x = slices.Grow(x, 4*len(made.x))
	for _, v := range made.x {
		x = binary.LittleEndian.AppendUint32(x, math.Float32bits(v))
	}
	y := npyHeader("|u1", []int{p.count()})
	for _, s := range made.y {
		y = append(y, byte(s))
	}
	if err := os.WriteFile(filepath.Join(dir, p.name+"_x.npy"), x, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, p.name+"_y.npy"), y, 0o644)
}

// npyHeader is the head of a NumPy array file, version 1.0 (NEP 1).
func npyHeader(descr string, shape []int) []byte {
	dims := strings.Trim(fmt.Sprint(shape), "[]")
	dims = strings.ReplaceAll(dims, " ", ", ")
	dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s,), }", descr, dims)
	for (10+len(dict)+1)%64 != 0 {
		dict += " "
	}
	head := append([]byte("\x93NUMPY\x01\x00"), byte((len(dict)+1)&0xff), byte((len(dict)+1)>>8))
	return append(head, dict+"\n"...)
}
