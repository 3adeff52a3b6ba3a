// Package dsp turns windows of samples into what models take: Spectrum gives the
// spectrum and the envelope spectrum of each channel in logarithmic bands.
//
// The features have the same bits on every architecture: each product is rounded before
// it is added, sines and logarithms are polynomials of this package, and only the square
// root and the floor, which are exact, come from package math. Nothing is allocated
// after a Spectrum is made.
package dsp

import (
	"errors"
	"fmt"
	"math"
)

// Config says how a window becomes features.
type Config struct {
	Rate     float64 `json:"rate"`     // samples a second of each channel
	Window   int     `json:"window"`   // frames, a power of two from 16 to 65536
	Channels int     `json:"channels"` // samples in a frame, at most 64
	Bands    int     `json:"bands"`    // rows of features beside the level
	Pool     int     `json:"pool"`     // bins of Rate/Window in a band

	// EnvelopeLow and EnvelopeHigh bound, in Hz, the band about the structure's resonances
	// whose envelope is analysed. Both 0: no envelope.
	EnvelopeLow  float64 `json:"envelope_low"`
	EnvelopeHigh float64 `json:"envelope_high"`

	// Reference is the amplitude, in the unit of the samples, whose square is 0 bel; Floor
	// is the least value of a feature, in bels.
	Reference float64 `json:"reference"`
	Floor     float64 `json:"floor"`
}

// Motor is the configuration of the embedded motor models: 0.32 s of a three-axis
// accelerometer, single bins to 397 Hz, the envelope of 600 to 1400 Hz, bels about 1 mg.
func Motor() Config {
	return Config{
		Rate: 3200, Window: 1024, Channels: 3, Bands: 127, Pool: 1,
		EnvelopeLow: 600, EnvelopeHigh: 1400,
		Reference: 1e-3, Floor: -3,
	}
}

// Validate lists every value that does not fit.
func (c Config) Validate() error {
	var errs []error
	want := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	want(c.Rate > 0 && !math.IsInf(c.Rate, 1), "rate: got %v Hz, want more than 0", c.Rate)
	want(c.Window >= 16 && c.Window <= 1<<16 && c.Window&(c.Window-1) == 0, "window: got %d frames, want a power of two from 16 to 65536", c.Window)
	want(c.Channels >= 1 && c.Channels <= 64, "channels: got %d, want 1 to 64", c.Channels)
	want(c.Reference > 0 && !math.IsInf(c.Reference, 1), "reference: got %v, want more than 0", c.Reference)
	want(c.Floor >= -20 && c.Floor <= 20, "floor: got %v bel, want -20 to 20", c.Floor)
	if c.Window < 16 || c.Window > 1<<16 {
		return errors.Join(errs...)
	}
	bins := c.Window/2 - 1
	if c.envelope() {
		bins = c.Window/4 - 1
		lo, hi := c.demodulated()
		want(c.EnvelopeLow >= 0 && c.EnvelopeHigh <= c.Rate/2 && lo < hi && hi-lo <= c.Window/4,
			"envelope: got %v to %v Hz, want a band of at most %v Hz below %v Hz", c.EnvelopeLow, c.EnvelopeHigh, c.Rate/4, c.Rate/2)
	}
	want(c.Pool >= 1 && c.Pool <= bins, "pool: got %d, want 1 to %d", c.Pool, bins)
	want(c.Bands >= 1 && c.Pool >= 1 && c.Bands <= bins/max(c.Pool, 1), "bands: got %d of %d bins, want at most %d bins in all", c.Bands, c.Pool, bins)
	return errors.Join(errs...)
}

func (c Config) envelope() bool { return c.EnvelopeLow != 0 || c.EnvelopeHigh != 0 }

// demodulated is the range of bins [lo,hi) of the envelope's band.
func (c Config) demodulated() (lo, hi int) {
	bin := c.Rate / float64(c.Window)
	clamp := func(x float64) int { return int(min(max(x, 0), float64(c.Window/2))) }
	return clamp(math.Floor(c.EnvelopeLow / bin)), clamp(math.Floor(c.EnvelopeHigh / bin))
}

// Spectrum computes features. It is for one goroutine.
type Spectrum struct {
	config Config
	hann   []float32
	real   realFFT
	re, im []float32   // one channel, then its bins
	power  [][]float32 // mean square of each bin, by channel
	env    envelope
	scale  float32 // Reference^-2
}

// NewSpectrum makes the tables and buffers for a configuration.
func NewSpectrum(c Config) (*Spectrum, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("spectrum: %w", err)
	}
	s := &Spectrum{
		config: c,
		hann:   hann(c.Window),
		real:   newRealFFT(c.Window),
		re:     make([]float32, c.Window/2),
		im:     make([]float32, c.Window/2),
		power:  make([][]float32, c.Channels),
		scale:  float32(1 / mul(c.Reference, c.Reference)),
	}
	for i := range s.power {
		s.power[i] = make([]float32, c.Window/2)
	}
	if c.envelope() {
		s.env = newEnvelope(c, s.hann)
	}
	return s, nil
}

