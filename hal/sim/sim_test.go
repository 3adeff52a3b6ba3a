package sim

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kinglet/hal"
)

func mustNew(tb testing.TB, o Options) *Source {
	tb.Helper()
	s, err := New(o)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// frames reads n frames into one slice.
func frames(tb testing.TB, s *Source, n int) []float32 {
	tb.Helper()
	var all []float32
	var r hal.Reading
	for len(all) < n*axes {
		if err := s.Read(context.Background(), &r); err != nil {
			tb.Fatal(err)
		}
		all = append(all, r.Samples...)
	}
	return all[:n*axes]
}

// TestSameBits pins the samples of a seed that walks through every state. The digest is
// the same on every architecture.
func TestSameBits(t *testing.T) {
	const want = "351f8a029389ed6fa47d2c5e5f2271007dde6d3313086525810f11271089d540"
	s := mustNew(t, Options{Seed: 7, Speed: 1780, Load: 0.6, SNR: 12})
	h := sha256.New()
	for _, state := range []State{Normal, Imbalance, Bearing, Off} {
		s.SetState(state)
		for _, v := range frames(t, s, 6400) {
			h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
		}
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("got samples with digest %s, want %s", got, want)
	}
}

func TestSeeds(t *testing.T) {
	a := frames(t, mustNew(t, Options{State: Normal, Seed: 1}), 256)
	b := frames(t, mustNew(t, Options{State: Normal, Seed: 1, Block: 64}), 256)
	c := frames(t, mustNew(t, Options{State: Normal, Seed: 2}), 256)
	differ := 0
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("sample %d: got %v and %v from one seed", i, a[i], b[i])
		}
		if a[i] != c[i] {
			differ++
		}
	}
	if differ < len(a)/2 {
		t.Errorf("two seeds differ in %d of %d samples", differ, len(a))
	}
}

// acPower is the mean square of all axes together about each axis' mean.
func acPower(x []float32) float64 {
	var total float64
	n := float64(len(x) / axes)
	for axis := range axes {
		var sum, square float64
		for i := axis; i < len(x); i += axes {
			sum += float64(x[i])
			square += float64(x[i]) * float64(x[i])
		}
		total += square/n - sum/n*sum/n
	}
	return total
}

func TestSNR(t *testing.T) {
	for _, state := range States() {
		for _, snr := range []float64{20, 6} {
			for seed := range uint64(4) {
				o := Options{State: state, Seed: seed, Speed: 2000, Load: 0.5}
				signal := o
				signal.SNR = math.Inf(1)
				if state == Off {
					signal.State = Normal
				}
				clean := frames(t, mustNew(t, signal), 3*3200)
				o.SNR = snr
				noisy := frames(t, mustNew(t, o), 3*3200)
				noise := noisy
				if state != Off { // the machine moves alike, whatever the noise
					noise = make([]float32, len(noisy))
					for i := range noise {
						noise[i] = noisy[i] - clean[i]
					}
				}
				got := 10 * math.Log10(acPower(clean)/acPower(noise))
				if math.Abs(got-snr) > 1 {
					t.Errorf("%v, seed %d: got %.2f dB, want %v", state, seed, got, snr)
				}
			}
		}
	}
}

// line is the complex amplitude of one frequency on an axis.
func line(x []float32, axis int, hertz, rate float64) complex128 {
	var re, im float64
	n := len(x) / axes
	for i := range n {
		hann := 1 - math.Cos(2*math.Pi*float64(i)/float64(n))
		s, c := math.Sincos(2 * math.Pi * hertz * float64(i) / rate)
		re += hann * c * float64(x[i*axes+axis])
		im -= hann * s * float64(x[i*axes+axis])
	}
	return complex(2*re/float64(n), 2*im/float64(n))
}

