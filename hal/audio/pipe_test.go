package audio_test

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"kinglet/hal"
	"kinglet/hal/audio"
)

// pipe is a source of what a shell script writes.
func pipe(t *testing.T, script string, o audio.PipeOptions) *audio.Pipe {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh here")
	}
	o.Command = []string{sh, "-c", script}
	if o.Rate == 0 {
		o.Rate = 1000
	}
	p, err := audio.NewPipe(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestPipeReadsToTheEnd(t *testing.T) {
	for _, c := range []struct {
		name   string
		script string
		o      audio.PipeOptions
		want   []float32
	}{
		{"16 bits", `printf '\000\200\000\100\000\300'`, audio.PipeOptions{Block: 2}, []float32{-1, 0.5, -0.5}},
		{"in parts", `printf '\000'; sleep 0.05; printf '\200\000\100'`, audio.PipeOptions{Block: 2}, []float32{-1, 0.5}},
		{"half a sample at the end", `printf '\000\200\000'`, audio.PipeOptions{Block: 2}, []float32{-1}},
		{"8 bits, mixed", `printf '\000\200\300\300'`, audio.PipeOptions{Format: audio.U8, Channels: 2}, []float32{-0.5, 0.5}},
		{"right channel", `printf '\000\200\300\000'`, audio.PipeOptions{Format: audio.U8, Channels: 2, Channel: 2}, []float32{0, -1}},
		{"nothing", `true`, audio.PipeOptions{}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := pipe(t, c.script, c.o)
			if got := all(t, p); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if err := p.Read(context.Background(), new(hal.Reading)); !errors.Is(err, io.EOF) {
				t.Errorf("error %v, want io.EOF again", err)
			}
		})
	}
}

func TestPipeTellsWhyACommandFailedAndStartsItAgain(t *testing.T) {
	p := pipe(t, `printf '\000\100'; echo first >&2; echo "arecord: main:831: audio open error: No such device" >&2; exit 3`, audio.PipeOptions{Block: 1})
	var r hal.Reading
	for i, last := 0, uint64(0); i < 2; i++ {
		if err := p.Read(context.Background(), &r); err != nil || r.Samples[0] != 0.5 || i > 0 && r.Seq < last+2 {
			t.Errorf("read %d: %v, %v from %d", i, err, r.Samples, r.Seq)
		}
		last = r.Seq
		if err := p.Read(context.Background(), &r); err == nil || err.Error() != "sh: exit status 3: arecord: main:831: audio open error: No such device" {
			t.Errorf("read %d: error %v", i, err)
		}
	}
}

func TestPipeOfACommandThatIsNotThere(t *testing.T) {
	p, err := audio.NewPipe(audio.PipeOptions{Command: []string{"/nowhere/arecord"}, Rate: 16000})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.Read(context.Background(), new(hal.Reading)); err == nil || !strings.Contains(err.Error(), "/nowhere/arecord") {
			t.Errorf("error %v", err)
		}
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestPipeOptionsThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		o    audio.PipeOptions
		says string
	}{
		{audio.PipeOptions{}, "no command"},
		{audio.PipeOptions{Command: []string{"x"}}, "rate: got 0"},
		{audio.PipeOptions{Command: []string{"x"}, Rate: 1, Channels: 2, Channel: 3}, "channel: got 3, want 0 to 2"},
		{audio.PipeOptions{Command: []string{"x"}, Rate: 1, Format: 9}, "format: got 9"},
	} {
		if _, err := audio.NewPipe(c.o); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: error %v, want %q in it", c.o, err, c.says)
		}
	}
	for _, name := range []string{"s16le", "u8", "s24le", "s32le", "f32le"} {
		if f, err := audio.ParseFormat(name); err != nil || f.String() != name {
			t.Errorf("%s: %v, %v", name, f, err)
		}
	}
	if _, err := audio.ParseFormat("S16_LE"); err == nil {
		t.Error("S16_LE is a format")
	}
}

func TestContextEndsAReadAndLosesNothing(t *testing.T) {
	p := pipe(t, `printf '\000'; sleep 0.3; printf '\100\000\300'`, audio.PipeOptions{Block: 2})
	var r hal.Reading
	for range 3 {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		if err := p.Read(ctx, &r); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the context's", err)
		}
		cancel()
	}
	if err := p.Read(context.Background(), &r); err != nil || !slices.Equal(r.Samples, []float32{0.5, -0.5}) {
		t.Errorf("%v, %v", err, r.Samples)
	}
}

func TestCloseKillsTheCommandAndWhatItStarted(t *testing.T) {
	p := pipe(t, `sleep 100 & sleep 100; wait`, audio.PipeOptions{})
	time.AfterFunc(50*time.Millisecond, func() { p.Close() })
	start := time.Now()
	for range 2 {
		if err := p.Read(context.Background(), new(hal.Reading)); !errors.Is(err, io.EOF) {
			t.Errorf("error %v, want io.EOF", err)
		}
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}
