package pipeline

import (
	"slices"
	"testing"
	"time"

	"kinglet/hal"
)

func TestWindowerOverlapsAndKeepsOrder(t *testing.T) {
	for _, c := range []struct {
		name                string
		frames, hop, blocks int
		block               int
		want                [][]float32 // first and last frame of each window
	}{
		{"whole windows", 4, 4, 3, 4, [][]float32{{0, 3}, {4, 7}, {8, 11}}},
		{"half overlap", 4, 2, 2, 4, [][]float32{{0, 3}, {2, 5}, {4, 7}}},
		{"small blocks", 4, 3, 10, 1, [][]float32{{0, 3}, {3, 6}, {6, 9}}},
		{"one block holds many windows", 2, 1, 1, 5, [][]float32{{0, 1}, {1, 2}, {2, 3}, {3, 4}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWindower(c.frames, c.hop, 2)
			var got [][]float32
			seq := uint64(0)
			for range c.blocks {
				r := &hal.Reading{Seq: seq}
				for i := range c.block {
					v := float32(seq) + float32(i)
					r.Samples = append(r.Samples, v, -v)
				}
				seq += uint64(c.block)
				if w.gap(r) {
					t.Fatal("a gap in a stream without one")
				}
				for w.add() {
					x := w.window()
					got = append(got, []float32{x[0], x[2*c.frames-2]})
				}
			}
			if !slices.EqualFunc(got, c.want, slices.Equal[[]float32]) {
				t.Errorf("windows %v, want %v", got, c.want)
			}
		})
	}
}

func TestWindowerStartsAnewAfterAGap(t *testing.T) {
	w := newWindower(4, 4, 1)
	feed := func(seq uint64, v ...float32) (gap, full bool) {
		gap = w.gap(&hal.Reading{Seq: seq, Samples: v})
		return gap, w.add()
	}
	if gap, full := feed(0, 1, 2, 3); gap || full {
		t.Fatalf("first reading: gap %t, full %t", gap, full)
	}
	if gap, full := feed(10, 4, 5); !gap || full {
		t.Fatalf("after a jump: gap %t, full %t; want a gap and no window", gap, full)
	}
	if gap, full := feed(12, 6, 7); gap || !full || !slices.Equal(w.window(), []float32{4, 5, 6, 7}) {
		t.Fatalf("window %v, gap %t, full %t", w.window(), gap, full)
	}
}

func TestDetectorHysteresisAndDebounce(t *testing.T) {
	labels := []string{"normal", "fault", "worse"}
	rule := Rule{On: 0.8, Off: 0.4, Hold: 2, Quiet: []string{"normal"}}
	type in [3]float32
	for _, c := range []struct {
		name   string
		scores []in
		want   []string
	}{
		{"one window is not enough", []in{{0, 1, 0}, {1, 0, 0}, {0, 1, 0}}, nil},
		{"two in a row start it", []in{{0, 1, 0}, {0, 1, 0}}, []string{"1+fault"}},
		{"between off and on it goes on", []in{{0, 1, 0}, {0, 1, 0}, {.5, .5, 0}, {.5, .5, 0}, {.5, .5, 0}}, []string{"1+fault"}},
		{"two below off end it", []in{{0, 1, 0}, {0, 1, 0}, {1, 0, 0}, {1, 0, 0}}, []string{"1+fault", "3-fault"}},
		{"one below off does not", []in{{0, 1, 0}, {0, 1, 0}, {1, 0, 0}, {0, 1, 0}, {1, 0, 0}}, []string{"1+fault"}},
		{"a quiet label is none", []in{{1, 0, 0}, {1, 0, 0}, {1, 0, 0}}, nil},
		{"below on is none", []in{{.3, .7, 0}, {.3, .7, 0}, {.3, .7, 0}}, nil},
		{"labels do not add up", []in{{0, 1, 0}, {0, 0, 1}, {0, 1, 0}}, nil},
		{"one event at a time", []in{{0, 1, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0, 1}, {0, 0, 1}, {0, 0, 1}}, []string{"1+fault", "3-fault", "5+worse"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDetector(rule)
			var got []string
			for i, s := range c.scores {
				best := 0
				for j := range s {
					if s[j] > s[best] {
						best = j
					}
				}
				e, ok := d.step(&Result{Seq: uint64(i), Time: time.Unix(0, 0), Label: labels[best], Score: s[best], Scores: s[:], Labels: labels})
				if ok {
					sign := "-"
					if e.Active {
						sign = "+"
					}
					got = append(got, string(rune('0'+e.Seq))+sign+e.Label)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("events %v, want %v", got, c.want)
			}
		})
	}
}
