// Package periphio reads chips on I2C and SPI, reads and drives GPIO lines, and finds
// out what is connected, all through periph's buses.
//
// Host opens the board's buses and lines. A Bus is owned by one goroutine, which serves
// the visits of all its chips one after the other; a caller waits for its visit no
// longer than its deadline, whatever the wires do. Bus.Open makes a chip a hal.Source
// that starts the chip anew after every error, so that a sensor may be pulled out and
// put back. Input and Output are GPIO lines.
//
// The chips' registers are handled here and not by periph's or TinyGo's device drivers:
// those ignore errors of the bus, sleep while they hold it, or know no FIFO. They serve
// as a second opinion in the tests.
package periphio

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Options say which chip is read and how. What is zero gets the chip's own default.
type Options struct {
	Name   string // of the source; the model's when empty
	Model  string // one of Models
	Addr   uint16 // on the bus; the chip's first when 0; not used on SPI
	Rate   float64
	Range  float64 // full scale: g for an accelerometer, uT for a magnetometer, V for an ADC, A for a current monitor
	Gyro   float64 // full scale of a gyroscope in degrees a second
	Shunt  float64 // ohm, of a current monitor
	Inputs []string
	// Timeout ends a visit to the bus; 0 is half a second.
	Timeout time.Duration
}

// chip is the driver of one device on a bus. Its steps run in the goroutine of the bus,
// one visit each; between two steps the bus serves others.
type chip interface {
	traits() traits
	setup() []step // identify, reset and configure
	sample() []step
}

// step is one visit of a chip to its bus.
type step struct {
	run  func(p *port, b *batch) error
	wait time.Duration // before the next step
}

// batch gathers what the steps of one sample deliver. Setup has none.
type batch struct {
	samples []float32 // [frames][channels]
	overrun bool      // frames were lost before the first
}

// traits are what does not change about a chip once its options are known.
type traits struct {
	channels []channel
	rate     float64 // frames a second
	burst    int     // frames that a FIFO gathers between two visits; 0 without a FIFO
}

// channel is one measured quantity. A value outside of its limits is bad data.
type channel struct {
	name, unit string
	min, max   float64
}

// axes are three channels of one kind, with limits a little outside of a full scale.
func axes(prefix, unit string, scale float64) []channel {
	var all []channel
	for _, axis := range []string{"x", "y", "z"} {
		all = append(all, channel{prefix + axis, unit, -1.05 * scale, 1.05 * scale})
	}
	return all
}

// within returns a number or its default, or an error when it is out of bounds.
func within(what string, v, def, lo, hi float64) (float64, error) {
	if v == 0 {
		return def, nil
	}
	if !(v >= lo && v <= hi) { // also false for NaN
		return 0, fmt.Errorf("%s: got %v, want %v to %v", what, v, lo, hi)
	}
	return v, nil
}

// oneOf returns the index of a number, or of its default when it is zero, in a table.
func oneOf(what string, v, def float64, table []float64) (int, error) {
	if v == 0 {
		v = def
	}
	if i := slices.Index(table, v); i >= 0 {
		return i, nil
	}
	list := make([]string, len(table))
	for i, t := range table {
		list[i] = fmt.Sprint(t)
	}
	return 0, fmt.Errorf("%s: got %v, want one of %s", what, v, strings.Join(list, ", "))
}

// atLeast returns the index of the smallest number of a rising table that is not below v,
// or of the largest.
func atLeast(v float64, table []float64) int {
	i, _ := slices.BinarySearchFunc(table, v, func(a, b float64) int { return cmp.Compare(a, b) })
	return min(i, len(table)-1)
}

// be16 is a big-endian two's complement number, le16 a little-endian one.
func be16(hi, lo byte) int16 { return int16(uint16(hi)<<8 | uint16(lo)) }
func le16(lo, hi byte) int16 { return be16(hi, lo) }

// signed extends the sign of a two's complement number of so many bits.
func signed(v uint32, bits int) int32 { return int32(v<<(32-bits)) >> (32 - bits) }
