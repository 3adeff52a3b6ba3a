package audio

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"kinglet/hal"
)

// WAVOptions say which recordings are played and how.
type WAVOptions struct {
	Path    string // a file, or a directory of which every .wav is played, in the order of names
	Name    string // of the source; the path's last element when empty
	Rate    int    // samples a second that a recording must have; 0 is that of the first
	Channel int    // Mix, or which one, from 1
	Block   int    // frames that one Read delivers at most; 0 is 20 ms
	Loop    bool   // play again from the first when the last has ended

	// Pace is how many seconds of sound pass in a real one: 1 is real time, 0 as fast as
	// the reader reads.
	Pace  float64
	Start time.Time // of the first sample; zero is now with a Pace, else the Unix epoch
}

// WAV plays recordings: PCM of 8, 16, 24 or 32 bits and float32, of any number of
// channels. Between two recordings hal.Reading.Seq jumps by one, so that no window spans
// them. A recording that is broken, or of another rate, is an error of Read; the next Read
// goes on with the recording after it. Read is for one goroutine; Close may be called from
// any.
type WAV struct {
	o     WAVOptions
	rate  int
	files []string
	next  int  // index of the recording to open
	good  bool // whether a recording of this round was played

	mu    sync.Mutex // of file and in, which Close takes away
	file  *os.File   // nil between recordings
	in    *bufio.Reader
	lay   layout
	size  int64 // of the recording in frames
	left  int64 // of them
	bytes []byte

	seq    uint64
	clock  time.Time // real time of sample zero
	closed chan struct{}
	once   sync.Once
}

var _ hal.Source = (*WAV)(nil)

// OpenWAV finds the recordings and looks at the first one.
func OpenWAV(o WAVOptions) (*WAV, error) {
	s := &WAV{o: o, closed: make(chan struct{})}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	var err error
	if s.files, err = recordings(o.Path); err != nil {
		return nil, err
	}
	if s.o.Name == "" {
		s.o.Name = filepath.Base(o.Path)
	}
	f, rec, err := openRecording(s.files[0])
	if err != nil {
		return nil, err
	}
	f.Close()
	s.rate = rec.rate
	if err := s.fits(rec); err != nil {
		return nil, fmt.Errorf("%s: %w", s.files[0], err)
	}
	if o.Start.IsZero() {
		s.o.Start = time.Unix(0, 0).UTC()
		if o.Pace > 0 {
			s.o.Start = time.Now()
		}
	}
	return s, nil
}

// check lists every option that is out of its bounds.
func (s *WAV) check() error {
	errs := []error{
		bound("rate", s.o.Rate, 0, maxRate),
		bound("channel", s.o.Channel, 0, maxChannels),
		bound("block", s.o.Block, 0, maxBlock),
	}
	if !(s.o.Pace >= 0 && s.o.Pace <= 1e6) { // also for NaN
		errs = append(errs, fmt.Errorf("pace: got %v, want 0 to 1e6", s.o.Pace))
	}
	return errors.Join(errs...)
}

