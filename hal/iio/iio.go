// Package iio reads the sensors that kernel drivers serve as files: IIO devices below
// /sys/bus/iio/devices and hwmon devices below /sys/class/hwmon. A device is a
// hal.Source of all its channels or of some, sampled by the clock, in the units that
// periphio has: g, degrees a second, uT, degrees Celsius, hPa, %, V, A, W.
//
// Devices lists what there is. Buffered capture, which has the kernel's own time stamps,
// is not here: a source opens its files anew for each sample, which is good for tens of
// samples a second.
package iio

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Device is one IIO or hwmon device.
type Device struct {
	Name     string    `json:"name"` // the driver's, such as "dps310"; several may share it
	Path     string    `json:"path"` // its folder below the root, such as "sys/class/hwmon/hwmon0"
	Channels []Channel `json:"channels"`
}

// Channel is one measured quantity of a device.
type Channel struct {
	Name  string `json:"name"` // as its files are called, such as "temp1" or "accel_x"
	Label string `json:"label,omitempty"`
	Unit  string `json:"unit"`

	value  string  // file of the value below Device.Path
	offset float64 // added to the value
	scale  float64 // then times this
}

// kind says what the numbers of a kind of channel mean after offset and scale.
type kind struct {
	prefix string
	unit   string
	factor float64 // from the file's unit to ours
}

// iioKinds are the units of the kernel's Documentation/ABI/testing/sysfs-bus-iio.
var iioKinds = []kind{
	{"accel", "g", 1 / 9.80665},       // m/s2
	{"anglvel", "°/s", 180 / math.Pi}, // rad/s
	{"magn", "µT", 100},               // gauss
	{"temp", "°C", 1e-3},              // thousandths of a degree
	{"pressure", "hPa", 10},           // kPa
	{"humidityrelative", "%", 1e-3},   // thousandths of a per cent
	{"voltage", "V", 1e-3},            // mV
	{"current", "A", 1e-3},            // mA
	{"power", "W", 1e-3},              // mW
	{"illuminance", "lx", 1},
	{"distance", "m", 1},
	{"proximity", "", 1},
	{"intensity", "", 1},
}

// hwmonKinds are the units of the kernel's Documentation/hwmon/sysfs-interface.rst.
var hwmonKinds = []kind{
	{"temp", "°C", 1e-3},    // thousandths of a degree
	{"in", "V", 1e-3},       // mV
	{"curr", "A", 1e-3},     // mA
	{"power", "W", 1e-6},    // uW
	{"humidity", "%", 1e-3}, // thousandths of a per cent
	{"fan", "rpm", 1},
}

// Folders of the two classes below the root.
const (
	iioFolder   = "sys/bus/iio/devices"
	hwmonFolder = "sys/class/hwmon"
)

// Devices lists the IIO and hwmon devices below a root folder, which is "/" but in tests.
// One that cannot be read is left out and named in the error; the others are returned
// with it.
func Devices(root string) ([]Device, error) {
	var all []Device
	var errs []error
	for _, class := range []struct {
		pattern string
		read    func(root, path string) (Device, error)
	}{
		{iioFolder + "/iio:device*", iioDevice}, {hwmonFolder + "/hwmon*", hwmonDevice},
	} {
		folders, err := filepath.Glob(filepath.Join(root, class.pattern))
		if err != nil {
			return nil, fmt.Errorf("iio: root %q: %w", root, err)
		}
		slices.SortFunc(folders, byNumber)
		for _, f := range folders {
			path, err := filepath.Rel(root, f)
			if err != nil {
				return nil, fmt.Errorf("iio: %w", err)
			}
			d, err := class.read(root, path)
			if err != nil {
				errs = append(errs, err)
			} else if len(d.Channels) > 0 {
				all = append(all, d)
			}
		}
	}
	return all, errors.Join(errs...)
}

