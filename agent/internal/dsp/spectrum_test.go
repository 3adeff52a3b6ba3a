package dsp

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"kinglet/hal"
	"kinglet/hal/sim"
)

// golden is a reference vector: see scripts/motor/goldens.py.
type golden struct {
	config  Config
	samples []float32
	want    []float32
}

func readGolden(t *testing.T, path string) golden {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(text), "\n\n")
	key := map[string]float64{}
	for _, l := range strings.Split(head, "\n") {
		k, v, _ := strings.Cut(l, ": ")
		if key[k], err = strconv.ParseFloat(v, 64); err != nil && k != "made_by" {
			t.Fatal(err)
		}
	}
	var arrays [2][]float32
	for i, l := range strings.Split(strings.TrimSpace(body), "\n") {
		for _, f := range strings.Fields(l) {
			v, err := strconv.ParseFloat(f, 32)
			if err != nil {
				t.Fatal(err)
			}
			arrays[i] = append(arrays[i], float32(v))
		}
	}
	return golden{
		config: Config{
			Rate: key["rate"], Window: int(key["window"]), Channels: int(key["channels"]),
			Bands: int(key["bands"]), Pool: int(key["pool"]),
			EnvelopeLow: key["envelope_low"], EnvelopeHigh: key["envelope_high"],
			Reference: key["reference"], Floor: key["floor"],
		},
		samples: arrays[0], want: arrays[1],
	}
}

// TestGoldens compares with numpy's double-precision transform. Two thousandths of a
// bel are room for float32 in bands that lie many bels below the strongest one.
func TestGoldens(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no reference vectors: %v", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			g := readGolden(t, f)
			s, err := NewSpectrum(g.config)
			if err != nil {
				t.Fatal(err)
			}
			if s.Size() != len(g.want) {
				t.Fatalf("got %d features, want %d", s.Size(), len(g.want))
			}
			got := make([]float32, s.Size())
			s.Features(got, g.samples)
			worst := 0.0
			for i, v := range got {
				d := math.Abs(float64(v - g.want[i]))
				worst = max(worst, d)
				if d > 0.002 {
					t.Errorf("row %d, column %d: got %v, want %v", i/s.columns(), i%s.columns(), v, g.want[i])
				}
			}
			t.Logf("largest difference %.2g bel", worst)
		})
	}
}

// TestSameBits pins the features of simulated windows. The digest is the same on every
// architecture.
func TestSameBits(t *testing.T) {
	const want = "3aaafb05fc7b183bd11050668823625c29a6a8f5ac173c077d5c6921d191a0dc"
	s, err := NewSpectrum(Motor())
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	dst := make([]float32, s.Size())
	for _, state := range sim.States() {
		src, err := sim.New(sim.Options{Seed: 11, State: state, Load: 0.4, Speed: 2200, SNR: 10, Block: Motor().Window})
		if err != nil {
			t.Fatal(err)
		}
		var r hal.Reading
		for range 4 {
			if err := src.Read(t.Context(), &r); err != nil {
				t.Fatal(err)
			}
			s.Features(dst, r.Samples)
			for _, v := range dst {
				h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
			}
		}
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("got features with digest %s, want %s", got, want)
	}
}

// TestSine checks that a tone reads as its mean square, in its band, at its level.
func TestSine(t *testing.T) {
	c := Motor()
	s, err := NewSpectrum(c)
	if err != nil {
		t.Fatal(err)
	}
	const bin, amplitude = 40, 0.5
	window := make([]float32, c.Window*c.Channels)
	for i := range c.Window {
		window[i*c.Channels+1] = 1 + amplitude*float32(math.Sin(2*math.Pi*bin*float64(i)/float64(c.Window)))
	}
	dst := make([]float32, s.Size())
	s.Features(dst, window)
	want := float32(math.Log10(amplitude * amplitude / 2 * 1e6))
	for _, row := range []int{0, bin} {
		if got := dst[row*s.columns()+1]; math.Abs(float64(got-want)) > 1e-4 {
			t.Errorf("row %d: got %v bel, want %v", row, got, want)
		}
	}
	if got := dst[bin*s.columns()]; got != float32(c.Floor) {
		t.Errorf("silent channel: got %v bel, want the floor", got)
	}
	if got := s.Power(1)[bin]; math.Abs(float64(got)-amplitude*amplitude/2) > 1e-5 {
		t.Errorf("power: got %v, want %v", got, amplitude*amplitude/2)
	}
	if got := s.Hertz(bin); got != 125 {
		t.Errorf("got %v Hz, want 125", got)
	}
}

func TestNotANumber(t *testing.T) {
	s, err := NewSpectrum(Motor())
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.MaxFloat32} {
		window := make([]float32, 3*1024)
		window[1500] = float32(bad)
		dst := make([]float32, s.Size())
		s.Features(dst, window)
		for i, v := range dst {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				t.Fatalf("%v in the window: feature %d is %v", bad, i, v)
			}
		}
	}
}

func TestConfig(t *testing.T) {
	for _, row := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Rate = 0 }, "rate: got 0"},
		{func(c *Config) { c.Window = 1000 }, "window: got 1000"},
		{func(c *Config) { c.Window = 1 << 30 }, "window: got 1073741824"},
		{func(c *Config) { c.Window = -1 }, "window: got -1"},
		{func(c *Config) { c.Channels = 0 }, "channels: got 0"},
		{func(c *Config) { c.Bands = 256 }, "bands: got 256"},
		{func(c *Config) { c.Pool = 0 }, "pool: got 0"},
		{func(c *Config) { c.EnvelopeHigh = 1500 }, "envelope: got 600 to 1500 Hz"},
		{func(c *Config) { c.EnvelopeLow = math.NaN() }, "envelope: got NaN"},
		{func(c *Config) { c.Reference = 0 }, "reference: got 0"},
		{func(c *Config) { c.Floor = math.NaN() }, "floor: got NaN"},
	} {
		c := Motor()
		row.change(&c)
		if _, err := NewSpectrum(c); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("got error %v, want %q in it", err, row.want)
		}
	}
}

func TestAllocations(t *testing.T) {
	s, err := NewSpectrum(Motor())
	if err != nil {
		t.Fatal(err)
	}
	dst, window := make([]float32, s.Size()), make([]float32, 3*1024)
	if n := testing.AllocsPerRun(10, func() { s.Features(dst, window) }); n != 0 {
		t.Errorf("got %v allocations a window, want none", n)
	}
}

func TestMath(t *testing.T) {
	for i := range 10_000 {
		x := float64(i)/500 - 10
		s, c := sincos(x)
		ws, wc := math.Sincos(2 * math.Pi * x)
		if math.Abs(s-ws) > 1e-13 || math.Abs(c-wc) > 1e-13 {
			t.Fatalf("sincos of %v turns: got %v, %v, want %v, %v", x, s, c, ws, wc)
		}
		p := float32(math.Pow(10, x*3.5))
		if got, want := float64(log10(p)), math.Log10(float64(p)); math.Abs(got-want) > 3e-6 {
			t.Fatalf("log10(%v): got %v, want %v", p, got, want)
		}
	}
}

func BenchmarkFeatures(b *testing.B) {
	s, err := NewSpectrum(Motor())
	if err != nil {
		b.Fatal(err)
	}
	dst, window := make([]float32, s.Size()), make([]float32, 3*1024)
	for b.Loop() {
		s.Features(dst, window)
	}
}
