package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"kinglet/models/eval"
	"kinglet/models/npz"
	"kinglet/runtime/infer"
)

func (a *app) modelRunCommand() *cobra.Command {
	var in, out string
	var many bool
	c := &cobra.Command{
		Use:   "run MODEL.tflite",
		Short: "Run a model on arrays from a file",
		Long: "Runs a model once on in0, in1, ... of --in, in the order of its inputs, and writes out0, out1,\n" +
			"... to --out. Without --in the inputs are zeros. With --cases, --in holds case0_in0, ... and\n" +
			"--out gets case0_out0, ...; state is reset before each case. A dimension that the model\n" +
			"leaves open takes the size of what is given.",
		Args: exactly("MODEL.tflite"),
		RunE: func(c *cobra.Command, args []string) error { return a.modelRun(c.Context(), args[0], in, out, many) },
	}
	c.Flags().StringVar(&in, "in", "", "inputs, `FILE.npz`")
	c.Flags().StringVar(&out, "out", "", "where to write the outputs, `FILE.npz`; otherwise they are described")
	c.Flags().BoolVar(&many, "cases", false, "run every case of --in")
	return c
}

func (a *app) modelRun(ctx context.Context, model, in, out string, many bool) error {
	if many && in == "" {
		return usageError("run: --cases needs --in")
	}
	s, err := openModel(model, infer.Options{Custom: customOperators()})
	if err != nil {
		return err
	}
	list, err := runInputs(s, in, many)
	if err != nil {
		return err
	}
	var members []npz.Member
	for n := range list {
		if err := runCase(ctx, s, &list[n]); err != nil {
			if len(list) > 1 {
				err = fmt.Errorf("case%d: %w", n, err)
			}
			return fmt.Errorf("%s: %w", model, err)
		}
		for i, o := range s.Results() {
			name := fmt.Sprintf("out%d", i)
			if many {
				name = fmt.Sprintf("case%d_out%d", n, i)
			}
			members = append(members, npz.Member{Name: name, Array: o})
		}
	}
	if out != "" {
		return writeArrays(out, members)
	}
	return a.printArrays(members)
}

// runCase runs a model on a case, its state reset.
func runCase(ctx context.Context, s *infer.Session, c *eval.Case) error {
	if err := s.Feed(c.In); err != nil {
		return err
	}
	s.Reset()
	return s.Run(ctx)
}

// runInputs returns the cases to run: those of a file, its one, or zeros.
func runInputs(s *infer.Session, path string, many bool) ([]eval.Case, error) {
	if path == "" {
		var c eval.Case
		for _, t := range s.Inputs() {
			c.In = append(c.In, npz.Array{Type: t.Type, Shape: t.Shape, Data: make([]byte, len(t.Bytes()))})
		}
		return []eval.Case{c}, nil
	}
	f, err := openArrays(path)
	if err != nil {
		return nil, err
	}
	if many {
		list, err := eval.ReadCases(f)
		if err == nil && len(list) == 0 {
			err = fmt.Errorf("no case, want case0_in0, ...; there are %q", f.Names())
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return list, nil
	}
	var c eval.Case
	for i := range s.Inputs() {
		x, ok := f.Get(fmt.Sprintf("in%d", i))
		if !ok {
			return nil, fmt.Errorf("%s: no array in%d, the model has %d inputs; there are %q", path, i, len(s.Inputs()), f.Names())
		}
		c.In = append(c.In, x)
	}
	if extra := fmt.Sprintf("in%d", len(c.In)); slices.Contains(f.Names(), extra) {
		return nil, fmt.Errorf("%s: there is an array %s, but the model has only %d inputs", path, extra, len(c.In))
	}
	return []eval.Case{c}, nil
}

// openArrays reads an .npz file.
func openArrays(path string) (*npz.File, error) {
	f, err := npz.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, &statusError{exitNotFound, err}
	}
	return f, err
}

// writeArrays writes a file whole or not at all.
func writeArrays(path string, members []npz.Member) error {
	var b bytes.Buffer
	if err := npz.Write(&b, members); err != nil {
		return err
	}
	return writeFile(path, b.Bytes())
}

type arrayReport struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Shape []int  `json:"shape"`
	First any    `json:"first"`
}

// printArrays describes outputs that are not written to a file.
func (a *app) printArrays(members []npz.Member) error {
	rows := [][]string{{"NAME", "TYPE", "SHAPE", "FIRST VALUES"}}
	reports := []arrayReport{}
	for _, m := range members {
		first := eval.First(m.Array, 8)
		reports = append(reports, arrayReport{m.Name, m.Type.String(), append([]int{}, m.Shape...), first})
		text := ""
		for _, v := range first {
			text += fmt.Sprintf("%.6g ", v)
		}
		rows = append(rows, []string{m.Name, m.Type.String(), shapeText(m.Shape), text})
	}
	if a.format == "json" {
		return a.printJSON(reports)
	}
	return a.printTable(rows)
}
