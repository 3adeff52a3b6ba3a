package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kinglet/models/eval"
	"kinglet/models/graph"
	"kinglet/models/npz"
	"kinglet/models/tflite"
	"kinglet/runtime/infer"
)

// The ways in which a file may stand to its answers.
const (
	verifyExact       = "exact"       // all bits are equal
	verifyClose       = "close"       // floats within the tolerance
	verifyFailed      = "failed"      // other answers, or none
	verifyUnsupported = "unsupported" // a valid file, of which something is not built
	verifyRefused     = "refused"     // a file that cannot be valid
)

type verifyReport struct {
	Files       int            `json:"files"`
	Exact       int            `json:"exact"`
	Close       int            `json:"close"`
	Failed      int            `json:"failed"`
	Unsupported int            `json:"unsupported"`
	Refused     int            `json:"refused"`
	Results     []verifyResult `json:"results"`
}

type verifyResult struct {
	File       string  `json:"file"`
	Status     string  `json:"status"`
	MaxAbsDiff float64 `json:"max_abs_diff"`
	Error      string  `json:"error"`
}

func (a *app) modelVerifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify DIR",
		Short: "Run every model that has its answers beside it, and compare",
		Long: "Runs every .tflite below DIR that has an .npz of the same stem beside it, on each case\n" +
			"(case<N>_in<I>, case<N>_out<I>), and compares every output in every bit. Exit status 1 when\n" +
			"one failed.",
		Args: exactly("DIR"),
		RunE: func(c *cobra.Command, args []string) error { return a.verify(c.Context(), args[0]) },
	}
}

func (a *app) verify(ctx context.Context, dir string) error {
	files, err := answered(dir)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return &statusError{exitNotFound, fmt.Errorf("%s: no .tflite with an .npz of the same stem beside it", dir)}
	}
	r := verifyReport{Files: len(files), Results: []verifyResult{}}
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		res := verifyFile(ctx, f)
		if rel, err := filepath.Rel(dir, f); err == nil {
			res.File = rel
		}
		for status, n := range map[string]*int{
			verifyExact: &r.Exact, verifyClose: &r.Close, verifyFailed: &r.Failed,
			verifyUnsupported: &r.Unsupported, verifyRefused: &r.Refused,
		} {
			if res.Status == status {
				*n++
			}
		}
		r.Results = append(r.Results, res)
	}
	if err := a.printVerify(r); err != nil {
		return err
	}
	if r.Failed > 0 {
		return fmt.Errorf("%d of %d files failed", r.Failed, r.Files)
	}
	return nil
}

func (a *app) printVerify(r verifyReport) error {
	if a.format == "json" {
		return a.printJSON(r)
	}
	rows := [][]string{{"FILE", "STATUS", "MAX DIFF", ""}}
	for _, f := range r.Results {
		diff := fmt.Sprintf("%.3g", f.MaxAbsDiff)
		if f.MaxAbsDiff == math.MaxFloat64 {
			diff = "inf"
		}
		rows = append(rows, []string{f.File, f.Status, diff, strings.ReplaceAll(f.Error, "\n", "; ")})
	}
	if err := a.printTable(rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.out, "\n%d files: %d exact, %d close, %d failed, %d unsupported, %d refused\n",
		r.Files, r.Exact, r.Close, r.Failed, r.Unsupported, r.Refused)
	return err
}

// answered lists the models below dir that have answers, sorted.
func answered(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".tflite" {
			return err
		}
		if _, err := os.Stat(answersOf(path)); err == nil {
			files = append(files, path)
		}
		return nil
	})
	slices.Sort(files)
	return files, err
}

func answersOf(model string) string { return strings.TrimSuffix(model, ".tflite") + ".npz" }

// verifyFile compares one model with its answers. Whatever goes wrong is in the result.
func verifyFile(ctx context.Context, path string) verifyResult {
	fail := func(status string, err error) verifyResult {
		return verifyResult{File: path, Status: status, Error: err.Error()}
	}
	f, err := npz.Open(answersOf(path))
	if err != nil {
		return fail(verifyFailed, fmt.Errorf("answers: %w", err))
	}
	list, err := eval.ReadCases(f)
	if err == nil && len(list) == 0 {
		err = errors.New("no case0_in0")
	}
	if err != nil {
		return fail(verifyFailed, fmt.Errorf("answers: %w", err))
	}
	m, err := readModel(path)
	var s *infer.Session
	if err == nil {
		s, err = infer.Open(m, infer.Options{Custom: customOperators()})
	}
	switch {
	case errors.Is(err, infer.ErrUnsupported), errors.Is(err, tflite.ErrUnsupported):
		return fail(verifyUnsupported, err)
	case err != nil:
		return fail(verifyRefused, err)
	}
	res := verifyResult{File: path, Status: verifyExact}
	for n := range list {
		if err := runCase(ctx, s, &list[n]); err != nil {
			if errors.Is(err, infer.ErrUnsupported) {
				return fail(verifyUnsupported, fmt.Errorf("case%d: %w", n, err))
			}
			return fail(verifyFailed, fmt.Errorf("case%d: %w", n, err))
		}
		status, most, err := judge(s.Results(), list[n].Out)
		if math.IsInf(most, 0) { // JSON has no infinity
			most = math.MaxFloat64
		}
		res.MaxAbsDiff = max(res.MaxAbsDiff, most)
		if err != nil {
			res.Error = fmt.Sprintf("case%d: %v", n, err)
			res.Status = verifyFailed
			return res
		}
		if status == verifyClose {
			res.Status = verifyClose
		}
	}
	return res
}

// tolerance bounds a float's distance from its answer, in parts of the tensor's largest
// answer or of 1, whichever is more.
const tolerance = 1e-5

// judge compares a case's outputs with its answers.
func judge(got, want []npz.Array) (status string, most float64, err error) {
	if len(got) != len(want) {
		return verifyFailed, 0, fmt.Errorf("%d outputs, want %d", len(got), len(want))
	}
	status = verifyExact
	for i := range got {
		d, err := eval.Diff(got[i], want[i])
		if err != nil {
			return verifyFailed, most, fmt.Errorf("output %d: %w", i, err)
		}
		most = max(most, d.Max)
		if d.Exact {
			continue
		}
		switch want[i].Type {
		case graph.Float32, graph.Float64, graph.Complex64:
			if d.Max <= tolerance*max(1, d.Scale) {
				status = verifyClose
				continue
			}
			return verifyFailed, most, fmt.Errorf("output %d differs by %g, at most %g is close", i, d.Max, tolerance*max(1, d.Scale))
		}
		return verifyFailed, most, fmt.Errorf("output %d differs by %g", i, d.Max)
	}
	return status, most, nil
}