// hann is the periodic Hann window.
func hann(n int) []float32 {
	w := make([]float32, n)
	for i := range w {
		_, cos := sincos(float64(i) / float64(n))
		w[i] = float32(0.5 - mul(0.5, cos))
	}
	return w
}

// Config returns the configuration.
func (s *Spectrum) Config() Config { return s.config }

// Shape is that of the features, as a model takes them: 1, rows, 1, columns. Row 0 is the
// level, row r the band of bins (r-1) Pool + 1 to r Pool. The columns are the channels'
// spectra, then, when there is an envelope, the channels' envelope spectra.
func (s *Spectrum) Shape() []int { return []int{1, s.config.Bands + 1, 1, s.columns()} }

// Size is the number of features.
func (s *Spectrum) Size() int { return (s.config.Bands + 1) * s.columns() }

func (s *Spectrum) columns() int {
	if s.config.envelope() {
		return 2 * s.config.Channels
	}
	return s.config.Channels
}

// Features fills dst, of Size values, from a window of [Window][Channels] samples. All
// values are bels: the decimal logarithm of a mean square over Reference squared, not
// below Floor. For a band it is the mean over its bins of the mean square of a sine there;
// for the level that of the whole channel without its mean. The envelope is the mean
// square, in time, of the demodulated band: its level is the mean, its bands are the
// amplitudes of its own spectrum (the squared envelope spectrum of Randall and Antoni,
// Mech. Syst. Signal Process. 25, 2011, section 5). It panics when a length is wrong.
func (s *Spectrum) Features(dst, window []float32) {
	c := s.config
	if len(dst) != s.Size() || len(window) != c.Window*c.Channels {
		panic(fmt.Sprintf("dsp: got %d features and %d samples, want %d and %d", len(dst), len(window), s.Size(), c.Window*c.Channels))
	}
	columns := s.columns()
	for ch := range c.Channels {
		dst[ch] = s.bels(s.transform(window, ch))
		s.bands(dst[columns+ch:], columns, s.power[ch][1:])
		if c.envelope() {
			dst[c.Channels+ch] = s.bels(s.env.demodulate(s.re, s.im))
			s.bands(dst[columns+c.Channels+ch:], columns, s.env.lines)
		}
	}
}

// Power is the mean square, in squared units of the samples, of each bin from 0 Hz up to
// below half the rate, of the channel in the last window. It belongs to the Spectrum and
// changes with the next window.
func (s *Spectrum) Power(channel int) []float32 { return s.power[channel] }

// Hertz is the frequency of a bin.
func (s *Spectrum) Hertz(bin int) float64 {
	return float64(bin) * s.config.Rate / float64(s.config.Window)
}

// transform leaves a channel's bins in re and im and their power in its row, and returns
// the channel's mean square about its mean.
func (s *Spectrum) transform(window []float32, ch int) float32 {
	n, channels := s.config.Window, s.config.Channels
	var sum float64
	for i := ch; i < len(window); i += channels {
		sum += float64(window[i])
	}
	mean := float32(sum / float64(n))
	var square float64
	for i := range n {
		v := window[i*channels+ch] - mean
		square += mul(float64(v), float64(v))
		v = mul32(v, s.hann[i])
		if i&1 == 0 {
			s.re[i/2] = v
		} else {
			s.im[i/2] = v
		}
	}
	s.real.forward(s.re, s.im)
	s.im[0] = 0 // the Nyquist frequency
	power := s.power[ch]
	// A sine of amplitude a is a n/4 in its bin under a Hann window: its sum is n/2.
	norm := float32(8 / mul(float64(n), float64(n)))
	for k := range power {
		power[k] = mul32(mul32(s.re[k], s.re[k])+mul32(s.im[k], s.im[k]), norm)
	}
	power[0] = mul32(power[0], 0.5)
	return float32(square / float64(n))
}

// bands writes the mean of each run of Pool values, in bels, to every columns-th place.
func (s *Spectrum) bands(dst []float32, columns int, values []float32) {
	pool := s.config.Pool
	share := 1 / float32(pool)
	for b := range s.config.Bands {
		var sum float32
		for _, v := range values[b*pool : (b+1)*pool] {
			sum += v
		}
		dst[b*columns] = s.bels(mul32(sum, share))
	}
}

// tiny is the least normal float32: logarithms are taken of no less.
const tiny = 0x1p-126

func (s *Spectrum) bels(square float32) float32 {
	v := mul32(square, s.scale)
	if !(v >= tiny) { // also for NaN
		v = tiny
	}
	if v > math.MaxFloat32 {
		v = math.MaxFloat32
	}
	return max(log10(v), float32(s.config.Floor))
}
