package ui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// palette is the demo's colours; lipgloss reduces them to what the terminal has.
type palette struct{ title, dim, wave, spectrum, good, bad, scene lipgloss.Style }

func colours() palette {
	fg := func(c string) lipgloss.Style { return lipgloss.NewStyle().Foreground(lipgloss.Color(c)) }
	return palette{
		title: fg("214").Bold(true), dim: fg("244"), wave: fg("44"), spectrum: fg("141"),
		good: fg("42").Bold(true), bad: fg("203").Bold(true), scene: fg("255").Italic(true),
	}
}

// The heights of the two plots: what is left of a terminal's lines when everything else
// has its place, within bounds.
const (
	textRows = 20
	leastRow = 1
	mostRows = 6
)

// draw returns the picture of v in width columns and at most height lines.
func draw(v *snapshot, width, height int) string {
	c := colours()
	inner := max(width-2, 8)
	plot := min(max((height-textRows)/2, leastRow), mostRows)
	var lines []string
	add := func(s string) { lines = append(lines, " "+s) }
	rule := func(name string) { add(c.dim.Render(name + " " + strings.Repeat("─", max(inner-len(name)-2, 0)))) }

	head := fmt.Sprintf("model v%d   %d inferences   %s each", v.version, v.inferences, v.latency.Round(1000))
	add(c.title.Render("kinglet demo") + strings.Repeat(" ", max(inner-13-len(head), 1)) + c.dim.Render(head))
	add(c.scene.Render(clip(v.scene, inner-1)))
	rule("acceleration")
	mean, peak := spread(v.wave)
	for _, l := range braille(v.wave, inner-1, plot, mean-peak, mean+peak) {
		add(c.wave.Render(l))
	}
	rule("spectrum")
	for _, l := range bars(v.spectrum, inner-1, plot, floorOf(v.spectrum), ceilingOf(v.spectrum)) {
		add(c.spectrum.Render(l))
	}
	rule("verdict")
	for i, l := range v.labels {
		style := c.dim
		if l == v.label {
			style = c.good
			if v.event != "" {
				style = c.bad
			}
		}
		room := max(inner-22, 4)
		n := min(max(int(v.scores[i]*float32(room)+0.5), 0), room)
		add(style.Render(fmt.Sprintf("%-10s %3.0f%% %s", l, 100*v.scores[i], strings.Repeat("█", n))))
	}
	if v.event != "" {
		add(c.bad.Render("▲ event: " + v.event))
	} else {
		add(c.dim.Render(fmt.Sprintf("no event; %d so far", v.eventTimes)))
	}
	rule("models")
	room := max(height-len(lines)-2, 1)
	updates := v.updates
	if len(updates) > room {
		updates = updates[len(updates)-room:]
	}
	if len(updates) == 0 {
		add(c.dim.Render("v1 came with the program"))
	}
	for _, u := range updates {
		style := c.good
		text := fmt.Sprintf("v%d %-11s %s", u.Version, u.Result, u.What)
		if u.Code != "" {
			style = c.bad
			text = fmt.Sprintf("v%d %-11s %s: %s", u.Version, u.Result, u.Code, u.Reason)
		}
		add(style.Render(clip(text, inner-1)))
	}
	if v.phase != "" {
		add(c.title.Render("▸ an update is in " + v.phase))
	}
	if len(lines) > height-1 {
		lines = lines[:max(height-1, 0)]
	}
	lines = append(lines, c.dim.Render(" q ends"))
	return strings.Join(lines, "\n")
}

// spread returns the mean and the largest distance from it, at least a little.
func spread(values []float32) (mean, peak float32) {
	for _, v := range values {
		mean += v / float32(len(values))
	}
	peak = 0.05
	for _, v := range values {
		peak = max(peak, v-mean, mean-v)
	}
	return mean, peak
}

func floorOf(values []float32) float32 {
	lo := float32(0)
	for _, v := range values {
		lo = min(lo, v)
	}
	return lo
}

func ceilingOf(values []float32) float32 {
	hi := float32(1)
	for _, v := range values {
		hi = max(hi, v)
	}
	return hi
}

// clip cuts a text to n characters.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:max(n-1, 0)]) + "…"
}