// byNumber puts device2 before device10.
func byNumber(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// find returns the device of a name or of a folder: "dps310", "iio:device0", "hwmon1".
func find(root, name string) (Device, error) {
	all, err := Devices(root)
	var names []string
	var found []Device
	for _, d := range all {
		if d.Name == name || filepath.Base(d.Path) == name {
			found = append(found, d)
		}
		names = append(names, fmt.Sprintf("%s (%s)", filepath.Base(d.Path), d.Name))
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		var folders []string
		for _, d := range found {
			folders = append(folders, filepath.Base(d.Path))
		}
		return Device{}, fmt.Errorf("device %q: there are several: %s", name, strings.Join(folders, ", "))
	case err != nil:
		return Device{}, fmt.Errorf("device %q: %w", name, err)
	case len(names) == 0:
		return Device{}, fmt.Errorf("device %q: there is no IIO or hwmon device", name)
	}
	return Device{}, fmt.Errorf("device %q: want one of %s", name, strings.Join(names, ", "))
}

// iioDevice lists the channels of an IIO device: in_<channel>_raw or in_<channel>_input,
// of which the second is in its unit already.
func iioDevice(root, path string) (Device, error) {
	d, files, err := device(root, path)
	if err != nil {
		return d, err
	}
	has := map[string]bool{}
	for _, f := range files {
		has[f] = true
	}
	for _, f := range files {
		name, isIn := strings.CutPrefix(f, "in_")
		channel, raw := strings.CutSuffix(name, "_raw")
		if !raw {
			var processed bool
			if channel, processed = strings.CutSuffix(name, "_input"); !processed || has["in_"+channel+"_raw"] {
				continue
			}
		}
		k, ok := kindOf(iioKinds, channel)
		if !isIn || !ok {
			continue
		}
		c := Channel{Name: channel, Unit: k.unit, value: f, scale: k.factor}
		if raw {
			scale, err := modifier(root, path, channel, "scale", 1)
			if err != nil {
				return d, err
			}
			c.scale *= scale
			if c.offset, err = modifier(root, path, channel, "offset", 0); err != nil {
				return d, err
			}
		}
		d.Channels = append(d.Channels, c)
	}
	return d, nil
}

// hwmonDevice lists the channels of a hwmon device: <channel>_input.
func hwmonDevice(root, path string) (Device, error) {
	d, files, err := device(root, path)
	if err != nil {
		return d, err
	}
	for _, f := range files {
		channel, ok := strings.CutSuffix(f, "_input")
		k, known := kindOf(hwmonKinds, channel)
		if !ok || !known {
			continue
		}
		c := Channel{Name: channel, Unit: k.unit, value: f, scale: k.factor}
		if label, err := text(filepath.Join(root, path, channel+"_label")); err == nil {
			c.Label = label
		}
		d.Channels = append(d.Channels, c)
	}
	return d, nil
}

// device reads a device's name and lists its files.
func device(root, path string) (Device, []string, error) {
	d := Device{Path: filepath.ToSlash(path)}
	entries, err := os.ReadDir(filepath.Join(root, path))
	if err != nil {
		return d, nil, fmt.Errorf("iio: %w", err)
	}
	if d.Name, err = text(filepath.Join(root, path, "name")); errors.Is(err, os.ErrNotExist) {
		d.Name = filepath.Base(path)
	} else if err != nil {
		return d, nil, fmt.Errorf("iio: %w", err)
	}
	var files []string
	for _, e := range entries {
		files = append(files, e.Name())
	}
	return d, files, nil
}

// kindOf finds the kind of a channel by what stands before its number or modifier.
func kindOf(kinds []kind, channel string) (kind, bool) {
	i := slices.IndexFunc(kinds, func(k kind) bool {
		rest, ok := strings.CutPrefix(channel, k.prefix)
		return ok && (rest == "" || rest[0] == '_' || rest[0] >= '0' && rest[0] <= '9')
	})
	if i < 0 {
		return kind{}, false
	}
	return kinds[i], true
}

// modifier reads in_<channel>_scale or _offset, or what the channel shares with others of
// its kind: in_accel_x_scale, in_accel_scale.
func modifier(root, path, channel, what string, without float64) (float64, error) {
	for {
		file := filepath.Join(root, path, "in_"+channel+"_"+what)
		v, err := number(file)
		if !errors.Is(err, os.ErrNotExist) {
			return v, err
		}
		cut := strings.LastIndexByte(channel, '_')
		shorter := strings.TrimRight(channel, "0123456789")
		switch {
		case cut > 0:
			channel = channel[:cut]
		case shorter != channel && shorter != "":
			channel = shorter
		default:
			return without, nil
		}
	}
}

// number reads a file that holds one.
func number(file string) (float64, error) {
	s, err := text(file)
	if err != nil {
		return 0, err
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v-v != 0 { // also NaN and the infinities
		return 0, fmt.Errorf("%s: got %q, want a number", file, s)
	}
	return v, nil
}

// limit is more than the kernel puts into an attribute's file.
const limit = 4096

// text reads a small file.
func text(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var buf [limit]byte
	n, err := f.Read(buf[:])
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimSpace(string(buf[:n])), nil
}