// recordings returns the files to play.
func recordings(path string) ([]string, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path) // sorted by name
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if !e.IsDir() && strings.EqualFold(filepath.Ext(e.Name()), ".wav") {
			files = append(files, filepath.Join(path, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: no .wav in it", path)
	}
	return files, nil
}

// openRecording opens a file and reads its header.
func openRecording(path string) (*os.File, *recording, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a file", path)
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	rec, err := parseWAV(f, st.Size())
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, rec, nil
}

// fits checks that a recording is what was asked for.
func (s *WAV) fits(rec *recording) error {
	if s.o.Rate != 0 && rec.rate != s.o.Rate {
		return fmt.Errorf("%d samples a second, want %d: %w", rec.rate, s.o.Rate, ErrUnsupported)
	}
	if rec.rate != s.rate {
		return fmt.Errorf("%d samples a second, those before have %d: %w", rec.rate, s.rate, ErrUnsupported)
	}
	if s.o.Channel > rec.channels {
		return fmt.Errorf("%d channels, want channel %d: %w", rec.channels, s.o.Channel, ErrUnsupported)
	}
	return nil
}

// Info describes one channel of sound.
func (s *WAV) Info() hal.Info { return info(s.o.Name, s.rate) }

// Playing returns the path of the recording that the last Read was from.
func (s *WAV) Playing() string { return s.files[max(s.next-1, 0)] }

// Read fills r with the next frames: Options.Block of them, or what is left of a recording.
func (s *WAV) Read(ctx context.Context, r *hal.Reading) error {
	for s.left == 0 {
		if err := s.ended(ctx); err != nil {
			return err
		}
		if err := s.advance(); err != nil {
			return err
		}
	}
	n := int(min(int64(blockFrames(s.o.Block, s.rate)), s.left))
	if err := s.wait(ctx, s.seq+uint64(n)); err != nil {
		return err
	}
	if err := s.decode(resize(r, n)); err != nil {
		return err
	}
	r.Seq = s.seq
	r.Time = s.o.Start.Add(time.Duration(float64(s.seq) / float64(s.rate) * float64(time.Second)))
	s.seq += uint64(n)
	s.good = true
	return nil
}

// decode reads the next frames of the present recording.
func (s *WAV) decode(dst []float32) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return io.EOF // closed meanwhile
	}
	n := len(dst) * s.lay.frame()
	s.bytes = slices.Grow(s.bytes[:0], n)[:n]
	at := s.size - s.left
	if _, err := io.ReadFull(s.in, s.bytes); err != nil {
		s.drop()
		return fmt.Errorf("%s: frame %d of %d: %w", s.Playing(), at, s.size, err)
	}
	if bad := s.lay.decode(dst, s.bytes); bad >= 0 {
		s.drop()
		return fmt.Errorf("%s: frame %d: %v: %w", s.Playing(), at+int64(bad), dst[bad], ErrMalformed)
	}
	if s.left -= int64(len(dst)); s.left == 0 {
		s.drop()
	}
	return nil
}

// advance opens the next recording.
func (s *WAV) advance() error {
	if s.next == len(s.files) {
		if !s.o.Loop || !s.good {
			return io.EOF
		}
		s.next, s.good = 0, false
	}
	f, rec, err := openRecording(s.files[s.next])
	s.next++
	if err != nil {
		return err
	}
	if err := s.fits(rec); err != nil {
		f.Close()
		return fmt.Errorf("%s: %w", s.Playing(), err)
	}
	if rec.frames == 0 {
		f.Close()
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lay = layout{rec.format, rec.channels, s.o.Channel}
	s.size, s.left, s.file = rec.frames, rec.frames, f
	s.in = bufio.NewReaderSize(io.NewSectionReader(f, rec.offset, rec.frames*int64(s.lay.frame())), 1<<16)
	if s.seq > 0 {
		s.seq++
	}
	return nil
}

// drop leaves the present recording. The caller holds mu.
func (s *WAV) drop() {
	if s.file != nil {
		s.file.Close()
	}
	s.file, s.in, s.left = nil, nil, 0
}

// ended returns io.EOF when the source is closed, or the context's error.
func (s *WAV) ended(ctx context.Context) error {
	select {
	case <-s.closed:
		return io.EOF
	default:
		return ctx.Err()
	}
}

// late is how far a reader may fall behind before the clock waits for it.
const late = time.Second

// wait returns when sample seq is due, the context is done or the source closed.
func (s *WAV) wait(ctx context.Context, seq uint64) error {
	if err := s.ended(ctx); err != nil || s.o.Pace == 0 {
		return err
	}
	now := time.Now()
	if s.clock.IsZero() {
		s.clock = now
	}
	at := time.Duration(float64(seq) / float64(s.rate) / s.o.Pace * float64(time.Second))
	left := s.clock.Add(at).Sub(now)
	if left < -late {
		s.clock = now.Add(-at)
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-s.closed:
		return io.EOF
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Close ends the source: a waiting Read and every later one return io.EOF.
func (s *WAV) Close() error {
	s.once.Do(func() { close(s.closed) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil {
		s.file.Close()
		s.file = nil
	}
	return nil
}