// TestUnbalance checks m r w2 and that the pull turns from x to y.
func TestUnbalance(t *testing.T) {
	amplitude := func(rpm float64) float64 {
		o, err := Options{State: Imbalance, Seed: 3, Speed: rpm}.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		m := newMotor(o, Imbalance)
		var x []float32
		var turns float64
		for range 6400 {
			a := m.step(Imbalance)
			x = append(x, float32(a[0]), float32(a[1]), float32(a[2]))
			turns += m.hertz * m.dt
		}
		hertz := turns / 2
		ax, ay := line(x, 0, hertz, 3200), line(x, 1, hertz, 3200)
		lead := math.Atan2(imag(ax), real(ax)) - math.Atan2(imag(ay), real(ay))
		if q := math.Abs(math.Sin(lead)); q < 0.95 {
			t.Errorf("%v rpm: x leads y by %.2f rad, want a quarter turn", rpm, lead)
		}
		return math.Hypot(real(ax), imag(ax))
	}
	if got := amplitude(2400) / amplitude(1200); math.Abs(got-4) > 0.25 {
		t.Errorf("twice the speed gives %.2f times the acceleration, want 4", got)
	}
}

// TestOrders compares with the fault orders that the CWRU Bearing Data Center states
// for its drive-end bearing; its rolling element order counts both races.
func TestOrders(t *testing.T) {
	o := SKF6205().Orders()
	for _, row := range []struct {
		name      string
		got, want float64
	}{
		{"inner race", o.BPFI, 5.4152}, {"outer race", o.BPFO, 3.5848},
		{"cage", o.FTF, 0.39828}, {"rolling element", 2 * o.BSF, 4.7135},
	} {
		if math.Abs(row.got-row.want) > 5e-4 {
			t.Errorf("%s: got order %.4f, want %.4f", row.name, row.got, row.want)
		}
	}
}

// TestImpacts counts the impacts of each fault over 1000 turns and checks which of them
// pass outside the load zone.
func TestImpacts(t *testing.T) {
	orders := SKF6205().Orders()
	for _, row := range []struct {
		fault      Fault
		order      float64
		everywhere bool
	}{{OuterRace, orders.BPFO, true}, {InnerRace, orders.BPFI, false}, {BallFault, 2 * orders.BSF, false}} {
		s := newStriker(SKF6205(), row.fault, newRandom(1, streamBuild))
		motion := newRandom(1, streamMotion)
		hits, silent := 0, 0
		before := s.next
		for range 200_000 {
			strength, ago := s.strike(0.005, 0.5, motion)
			if ago < 0 || ago > 1 {
				t.Fatalf("fault %d: impact %v steps ago", row.fault, ago)
			}
			if s.next != before {
				before = s.next
				hits++
				if strength == 0 {
					silent++
				}
			}
		}
		if got := float64(hits) / 1000; got > row.order*1.002 || got < row.order*0.98 {
			t.Errorf("fault %d: got %.3f impacts a turn, want up to 1.5 %% below %.3f", row.fault, got, row.order)
		}
		if (silent == 0) != row.everywhere {
			t.Errorf("fault %d: %d of %d impacts without load", row.fault, silent, hits)
		}
	}
}

func TestSetState(t *testing.T) {
	s := mustNew(t, Options{Seed: 5, SNR: math.Inf(1), Speed: 1500})
	settled := func(state State) float64 {
		s.SetState(state)
		if got := s.State(); got != state {
			t.Fatalf("got state %v, want %v", got, state)
		}
		before := frames(t, s, 1)[1]
		after := frames(t, s, 128)[1]
		if jump := math.Abs(float64(after - before)); jump > 2 {
			t.Errorf("%v: y jumps by %v g", state, jump)
		}
		frames(t, s, 5*3200)
		return acPower(frames(t, s, 3200))
	}
	normal, heavy, bearing, off := settled(Normal), settled(Imbalance), settled(Bearing), settled(Off)
	again := settled(Normal)
	if off > 1e-6 {
		t.Errorf("off: got power %v g2, want rest", off)
	}
	if heavy < 2*normal || bearing < 1.2*normal {
		t.Errorf("got power %v g2 normal, %v imbalance, %v bearing", normal, heavy, bearing)
	}
	if again < normal/2 || again > normal*2 {
		t.Errorf("got power %v g2 before the faults and %v after", normal, again)
	}
	s.SetState(Bearing + 1)
	if got := s.State(); got != Normal {
		t.Errorf("an unknown state was taken as %v", got)
	}
}

