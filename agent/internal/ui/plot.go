package ui

import "strings"

// braille draws values, oldest first, as a line of dots in width by height characters of
// two by four dots each; lo is at the bottom, hi at the top. Values beyond are cut off.
func braille(values []float32, width, height int, lo, hi float32) []string {
	cells := make([][]rune, height)
	for i := range cells {
		cells[i] = make([]rune, width)
	}
	// The dots of a cell by column and row (Unicode 8.0, Braille Patterns).
	dots := [2][4]rune{{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}}
	columns, rows := 2*width, 4*height
	before := -1
	for x := range columns {
		from, to := x*len(values)/columns, (x+1)*len(values)/columns
		if from >= to {
			continue
		}
		least, most := values[from], values[from]
		for _, v := range values[from:to] {
			least, most = min(least, v), max(most, v)
		}
		y := func(v float32) int {
			return min(max(int((hi-v)/(hi-lo)*float32(rows)), 0), rows-1)
		}
		top, bottom := y(most), y(least)
		if before >= 0 { // join this column to the one before
			top, bottom = min(top, before), max(bottom, before)
		}
		before = y((least + most) / 2)
		for r := top; r <= bottom; r++ {
			cells[r/4][x/2] |= dots[x%2][r%4]
		}
	}
	lines := make([]string, height)
	for i, row := range cells {
		var b strings.Builder
		for _, c := range row {
			b.WriteRune(0x2800 + c)
		}
		lines[i] = b.String()
	}
	return lines
}

// bars draws values as columns of height characters; lo is empty, hi is full.
func bars(values []float32, width, height int, lo, hi float32) []string {
	eighths := []rune(" ▁▂▃▄▅▆▇█")
	lines := make([]string, height)
	levels := make([]int, width)
	for x := range levels {
		from := x * len(values) / width
		to := max((x+1)*len(values)/width, from+1)
		most := lo
		for _, v := range values[min(from, len(values)):min(to, len(values))] {
			most = max(most, v)
		}
		levels[x] = min(max(int((most-lo)/(hi-lo)*float32(8*height)), 0), 8*height)
	}
	for row := range height {
		var b strings.Builder
		base := 8 * (height - 1 - row)
		for _, l := range levels {
			b.WriteRune(eighths[min(max(l-base, 0), 8)])
		}
		lines[row] = b.String()
	}
	return lines
}
