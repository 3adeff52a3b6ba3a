package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"kinglet/models/graph"
	"kinglet/runtime/infer"
)

type inspectReport struct {
	Model       string            `json:"model"`
	Description string            `json:"description,omitempty"`
	Subgraphs   int               `json:"subgraphs"`
	Tensors     int               `json:"tensors"`
	WeightBytes int               `json:"weight_bytes"`
	ArenaBytes  int               `json:"arena_bytes,omitempty"`
	Runs        bool              `json:"runs"`
	Why         string            `json:"why,omitempty"` // when it does not run
	Inputs      []inspectTensor   `json:"inputs"`
	Outputs     []inspectTensor   `json:"outputs"`
	Operators   []inspectOperator `json:"operators"`
	Signatures  []string          `json:"signatures,omitempty"`
	Metadata    []string          `json:"metadata,omitempty"`
}

type inspectTensor struct {
	Name      string    `json:"name"`
	Type      string    `json:"type"`
	Shape     []int     `json:"shape"`
	Scale     []float32 `json:"scale,omitempty"`
	ZeroPoint []int64   `json:"zero_point,omitempty"`
}

type inspectOperator struct {
	Index   int             `json:"index"`
	Op      string          `json:"op"`
	Version int             `json:"version"`
	Kernel  string          `json:"kernel,omitempty"` // empty when fused away or not run
	Inputs  []int           `json:"inputs"`
	Outputs []inspectTensor `json:"outputs"`
}

func (a *app) modelInspectCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "inspect MODEL.tflite",
		Short: "Tell what a model file holds and how it would run here",
		Args:  exactly("MODEL.tflite"),
		RunE: func(_ *cobra.Command, args []string) error {
			m, err := readModel(args[0])
			if err != nil {
				return err
			}
			r := inspect(args[0], m)
			if a.format == "json" {
				return a.printJSON(r)
			}
			return a.printInspect(r)
		},
	}
}

func inspect(path string, m *graph.Model) inspectReport {
	sub := &m.Subgraphs[0]
	r := inspectReport{Model: path, Description: m.Description, Subgraphs: len(m.Subgraphs), Tensors: len(sub.Tensors), Runs: true}
	for i := range m.Subgraphs {
		for j := range m.Subgraphs[i].Tensors {
			r.WeightBytes += len(m.Subgraphs[i].Tensors[j].Data)
		}
	}
	list := func(ids []int) []inspectTensor {
		out := []inspectTensor{}
		for _, id := range ids {
			if id == graph.Absent {
				continue
			}
			t := &sub.Tensors[id]
			shape := t.Shape
			if t.Signature != nil {
				shape = t.Signature
			}
			out = append(out, inspectTensor{t.Name, t.Type.String(), append([]int{}, shape...), t.Quant.Scale, t.Quant.ZeroPoint})
		}
		return out
	}
	r.Inputs, r.Outputs = list(sub.Inputs), list(sub.Outputs)
	kernels := map[int]string{}
	if s, err := infer.Open(m, infer.Options{Custom: customOperators()}); err != nil {
		r.Runs, r.Why = false, err.Error()
	} else {
		r.ArenaBytes = s.ArenaBytes()
		for _, st := range s.Plan() {
			kernels[st.Index] = st.Kernel
		}
	}
	for i := range sub.Operators {
		op := &sub.Operators[i]
		r.Operators = append(r.Operators, inspectOperator{i, op.Name(), op.Version, kernels[i], op.Inputs, list(op.Outputs)})
	}
	for _, s := range m.Signatures {
		r.Signatures = append(r.Signatures, s.Key)
	}
	for _, d := range m.Metadata {
		r.Metadata = append(r.Metadata, d.Name)
	}
	return r
}

func (a *app) printInspect(r inspectReport) error {
	fmt.Fprintf(a.out, "%s\n", r.Model)
	if r.Description != "" {
		fmt.Fprintf(a.out, "  %q\n", r.Description)
	}
	fmt.Fprintf(a.out, "  %d operators, %d tensors, %s of weights", len(r.Operators), r.Tensors, bytesText(r.WeightBytes))
	if r.Runs {
		fmt.Fprintf(a.out, ", arena %s\n\n", bytesText(r.ArenaBytes))
	} else {
		fmt.Fprintf(a.out, "\n  does not run here: %s\n\n", strings.ReplaceAll(r.Why, "\n", "\n    "))
	}
	rows := [][]string{{"", "TYPE", "SHAPE", "QUANTIZED", "NAME"}}
	side := func(word string, ts []inspectTensor) {
		for i, t := range ts {
			q := "-"
			if len(t.Scale) == 1 {
				q = fmt.Sprintf("%.6g (q %+d)", t.Scale[0], -t.ZeroPoint[0])
			} else if len(t.Scale) > 1 {
				q = fmt.Sprintf("%d channels", len(t.Scale))
			}
			rows = append(rows, []string{fmt.Sprintf("%s %d", word, i), t.Type, shapeText(t.Shape), q, nameText(t.Name)})
		}
	}
	side("input", r.Inputs)
	side("output", r.Outputs)
	if err := a.printTable(rows); err != nil {
		return err
	}
	fmt.Fprintln(a.out)
	rows = [][]string{{"#", "OPERATOR", "OUTPUT", "TYPE", "KERNEL"}}
	for _, o := range r.Operators {
		kernel := o.Kernel
		if kernel == "" {
			kernel = "-"
			if r.Runs {
				kernel = "(fused)"
			}
		}
		shape, typ := "-", "-"
		if len(o.Outputs) > 0 {
			shape, typ = shapeText(o.Outputs[0].Shape), o.Outputs[0].Type
		}
		rows = append(rows, []string{fmt.Sprint(o.Index), nameText(o.Op), shape, typ, kernel})
	}
	return a.printTable(rows)
}