func TestSensorLimits(t *testing.T) {
	s := mustNew(t, Options{State: Imbalance, Speed: 6000, Range: 2, LSB: 1. / 256, Seed: 1})
	clipped := false
	for i, v := range frames(t, s, 3200) {
		if v < -2 || v > 2-1./256 {
			t.Fatalf("sample %d: got %v g from a sensor of 2 g", i, v)
		}
		if v*256 != float32(math.Trunc(float64(v*256))) {
			t.Fatalf("sample %d: got %v g, want a multiple of 1/256", i, v)
		}
		clipped = clipped || v == -2 || v == 2-1./256
	}
	if !clipped {
		t.Error("no sample was clipped")
	}
	var up float64
	still := frames(t, mustNew(t, Options{}), 3200)
	for i := 1; i < len(still); i += axes {
		up += float64(still[i]) / 3200
	}
	if up < 0.9 || up > 1.01 {
		t.Errorf("at rest the y axis shows %v g, want gravity", up)
	}
}

func TestOptions(t *testing.T) {
	_, err := New(Options{Rate: 1, Load: 2, SNR: math.NaN(), State: 9})
	if err == nil {
		t.Fatal("bad options were taken")
	}
	for _, want := range []string{"rate: got 1", "load: got 2", "snr: got NaN", "state: got 9"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got error %q, want %q in it", err, want)
		}
	}
	for _, state := range States() {
		if got, err := ParseState(state.String()); err != nil || got != state {
			t.Errorf("label %v: got %v, %v", state, got, err)
		}
	}
	if _, err := ParseState("broken"); err == nil {
		t.Error("an unknown label was taken")
	}
}

func TestReading(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := mustNew(t, Options{State: Normal, Block: 320, Start: start})
	var r hal.Reading
	for i := range 3 {
		if err := s.Read(t.Context(), &r); err != nil {
			t.Fatal(err)
		}
		if want := start.Add(time.Duration(i) * 100 * time.Millisecond); !r.Time.Equal(want) || r.Seq != uint64(320*i) || r.Frames(axes) != 320 {
			t.Errorf("block %d: got %v, sequence %d, %d frames", i, r.Time, r.Seq, r.Frames(axes))
		}
	}
	if n := testing.AllocsPerRun(20, func() { _ = s.Read(context.Background(), &r) }); n != 0 {
		t.Errorf("got %v allocations a Read, want none", n)
	}
	if info := s.Info(); info.Name != "motor" || info.Rate != 3200 || len(info.Channels) != axes || info.Unit != "g" {
		t.Errorf("got info %+v", info)
	}
}

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mustNew(t, Options{Pace: 2, Block: 320})
		began := time.Now()
		frames(t, s, 3200)
		if took := time.Since(began).Round(time.Millisecond); took != 500*time.Millisecond {
			t.Errorf("a second at twice its pace took %v", took)
		}
		time.Sleep(time.Minute) // a reader that slept is not flooded with the minute it missed
		began = time.Now()
		frames(t, s, 3200)
		if took := time.Since(began); took < 300*time.Millisecond {
			t.Errorf("the second after a pause took %v", took)
		}
	})
}

func TestEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mustNew(t, Options{Pace: 1, Block: 32000})
		var r hal.Reading
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Read(ctx, &r); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
		time.AfterFunc(time.Second, func() { _ = s.Close() })
		if err := s.Read(t.Context(), &r); !errors.Is(err, io.EOF) {
			t.Errorf("got %v from a waiting Read, want io.EOF", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("second Close: %v", err)
		}
		if err := s.Read(t.Context(), &r); !errors.Is(err, io.EOF) {
			t.Errorf("got %v after Close, want io.EOF", err)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	s := mustNew(b, Options{State: Bearing, Block: 1024})
	var r hal.Reading
	for b.Loop() {
		_ = s.Read(context.Background(), &r)
	}
	b.ReportMetric(float64(b.N)*1024/b.Elapsed().Seconds(), "frames/s")
}
