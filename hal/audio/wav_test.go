package audio_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kinglet/hal"
	"kinglet/hal/audio"
)

// chunk is a chunk of a RIFF file.
func chunk(id string, body []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(id), uint32(len(body)))
	b = append(b, body...)
	if len(body)%2 != 0 {
		b = append(b, 0)
	}
	return b
}

// wave is a WAV file of some chunks.
func wave(chunks ...[]byte) []byte {
	return chunk("RIFF", append([]byte("WAVE"), slices.Concat(chunks...)...))
}

// format is a "fmt " chunk.
func format(code, channels, rate, bits int) []byte {
	frame := channels * bits / 8
	b := binary.LittleEndian.AppendUint16(nil, uint16(code))
	b = binary.LittleEndian.AppendUint16(b, uint16(channels))
	b = binary.LittleEndian.AppendUint32(b, uint32(rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(rate*frame))
	b = binary.LittleEndian.AppendUint16(b, uint16(frame))
	return chunk("fmt ", binary.LittleEndian.AppendUint16(b, uint16(bits)))
}

// extensible is a "fmt " chunk of WAVE_FORMAT_EXTENSIBLE.
func extensible(code, channels, rate, bits int) []byte {
	b := format(0xfffe, channels, rate, bits)[8:]
	b = append(b, 22, 0, byte(bits), 0, 0, 0, 0, 0, byte(code), 0)
	return chunk("fmt ", append(b, "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"...))
}

func int16s(v ...int16) []byte {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint16(b, uint16(x))
	}
	return chunk("data", b)
}

func write(t testing.TB, dir, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// all reads a source to its end.
func all(t testing.TB, s hal.Source) []float32 {
	t.Helper()
	var out []float32
	var r hal.Reading
	for {
		err := s.Read(context.Background(), &r)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r.Samples...)
	}
}

func TestFormats(t *testing.T) {
	float := func(v ...float32) []byte {
		var b []byte
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
		return chunk("data", b)
	}
	stereo := int16s(-32768, 0, 100, 300, 32767, 32767)
	for _, c := range []struct {
		name    string
		file    []byte
		channel int
		want    []float32
	}{
		{"16 bits", wave(format(1, 1, 8000, 16), int16s(-32768, -1, 0, 1, 32767)), audio.Mix, []float32{-1, -1. / 32768, 0, 1. / 32768, 32767. / 32768}},
		{"8 bits", wave(format(1, 1, 8000, 8), chunk("data", []byte{0, 127, 128, 255, 129})), audio.Mix, []float32{-1, -1. / 128, 0, 127. / 128, 1. / 128}},
		{"24 bits", wave(format(1, 1, 8000, 24), chunk("data", []byte{0, 0, 0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})), audio.Mix, []float32{-1, -1. / (1 << 23), 1 - 1./(1<<23)}},
		{"32 bits", wave(format(1, 1, 8000, 32), chunk("data", []byte{0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0x7f, 0, 1, 0, 0})), audio.Mix, []float32{-1, 1 - 1./(1<<23), 1. / (1 << 23)}},
		{"float", wave(format(3, 1, 8000, 32), float(-1, 0.25, 1e-30)), audio.Mix, []float32{-1, 0.25, 1e-30}},
		{"extensible", wave(extensible(1, 1, 8000, 16), int16s(16384)), audio.Mix, []float32{0.5}},
		{"left", wave(format(1, 2, 8000, 16), stereo), 1, []float32{-1, 100. / 32768, 32767. / 32768}},
		{"right", wave(format(1, 2, 8000, 16), stereo), 2, []float32{0, 300. / 32768, 32767. / 32768}},
		{"mixed", wave(format(1, 2, 8000, 16), stereo), audio.Mix, []float32{-0.5, 200. / 32768, 32767. / 32768}},
		{"other chunks", wave(chunk("LIST", []byte("odd")), format(1, 1, 8000, 16), chunk("fact", make([]byte, 4)), int16s(-16384), chunk("cue ", nil)), audio.Mix, []float32{-0.5}},
		{"bytes after the file", append(wave(format(1, 1, 8000, 16), int16s(8192)), "rubbish"...), audio.Mix, []float32{0.25}},
		{"no samples", wave(format(1, 1, 8000, 16), int16s()), audio.Mix, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := audio.OpenWAV(audio.WAVOptions{Path: write(t, t.TempDir(), "x.wav", c.file), Channel: c.channel, Block: 2})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if got := all(t, s); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if i := s.Info(); i.Name != "x.wav" || i.Rate != 8000 || len(i.Channels) != 1 {
				t.Errorf("info %+v", i)
			}
		})
	}
}

