package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kinglet/runtime/infer"
)

type benchReport struct {
	Model      string   `json:"model"`
	Threads    int      `json:"threads"`
	Runs       int      `json:"runs"`
	MinNS      int64    `json:"min_ns"`
	P50NS      int64    `json:"p50_ns"`
	P90NS      int64    `json:"p90_ns"`
	P99NS      int64    `json:"p99_ns"`
	LoadNS     int64    `json:"load_ns"`
	ArenaBytes int      `json:"arena_bytes"`
	RSSBytes   int64    `json:"rss_bytes"`
	Kernels    []string `json:"kernels"`
}

func (a *app) modelBenchCommand() *cobra.Command {
	var threads, runs int
	c := &cobra.Command{
		Use:   "bench MODEL.tflite",
		Short: "Measure how fast a model runs here",
		Args:  exactly("MODEL.tflite"),
		RunE: func(c *cobra.Command, args []string) error {
			if threads < 1 || threads > 256 {
				return usageError("bench: --threads %d: want 1 to 256", threads)
			}
			if runs < 0 {
				return usageError("bench: --runs %d: want at least 0", runs)
			}
			r, err := bench(c.Context(), args[0], threads, runs)
			if err != nil {
				return err
			}
			if a.format == "json" {
				return a.printJSON(r)
			}
			return a.printTable([][]string{
				{"MODEL", "THREADS", "RUNS", "MIN", "P50", "P90", "P99", "LOAD", "ARENA", "RSS"},
				{r.Model, fmt.Sprint(r.Threads), fmt.Sprint(r.Runs), ns(r.MinNS), ns(r.P50NS), ns(r.P90NS), ns(r.P99NS), ns(r.LoadNS), bytesText(r.ArenaBytes), bytesText(int(r.RSSBytes))},
			})
		},
	}
	c.Flags().IntVar(&threads, "threads", 1, "`threads` to run on; the kernels of this version use one")
	c.Flags().IntVar(&runs, "runs", 0, "how often to run; 0 is for about a second")
	return c
}

func ns(n int64) string { return durationText(time.Duration(n)) }

// The length of a measurement when --runs does not say.
const (
	benchTime = time.Second
	benchMost = 100_000
)

func bench(ctx context.Context, path string, threads, runs int) (*benchReport, error) {
	start := time.Now()
	s, err := openModel(path, infer.Options{Custom: customOperators()})
	if err != nil {
		return nil, err
	}
	load := time.Since(start)
	if err := s.Run(ctx); err != nil { // a first run to warm up
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	times := make([]int64, 0, max(runs, 1024))
	begin := time.Now()
	for len(times) < runs || runs == 0 && len(times) < benchMost && (len(times) < 3 || time.Since(begin) < benchTime) {
		t := time.Now()
		if err := s.Run(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		times = append(times, int64(time.Since(t)))
	}
	slices.Sort(times)
	at := func(share float64) int64 { return times[min(int(share*float64(len(times))), len(times)-1)] }
	var kernels []string
	for _, p := range s.Plan() {
		kernels = append(kernels, p.Kernel)
	}
	slices.Sort(kernels)
	return &benchReport{
		Model: path, Threads: threads, Runs: len(times), MinNS: times[0], P50NS: at(.5), P90NS: at(.9), P99NS: at(.99),
		LoadNS: int64(load), ArenaBytes: s.ArenaBytes(), RSSBytes: peakResident(), Kernels: slices.Compact(kernels),
	}, nil
}

// peakResident returns the largest resident size of this process, in bytes (proc(5),
// VmHWM), or 0 where the kernel does not say.
func peakResident() int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err != nil {
				return 0
			}
			return kb << 10
		}
	}
	return 0
}
