package ui

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"golang.org/x/term"

	"kinglet/agent/internal/demo"
	"kinglet/agent/internal/dsp"
	"kinglet/agent/internal/pipeline"
	"kinglet/hal"
	"kinglet/ota"
)

// Terminal reports whether f is a terminal that a live picture can be drawn on.
func Terminal(f *os.File) bool {
	return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// frameTime is the time between two pictures.
const frameTime = time.Second / 15

// waveFrames is how many frames of the signal are shown.
const waveFrames = 1024

// Live gives the tour on a terminal until the person quits or, without Linger, it ends.
func Live(ctx context.Context, out *os.File, opt demo.Options) (*demo.Report, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &screen{shown: snapshot{wave: make([]float32, waveFrames)}}
	opt.View = s
	p := tea.NewProgram(picture{s: s}, tea.WithOutput(out), tea.WithAltScreen(), tea.WithContext(ctx))
	var report *demo.Report
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		report, err = demo.Run(ctx, opt)
		p.Quit()
	}()
	_, drawErr := p.Run()
	cancel()
	<-done
	if errors.Is(err, context.Canceled) {
		err = nil // the person quit during the tour
	}
	if errors.Is(drawErr, tea.ErrProgramKilled) {
		drawErr = nil
	}
	if report == nil {
		report = &demo.Report{}
	}
	return report, errors.Join(err, drawErr)
}

// screen collects what the picture shows. It implements demo.View.
type screen struct {
	mu    sync.Mutex
	shown snapshot
}

// snapshot is what one picture shows.
type snapshot struct {
	scene      string
	wave       []float32 // of the first channel, in g, without its mean; newest last
	spectrum   []float32 // in bels, the strongest axis
	labels     []string
	scores     []float32
	label      string
	version    int
	latency    time.Duration
	inferences uint64
	event      string // the active one, or empty
	eventTimes int
	phase      string // of the update under way, or empty
	updates    []demo.Update
}

// Reading implements demo.View.
func (s *screen) Reading(r *hal.Reading) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := r.Frames(3)
	w := s.shown.wave
	if n > len(w) {
		return
	}
	copy(w, w[n:])
	for i := range n {
		w[len(w)-n+i] = r.Samples[3*i]
	}
}

// Result implements demo.View.
func (s *screen) Result(r *pipeline.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := &s.shown
	v.spectrum = spectrum(v.spectrum, r.Features)
	v.scores = append(v.scores[:0], r.Scores...)
	v.labels, v.label, v.version, v.latency = r.Labels, r.Label, r.Version, r.Latency
	v.inferences = r.Seq
}

// spectrum takes the bands of the strongest channel out of the motor's features.
func spectrum(dst, features []float32) []float32 {
	c := dsp.Motor()
	columns := len(features) / (c.Bands + 1)
	dst = dst[:0]
	for row := 1; row <= c.Bands; row++ {
		dst = append(dst, slices.Max(features[row*columns:][:c.Channels]))
	}
	return dst
}

// Event implements demo.View.
func (s *screen) Event(e *pipeline.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown.event = ""
	if e.Active {
		s.shown.event = e.Label
		s.shown.eventTimes++
	}
}

// Scene implements demo.View.
func (s *screen) Scene(c demo.Scene) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown.scene = c.Text
}

// Step implements demo.View.
func (s *screen) Step(e ota.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown.phase = ""
	switch e.Phase {
	case ota.PhaseChecking, ota.PhaseFetching, ota.PhaseTrial, ota.PhaseProbation:
		s.shown.phase = string(e.Phase)
	}
}

// Update implements demo.View.
func (s *screen) Update(u demo.Update) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown.updates = append(s.shown.updates, u)
}

// picture is the bubbletea model; all it knows is in the screen.
type picture struct {
	s             *screen
	width, height int
}

type frame time.Time

func nextFrame() tea.Cmd { return tea.Tick(frameTime, func(t time.Time) tea.Msg { return frame(t) }) }

// Init implements tea.Model.
func (p picture) Init() tea.Cmd { return nextFrame() }

// Update implements tea.Model.
func (p picture) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		p.width, p.height = m.Width, m.Height
	case tea.KeyMsg:
		switch m.String() {
		case "q", "esc", "ctrl+c":
			return p, tea.Quit
		}
	case frame:
		return p, nextFrame()
	}
	return p, nil
}

// View implements tea.Model.
func (p picture) View() string {
	if p.width == 0 {
		return ""
	}
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return draw(&p.s.shown, min(p.width, 110), p.height)
}
