package signal

import (
	"encoding/hex"
	"errors"
	"maps"
	"strings"
	"testing"
)

// Flexbuffers of tflite-micro's tests (signal/micro/kernels/*_flexbuffers_generated_data.cc).
const (
	flexWindow      = "7368696674000107" + "0101010c04022401"
	flexEnergy      = "73746172745f696e64657800656e645f696e64657800020b180201020402040404" + "2401"
	flexRfft        = "6666745f6c656e677468005400020" + "30f02000100020007000002050506" + "2501"
	flexSubtraction = "6e756d5f6368616e6e656c7300736d6f6f7468696e67006f6e655f6d696e75735f736d6f6f7468696e6700616c7465726e6174655f736d6f6f7468696e6700" +
		"616c7465726e6174655f6f6e655f6d696e75735f736d6f6f7468696e6700736d6f6f7468696e675f62697473006d696e5f7369676e616c5f72656d61696e696e6700" +
		"636c616d70696e6700737065637472616c5f7375627472616374696f6e5f6269747300" +
		"09667b263ca9939e4f23090001000900713d8f02000033032000713d8f0200000e000505050505050505051b2501"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOptionsOfTfliteMicro(t *testing.T) {
	for _, c := range []struct {
		flex string
		want options
	}{
		{flexWindow, options{"shift": 12}},
		{flexEnergy, options{"start_index": 2, "end_index": 4}},
		{flexRfft, options{"T": 7, "fft_length": 512}},
		{flexSubtraction, options{
			"num_channels": 32, "smoothing": 655, "one_minus_smoothing": 15729, "alternate_smoothing": 655, "alternate_one_minus_smoothing": 15729,
			"smoothing_bits": 0, "min_signal_remaining": 819, "clamping": 0, "spectral_subtraction_bits": 14,
		}},
	} {
		got, err := parseOptions(unhex(t, c.flex), nil)
		if err != nil || !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, %v, want %v", c.flex, got, err, c.want)
		}
	}
}

func TestBrokenOptionsAreRefused(t *testing.T) {
	for _, c := range []struct{ name, flex, says string }{
		{"empty", "", "0 bytes"},
		{"no map", "0404010101", "type 0"},
		{"width of the root", flexWindow[:len(flexWindow)-2] + "03", "width 3"},
		{"no width of the root", flexWindow[:len(flexWindow)-2] + "00", "width 0"},
		{"root outside", flexWindow[:len(flexWindow)-6] + "ff2401", "255 bytes back"},
		{"many keys", strings.Replace(flexWindow, "0101010c", "0101ff0c", 1), "255 keys"},
		{"keys outside", strings.Replace(flexWindow, "0101010c", "ff01010c", 1), "255 bytes back"},
		{"no width of keys", strings.Replace(flexWindow, "0101010c", "0100010c", 1), "keys and 1 values"},
		{"more keys than values", strings.Replace(flexWindow, "000107", "000207", 1), "2 keys and 1 values"},
		{"key outside", strings.Replace(flexWindow, "000107", "000109", 1), "9 bytes back"},
		{"another key", strings.Replace(flexWindow, "73", "53", 1), `"shift": absent`},
		{"no integer", strings.Replace(flexWindow, "0c04", "0c0c", 1), `"shift": absent, or not an integer`},
		{"truncated", flexWindow[8:], "outside the buffer"},
	} {
		if _, err := parseOptions(unhex(t, c.flex), []string{"shift"}); !errors.Is(err, errOptions) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want %q in it", c.name, err, c.says)
		}
	}
}

// FuzzParseOptions reads any bytes as options.
func FuzzParseOptions(f *testing.F) {
	for _, s := range []string{flexWindow, flexEnergy, flexRfft, flexSubtraction} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := parseOptions(b, nil)
		if err != nil && !errors.Is(err, errOptions) {
			t.Fatalf("error %v", err)
		}
		if len(o) > maxKeys {
			t.Fatalf("%d options", len(o))
		}
	})
}