func TestBrokenRecordingsAreRefused(t *testing.T) {
	good := wave(format(1, 1, 16000, 16), int16s(1, 2, 3))
	patch := func(at int, b ...byte) []byte {
		p := slices.Clone(good)
		copy(p[at:], b)
		return p
	}
	for _, c := range []struct {
		name  string
		file  []byte
		cause error
		says  string
	}{
		{"empty", nil, audio.ErrMalformed, "header at byte 0: the file ends at 0: truncated"},
		{"no RIFF", []byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00"), audio.ErrMalformed, `begins with "OggS`},
		{"no WAVE", chunk("RIFF", []byte("AVI LIST")), audio.ErrMalformed, "want RIFF and WAVE"},
		{"big-endian", append([]byte("RIFX"), good[4:]...), audio.ErrUnsupported, "RIFX file, want RIFF"},
		{"truncated", good[:len(good)-2], audio.ErrMalformed, "header: 50 bytes, the file has 48: truncated"},
		{"truncated samples", patch(40, 8), audio.ErrMalformed, `chunk "data" at byte 36: 8 bytes, 6 are left: truncated`},
		{"endless samples", patch(40, 0xff, 0xff, 0xff, 0xff), audio.ErrMalformed, `4294967295 bytes, 6 are left`},
		{"half a frame", patch(40, 5), audio.ErrMalformed, "5 bytes, want a multiple of a frame's 2"},
		{"no format", wave(int16s(1)), audio.ErrMalformed, "none that says the format before it"},
		{"two formats", wave(format(1, 1, 8000, 16), format(1, 1, 8000, 16), int16s(1)), audio.ErrMalformed, "a second one"},
		{"no samples", wave(format(1, 1, 8000, 16)), audio.ErrMalformed, "chunk at byte 36: the file ends at 36: truncated"},
		{"short format", wave(chunk("fmt ", make([]byte, 14)), int16s(1)), audio.ErrMalformed, "14 bytes, want 16 or more"},
		{"compressed", wave(format(2, 1, 8000, 4), int16s(1)), audio.ErrUnsupported, "format 2 of 4 bits"},
		{"12 bits", wave(format(1, 1, 8000, 12), int16s(1)), audio.ErrUnsupported, "format 1 of 12 bits"},
		{"short extensible", wave(format(0xfffe, 1, 8000, 16), int16s(1)), audio.ErrMalformed, "want 40 of an extensible format"},
		{"no channels", patch(22, 0, 0), audio.ErrMalformed, "channels: got 0, want 1 to 64"},
		{"no rate", patch(24, 0, 0, 0, 0), audio.ErrMalformed, "samples a second: got 0"},
		{"frames", patch(32, 4), audio.ErrMalformed, "frames of 4 bytes, want 2"},
		{"many chunks", wave(slices.Repeat(chunk("JUNK", nil), 2000)), audio.ErrMalformed, "no samples in the first 1024 chunks"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, t.TempDir(), "x.wav", c.file)
			_, err := audio.OpenWAV(audio.WAVOptions{Path: path})
			if !errors.Is(err, c.cause) || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), path) {
				t.Errorf("error %v, want %q in it", err, c.says)
			}
		})
	}
}

func TestOptionsThatDoNotFit(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "x.wav", wave(format(1, 1, 44100, 16), int16s(1)))
	for _, c := range []struct {
		o    audio.WAVOptions
		says string
	}{
		{audio.WAVOptions{Path: path, Rate: 16000}, "44100 samples a second, want 16000"},
		{audio.WAVOptions{Path: path, Channel: 2}, "1 channels, want channel 2"},
		{audio.WAVOptions{Path: path, Channel: -1}, "channel: got -1"},
		{audio.WAVOptions{Path: path, Pace: math.NaN()}, "pace: got NaN"},
		{audio.WAVOptions{Path: path, Block: 1 << 30}, "block: got 1073741824"},
		{audio.WAVOptions{Path: dir + "/none.wav"}, "none.wav"},
		{audio.WAVOptions{Path: t.TempDir()}, "no .wav in it"},
	} {
		if _, err := audio.OpenWAV(c.o); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: error %v, want %q in it", c.o, err, c.says)
		}
	}
}

func TestDirectoryIsPlayedInOrderWithGaps(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "b.WAV", wave(format(1, 1, 1000, 16), int16s(3, 4)))
	write(t, dir, "a.wav", wave(format(1, 1, 1000, 16), int16s(1, 2, 3)))
	write(t, dir, "c.wav", wave(format(1, 1, 2000, 16), int16s(9)))
	write(t, dir, "d.wav", []byte("no sound"))
	write(t, dir, "e.wav", wave(format(1, 1, 1000, 16), int16s(5)))
	write(t, dir, "notes.txt", []byte("nor this"))
	s, err := audio.OpenWAV(audio.WAVOptions{Path: dir, Block: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var r hal.Reading
	for i, c := range []struct {
		seq  uint64
		n    int
		file string
		says string
	}{
		{0, 2, "a.wav", ""},
		{2, 1, "a.wav", ""},
		{4, 2, "b.WAV", ""},
		{0, 0, "c.wav", "2000 samples a second, those before have 1000"},
		{0, 0, "d.wav", "d.wav: "},
		{7, 1, "e.wav", ""},
	} {
		err := s.Read(context.Background(), &r)
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("read %d: error %v, want %q in it", i, err, c.says)
			}
			continue
		}
		at := time.Unix(0, int64(c.seq)*int64(time.Millisecond))
		if err != nil || r.Seq != c.seq || len(r.Samples) != c.n || filepath.Base(s.Playing()) != c.file || !r.Time.Equal(at) {
			t.Errorf("read %d: %v, %d samples from %d at %v of %s, want %+v", i, err, len(r.Samples), r.Seq, r.Time, s.Playing(), c)
		}
	}
	if err := s.Read(context.Background(), &r); !errors.Is(err, io.EOF) {
		t.Errorf("error %v, want io.EOF", err)
	}
}

func TestLoopBeginsAnewAndEndsWhenNothingPlays(t *testing.T) {
	path := write(t, t.TempDir(), "x.wav", wave(format(1, 1, 1000, 16), int16s(1, 2)))
	s, err := audio.OpenWAV(audio.WAVOptions{Path: path, Loop: true})
	if err != nil {
		t.Fatal(err)
	}
	var r hal.Reading
	for i := range uint64(3) {
		if err := s.Read(context.Background(), &r); err != nil || r.Seq != 3*i || len(r.Samples) != 2 {
			t.Fatalf("round %d: %v, %d samples from %d", i, err, len(r.Samples), r.Seq)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := s.Read(context.Background(), &r); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want that the file is not there", err)
	}
	if err := s.Read(context.Background(), &r); !errors.Is(err, io.EOF) {
		t.Errorf("error %v, want io.EOF", err)
	}
}

func TestFloatsThatAreNoNumbersAreErrors(t *testing.T) {
	b := make([]byte, 40)
	binary.LittleEndian.PutUint32(b[20:], 0x7fc00000)
	s, err := audio.OpenWAV(audio.WAVOptions{Path: write(t, t.TempDir(), "x.wav", wave(format(3, 1, 1000, 32), chunk("data", b))), Block: 4})
	if err != nil {
		t.Fatal(err)
	}
	var r hal.Reading
	if err := s.Read(context.Background(), &r); err != nil {
		t.Fatal(err)
	}
	if err := s.Read(context.Background(), &r); !errors.Is(err, audio.ErrMalformed) || !strings.Contains(err.Error(), "x.wav: frame 5: NaN") {
		t.Errorf("error %v", err)
	}
}

func TestPaceHoldsTheReaderBack(t *testing.T) {
	path := write(t, t.TempDir(), "x.wav", wave(format(1, 1, 1000, 16), int16s(make([]int16, 100)...)))
	s, err := audio.OpenWAV(audio.WAVOptions{Path: path, Pace: 2, Block: 10})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	all(t, s)
	if d := time.Since(start); d < 45*time.Millisecond || d > 5*time.Second {
		t.Errorf("100 ms of sound at double pace took %v", d)
	}
}

func TestCloseAndContextEndAWait(t *testing.T) {
	path := write(t, t.TempDir(), "x.wav", wave(format(1, 1, 1, 16), int16s(make([]int16, 1000)...)))
	open := func() *audio.WAV {
		s, err := audio.OpenWAV(audio.WAVOptions{Path: path, Pace: 1, Block: 1000})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	var r hal.Reading
	s := open()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := s.Read(ctx, &r); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the context's", err)
	}
	s = open()
	time.AfterFunc(10*time.Millisecond, func() { s.Close() })
	for range 2 {
		if err := s.Read(context.Background(), &r); !errors.Is(err, io.EOF) {
			t.Errorf("error %v, want io.EOF", err)
		}
	}
}

func TestRecordingsOfTheCorpus(t *testing.T) {
	files, err := filepath.Glob("../../../shared/conformance/real/audio/*.wav")
	if err != nil || len(files) == 0 {
		t.Skipf("the corpus is not there: %v", err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s, err := audio.OpenWAV(audio.WAVOptions{Path: path, Rate: 16000, Channel: 1})
		if err != nil {
			t.Error(err)
			continue
		}
		channels := int(b[22])
		got := all(t, s)
		if len(got) != (len(b)-44)/2/channels {
			t.Errorf("%s: %d samples", path, len(got))
		}
		for i, v := range got {
			if want := int16(binary.LittleEndian.Uint16(b[44+2*channels*i:])); int16(v*32768) != want {
				t.Errorf("%s: sample %d: %v, want %d", path, i, v*32768, want)
				break
			}
		}
	}
}

// FuzzWAV plays any bytes: it may refuse, and what it plays is bounded by the bytes.
func FuzzWAV(f *testing.F) {
	f.Add(wave(format(1, 1, 16000, 16), int16s(1, 2, 3)), 0)
	f.Add(wave(extensible(3, 2, 8000, 32), chunk("data", make([]byte, 16))), 2)
	f.Add(wave(chunk("LIST", []byte("odd")), format(1, 1, 8000, 8), chunk("data", []byte{1, 2, 3})), 1)
	f.Add(wave(format(1, 3, 8000, 24), chunk("data", make([]byte, 18))), 0)
	path := filepath.Join(f.TempDir(), "x.wav")
	f.Fuzz(func(t *testing.T, b []byte, channel int) {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		s, err := audio.OpenWAV(audio.WAVOptions{Path: path, Channel: channel, Block: 3})
		if err != nil {
			return
		}
		defer s.Close()
		var r hal.Reading
		for n := 0; ; n += len(r.Samples) {
			if n > len(b) {
				t.Fatalf("%d samples from %d bytes", n, len(b))
			}
			if err := s.Read(context.Background(), &r); err != nil {
				break
			}
		}
	})
}
