package iio

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kinglet/hal"
)

// tree writes a fake sysfs: paths and contents.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		put(t, root, name, content)
	}
	return root
}

func put(t testing.TB, root, name, content string) {
	t.Helper()
	file := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// board has the files of an emulated Raspberry Pi's dps310 and tmp105 under Linux 6.1, an
// accelerometer and gyroscope as inv-mpu6050 shows them, and an ADC.
func board() map[string]string {
	const dps, imu, adc, tmp = "sys/bus/iio/devices/iio:device0/", "sys/bus/iio/devices/iio:device2/", "sys/bus/iio/devices/iio:device10/", "sys/class/hwmon/hwmon0/"
	return map[string]string{
		dps + "name": "dps310", dps + "in_pressure_input": "92.947000", dps + "in_temp_input": "24738",
		dps + "in_pressure_oversampling_ratio": "1", dps + "uevent": "MAJOR=251",
		imu + "name": "mpu6050", imu + "in_accel_scale": "0.000598", imu + "in_accel_x_raw": "16384", imu + "in_accel_y_raw": "-8192",
		imu + "in_anglvel_scale": "0.001064724", imu + "in_anglvel_z_raw": "131",
		imu + "in_temp_raw": "-1000", imu + "in_temp_scale": "2.941176", imu + "in_temp_offset": "12420",
		adc + "name": "ads1015", adc + "in_voltage0_raw": "1000", adc + "in_voltage0_scale": "3",
		adc + "in_voltage1_raw": "1000", adc + "in_voltage_scale": "2", adc + "in_voltage0-voltage1_raw": "-500",
		tmp + "name": "tmp105", tmp + "temp1_input": "33000", tmp + "temp1_max": "80000", tmp + "temp1_label": "box",
		"sys/class/hwmon/hwmon1/name": "ina219", "sys/class/hwmon/hwmon1/in1_input": "11980", "sys/class/hwmon/hwmon1/curr1_input": "10000",
		"sys/class/hwmon/hwmon1/power1_input": "119800000", "sys/class/hwmon/hwmon1/intrusion0_alarm": "0",
		"sys/class/hwmon/hwmon2/name": "rpi_volt", "sys/class/hwmon/hwmon2/in0_lcrit_alarm": "0",
	}
}

func TestDevices(t *testing.T) {
	list, err := Devices(tree(t, board()))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range list {
		line := filepath.Base(d.Path) + " " + d.Name + ":"
		for _, c := range d.Channels {
			line += " " + c.Name + "/" + c.Unit
		}
		got = append(got, line)
	}
	want := []string{
		"iio:device0 dps310: pressure/hPa temp/°C",
		"iio:device2 mpu6050: accel_x/g accel_y/g anglvel_z/°/s temp/°C",
		"iio:device10 ads1015: voltage0-voltage1/V voltage0/V voltage1/V",
		"hwmon0 tmp105: temp1/°C",
		"hwmon1 ina219: curr1/A in1/V power1/W",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if list, err := Devices(t.TempDir()); err != nil || len(list) != 0 {
		t.Errorf("got %v, %v of a machine without sensors", list, err)
	}
}

func TestValues(t *testing.T) {
	root := tree(t, board())
	for _, row := range []struct {
		device   string
		channels []string
		want     []float64
	}{
		{"dps310", nil, []float64{929.47, 24.738}},
		{"mpu6050", nil, []float64{16384 * 0.000598 / 9.80665, -8192 * 0.000598 / 9.80665, 131 * 0.001064724 * 180 / math.Pi, (12420 - 1000) * 2.941176e-3}},
		{"iio:device10", []string{"voltage1", "voltage0"}, []float64{2, 3}},
		{"hwmon0", []string{"box"}, []float64{33}},
		{"ina219", nil, []float64{10, 11.98, 119.8}},
	} {
		s, err := Open(Options{Device: row.device, Channels: row.channels, Root: root})
		if err != nil {
			t.Fatal(err)
		}
		var r hal.Reading
		if err := s.Read(t.Context(), &r); err != nil {
			t.Fatal(err)
		}
		if len(r.Samples) != len(row.want) || len(s.Info().Channels) != len(row.want) {
			t.Fatalf("%s: got %v, want %v", row.device, r.Samples, row.want)
		}
		for i, want := range row.want {
			if math.Abs(float64(r.Samples[i])-want) > 1e-5*max(1, math.Abs(want)) {
				t.Errorf("%s: %s: got %v, want %v", row.device, s.Info().Channels[i], r.Samples[i], want)
			}
		}
	}
}

func TestRefuses(t *testing.T) {
	files := board()
	files["sys/class/hwmon/hwmon7/name"] = "tmp105"
	files["sys/class/hwmon/hwmon7/temp1_input"] = "1"
	root := tree(t, files)
	for _, row := range []struct {
		o    Options
		want string
	}{
		{Options{Device: "tmp105"}, `device "tmp105": there are several: hwmon0, hwmon7`},
		{Options{Device: "bme280"}, `device "bme280": want one of iio:device0 (dps310), iio:device2 (mpu6050)`},
		{Options{Device: "dps310", Channels: []string{"humidity"}}, `device "dps310": channel "humidity": want one of pressure, temp`},
		{Options{Device: "dps310", Rate: 1e4}, "rate: got 10000, want 0.001 to 100"},
		{Options{Device: "dps310", Root: t.TempDir()}, "there is no IIO or hwmon device"},
	} {
		if row.o.Root == "" {
			row.o.Root = root
		}
		if _, err := Open(row.o); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%+v: got %v, want %s", row.o, err, row.want)
		}
	}
}

// TestPulledOut: the device goes, and comes back under another number.
func TestPulledOut(t *testing.T) {
	root := tree(t, board())
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(Options{Device: "dps310", Root: root, Rate: 10})
		if err != nil {
			t.Fatal(err)
		}
		var r hal.Reading
		if err := s.Read(t.Context(), &r); err != nil {
			t.Fatal(err)
		}
		put(t, root, "sys/bus/iio/devices/iio:device0/in_temp_input", "warm")
		if err := s.Read(t.Context(), &r); err == nil || !strings.Contains(err.Error(), `got "warm", want a number`) || len(r.Samples) != 0 {
			t.Errorf("got %v, %v", r.Samples, err)
		}
		if err := os.RemoveAll(filepath.Join(root, "sys/bus/iio/devices/iio:device0")); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		for range 5 {
			if err := s.Read(t.Context(), &r); err == nil {
				t.Fatal("a device that is gone was read")
			}
		}
		if took := time.Since(began); took < 400*time.Millisecond {
			t.Errorf("five tries took %v: the reader spins", took)
		}
		put(t, root, "sys/bus/iio/devices/iio:device3/name", "dps310")
		put(t, root, "sys/bus/iio/devices/iio:device3/in_temp_input", "20000")
		put(t, root, "sys/bus/iio/devices/iio:device3/in_pressure_input", "100")
		if err := s.Read(t.Context(), &r); err != nil || r.Samples[0] != 1000 || r.Samples[1] != 20 || r.Seq < 7 {
			t.Errorf("got %v, sequence %d, %v", r.Samples, r.Seq, err)
		}
		time.AfterFunc(time.Millisecond, func() { _ = s.Close() })
		if err := s.Read(t.Context(), &r); !errors.Is(err, io.EOF) {
			t.Errorf("got %v after Close, want io.EOF", err)
		}
	})
}

// FuzzFiles: whatever the files of a device hold, reading ends with numbers or an error.
func FuzzFiles(f *testing.F) {
	f.Add("in_temp_raw", "12", "in_temp_scale", "1e300")
	f.Add("in_voltage0_raw", "nan", "in_voltage_offset", "-")
	f.Add("in_accel_x_input", "", "name", "\x00\xff")
	f.Fuzz(func(t *testing.T, a, av, b, bv string) {
		for _, name := range []string{a, b} {
			if name == "" || name == "." || name == ".." || len(name) > 100 || strings.ContainsAny(name, "/\x00") {
				t.Skip("not a file name")
			}
		}
		const dir = "sys/bus/iio/devices/iio:device0/"
		root := tree(t, map[string]string{dir + a: av, dir + b: bv})
		s, err := Open(Options{Device: "iio:device0", Root: root})
		if err != nil {
			return
		}
		var r hal.Reading
		if err := s.Read(t.Context(), &r); err != nil {
			return
		}
		for _, v := range r.Samples {
			if v64 := float64(v); math.IsNaN(v64) || math.IsInf(v64, 0) {
				t.Errorf("got %v", v)
			}
		}
	})
}
