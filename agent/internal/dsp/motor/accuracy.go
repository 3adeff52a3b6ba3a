package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"text/tabwriter"

	"kinglet/agent/internal/dsp"
	"kinglet/hal/sim"
	"kinglet/models/builtin"
	"kinglet/models/graph"
	"kinglet/models/tflite"
	"kinglet/runtime/infer"
)

// enough is the share of each state's windows that a model must tell rightly.
const enough = 0.95

// states is how many states there are.
const states = int(sim.Bearing) + 1

// counts are windows by true state and verdict.
type counts [states][states]int

// share is the part of a state's windows that were told rightly.
func (c *counts) share(state int) float64 {
	all := 0
	for _, n := range c[state] {
		all += n
	}
	return float64(c[state][state]) / float64(all)
}

// accuracy measures the embedded models, or one from a file, on held-out windows at 20 dB
// and at 6 dB. It returns 1 when any state of any model is told rightly too seldom.
func accuracy(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("accuracy", flag.ContinueOnError)
	flags.SetOutput(stderr)
	windows := flags.Int("windows", 500, "windows of each state, each of a motor of its own")
	if err := flags.Parse(args); err != nil || flags.NArg() > 1 || *windows < 1 {
		fmt.Fprintln(stderr, "usage: motor accuracy [--windows N] [MODEL.tflite]")
		return 2
	}
	ok, err := measureAll(flags.Arg(0), *windows, stdout)
	if err != nil {
		fmt.Fprintln(stderr, "motor:", err)
		return 1
	}
	if !ok {
		fmt.Fprintf(stderr, "motor: a state is told rightly on less than %.0f %% of its windows\n", 100*enough)
		return 1
	}
	return 0
}

// measureAll prints a table and says whether every state of it is good enough.
func measureAll(file string, windows int, out io.Writer) (bool, error) {
	models, names := [][]byte{builtin.Motor().Data, builtin.MotorV2().Data}, []string{"motor v1", "motor v2"}
	if file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return false, err
		}
		models, names = [][]byte{data}, []string{file}
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "model\tSNR\tstate\twindows\tright\toff\tnormal\timbalance\tbearing")
	ok := true
	for _, snr := range []float64{20, 6} {
		held, err := heldOut(snr, windows).make(dsp.Motor())
		if err != nil {
			return false, err
		}
		for i, data := range models {
			c, err := measure(data, held)
			if err != nil {
				return false, fmt.Errorf("%s: %w", names[i], err)
			}
			for s := range c {
				fmt.Fprintf(table, "%s\t%.0f dB\t%v\t%d\t%.1f %%", names[i], snr, sim.State(s), windows, 100*c.share(s))
				for _, n := range c[s] {
					fmt.Fprintf(table, "\t%d", n)
				}
				fmt.Fprintln(table)
				ok = ok && c.share(s) >= enough
			}
		}
	}
	return ok, table.Flush()
}

// measure runs a model with int8 input and output over a set.
func measure(data []byte, held set) (counts, error) {
	var c counts
	g, err := tflite.Parse(data)
	if err != nil {
		return c, err
	}
	s, err := infer.Open(g, infer.Options{})
	if err != nil {
		return c, err
	}
	in, out := s.Inputs()[0], s.Outputs()[0]
	size := len(held.x) / len(held.y)
	if in.Type != graph.Int8 || out.Type != graph.Int8 || len(in.Bytes()) != size || len(out.Bytes()) != states {
		return c, fmt.Errorf("got a model of %v %v to %v %v, want int8 with %d values to int8 with %d", in.Type, in.Shape, out.Type, out.Shape, size, states)
	}
	for i, state := range held.y {
		dst := infer.Data[int8](in)
		for k, v := range held.x[i*size : (i+1)*size] {
			q := math.Round(float64(v/in.Quant.Scale[0])) + float64(in.Quant.ZeroPoint[0])
			dst[k] = int8(min(max(q, math.MinInt8), math.MaxInt8))
		}
		if err := s.Run(context.Background()); err != nil {
			return c, err
		}
		best := 0
		scores := infer.Data[int8](out)
		for k, v := range scores {
			if v > scores[best] {
				best = k
			}
		}
		c[state][best]++
	}
	return c, nil
}
