package audio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"kinglet/hal"
)

// PipeOptions say which command is run and what it writes.
type PipeOptions struct {
	// Command is the program and its arguments, such as arecord -q -t raw -f S16_LE -r 16000.
	// No shell reads it.
	Command  []string
	Name     string // of the source; the program's name when empty
	Rate     int    // samples a second that the command writes
	Format   Format
	Channels int // that the command writes; 0 is 1
	Channel  int // Mix, or which one, from 1
	Block    int // frames that one Read delivers; 0 is 20 ms
}

// Pipe reads raw samples from the standard output of a command. The first Read starts it.
// When it ends well, Read returns io.EOF; when it fails, an error with the last line that it
// wrote to standard error, and the next Read starts it again: hal.Reading.Seq then jumps by
// the samples that were missed. Read is for one goroutine; Close may be called from any.
type Pipe struct {
	o     PipeOptions
	lay   layout
	block int

	mu     sync.Mutex // of what follows
	closed bool
	child  *child // nil while no command runs

	buf    []byte
	filled int
	seq    uint64
	began  time.Time // when the first command was started
}

var _ hal.Source = (*Pipe)(nil)

// child is a running command.
type child struct {
	cmd    *exec.Cmd
	out    *os.File
	errors lastLine
	done   chan struct{} // closed when the command has ended
	err    error         // of the command, after done
}

// NewPipe checks the options; it starts nothing.
func NewPipe(o PipeOptions) (*Pipe, error) {
	if len(o.Command) == 0 || o.Command[0] == "" {
		return nil, errors.New("sound from a command: no command")
	}
	if o.Channels == 0 {
		o.Channels = 1
	}
	if o.Name == "" {
		o.Name = filepath.Base(o.Command[0])
	}
	if err := errors.Join(
		bound("rate", o.Rate, 1, maxRate),
		bound("channels", o.Channels, 1, maxChannels),
		bound("channel", o.Channel, 0, o.Channels),
		bound("format", int(o.Format), 0, int(F32)),
		bound("block", o.Block, 0, maxBlock),
	); err != nil {
		return nil, fmt.Errorf("sound from %s: %w", o.Command[0], err)
	}
	lay := layout{o.Format, o.Channels, o.Channel}
	block := blockFrames(o.Block, o.Rate)
	return &Pipe{o: o, lay: lay, block: block, buf: make([]byte, block*lay.frame())}, nil
}

// Info describes one channel of sound.
func (p *Pipe) Info() hal.Info { return info(p.o.Name, p.o.Rate) }

// Read fills r with the next block; the last one of a command may be shorter. Time is the
// clock's when the block was complete, less what it lasts.
func (p *Pipe) Read(ctx context.Context, r *hal.Reading) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := p.start()
	if err != nil {
		return err
	}
	switch err := p.fill(ctx, c); {
	case err == nil:
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ctx.Err() // what was read waits for the next Read
	default:
		if err := p.end(c); err != nil {
			return err
		}
	}
	frames := p.filled / p.lay.frame()
	p.filled = 0
	if frames == 0 {
		return io.EOF
	}
	r.Seq = p.seq
	r.Time = time.Now().Add(-time.Duration(float64(frames) / float64(p.o.Rate) * float64(time.Second)))
	p.seq += uint64(frames)
	if bad := p.lay.decode(resize(r, frames), p.buf); bad >= 0 {
		return fmt.Errorf("%s: sample %d: %v: %w", p.o.Name, r.Seq+uint64(bad), r.Samples[bad], ErrMalformed)
	}
	return nil
}

// fill reads until the block is full, the command's output ends, or the context is done,
// which is a deadline that was exceeded.
func (p *Pipe) fill(ctx context.Context, c *child) error {
	stop := context.AfterFunc(ctx, func() { _ = c.out.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	for {
		n, err := io.ReadFull(c.out, p.buf[p.filled:])
		p.filled += n
		if !errors.Is(err, os.ErrDeadlineExceeded) || ctx.Err() != nil {
			return err
		}
		// The deadline is that of a Read before.
		_ = c.out.SetReadDeadline(time.Time{})
	}
}

// start returns the running command, which it starts when there is none.
func (p *Pipe) start() (*child, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, io.EOF
	}
	if p.child != nil {
		return p.child, nil
	}
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.Command(p.o.Command[0], p.o.Command[1:]...), out: out, done: make(chan struct{})}
	c.cmd.Stdout, c.cmd.Stderr = in, &c.errors
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that what it starts ends with it
	c.cmd.WaitDelay = time.Second
	err = c.cmd.Start()
	in.Close()
	if err != nil {
		out.Close()
		return nil, fmt.Errorf("%s: %w", p.o.Name, err)
	}
	go func() {
		c.err = c.cmd.Wait()
		close(c.done)
	}()
	if p.began.IsZero() {
		p.began = time.Now()
	} else {
		p.seq = max(p.seq+1, uint64(time.Since(p.began).Seconds()*float64(p.o.Rate)))
	}
	p.child, p.filled = c, 0
	return c, nil
}

// end takes leave of a command whose output has ended: io.EOF when the source was closed,
// nil when the command ended well.
func (p *Pipe) end(c *child) error {
	select {
	case <-c.done:
	case <-time.After(time.Second):
		c.kill()
		<-c.done
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c.out.Close()
	if p.closed {
		return io.EOF
	}
	p.child = nil
	if c.err == nil {
		p.closed = true // the sound has ended
		return nil
	}
	if line := c.errors.String(); line != "" {
		return fmt.Errorf("%s: %w: %s", p.o.Name, c.err, line)
	}
	return fmt.Errorf("%s: %w", p.o.Name, c.err)
}

// kill ends the command and what it has started, when it has not ended.
func (c *child) kill() {
	select {
	case <-c.done:
	default:
		_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
	}
}

// Close kills the command and waits for its end: a waiting Read and every later one return
// io.EOF.
func (p *Pipe) Close() error {
	p.mu.Lock()
	p.closed = true
	c := p.child
	p.child = nil
	p.mu.Unlock()
	if c == nil {
		return nil
	}
	c.kill()
	<-c.done
	c.out.Close()
	return nil
}

// lastLine keeps the last line that was written to it.
type lastLine struct {
	mu   sync.Mutex
	line []byte
	full bool // whether the line has ended
}

// maxLine bounds what is kept of a line.
const maxLine = 300

// Write takes everything.
func (l *lastLine) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range b {
		switch {
		case c == '\n' || c == '\r':
			l.full = true
			continue
		case l.full:
			l.line, l.full = l.line[:0], false
		}
		if len(l.line) < maxLine {
			l.line = append(l.line, c)
		}
	}
	return len(b), nil
}

func (l *lastLine) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.line)
}
