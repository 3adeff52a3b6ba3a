package signal_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"kinglet/models/graph"
	"kinglet/runtime/infer"
	"kinglet/runtime/signal"
)

// first returns a valid case of an operator.
func first(t testing.TB, op string) *vector {
	t.Helper()
	for _, v := range readVectors(t, "testdata/compiled.txt") {
		if v.op == op {
			return &v
		}
	}
	t.Fatalf("no vector of %s", op)
	return nil
}

func set(key string, value int64) func(*vector) {
	return func(v *vector) {
		for i := range v.options {
			if v.options[i].key == key {
				v.options[i].value = value
			}
		}
	}
}

func TestModelsThatCannotBeValidAreRefused(t *testing.T) {
	short := func(i int) func(*vector) {
		return func(v *vector) {
			x := &v.runs[0].in[i]
			x.shape = []int{x.shape[0] - 1}
			x.data = x.data[:x.shape[0]*x.typ.Bits()/8]
		}
	}
	value := func(i, at int, low byte, high byte) func(*vector) {
		return func(v *vector) {
			d := slices.Clone(v.runs[0].in[i].data)
			d[2*at], d[2*at+1] = low, high
			v.runs[0].in[i].data = d
		}
	}
	for _, c := range []struct {
		op    string
		name  string
		spoil func(*vector)
		says  string
	}{
		{"SignalWindow", "no options", func(v *vector) { v.options = nil }, `options: "shift": absent`},
		{"SignalWindow", "shift", set("shift", 32), `"shift": 32, want 0 to 31`},
		{"SignalWindow", "negative shift", set("shift", -1), `"shift": -1, want 0 to 31`},
		{"SignalWindow", "weights", short(1), "23 weights for samples of shape [24]"},
		{"SignalWindow", "inputs", func(v *vector) { v.runs[0].in = v.runs[0].in[:1] }, "1 inputs, want 2"},
		{"SignalWindow", "a scalar", func(v *vector) { v.runs[0].in[0].shape = nil }, "input 0, samples: shape [], want one dimension or more"},
		{"SignalWindow", "type", func(v *vector) { v.runs[0].in[0].typ = graph.Int32 }, "input 0, samples: int32 or absent, want int16"},
		{"SignalFftAutoScale", "outputs", func(v *vector) { v.runs[0].out = v.runs[0].out[:1] }, "1 outputs, want 2"},
		{"SignalFftAutoScale", "output type", func(v *vector) { v.runs[0].out[1].typ = graph.Int16 }, "output 1, scale bits: int16 or absent, want int32"},
		{"SignalRfft", "odd", set("fft_length", 5), "want an even number"},
		{"SignalRfft", "huge", set("fft_length", 1<<40), "want 4 to 2048"},
		{"SignalRfft", "short", set("fft_length", 2), "want 4 to 2048"},
		{"SignalRfft", "factor 7", set("fft_length", 28), "factor 7"},
		{"SignalRfft", "type", set("T", 0), "T float32, want int16"},
		{"SignalRfft", "no type", set("T", 1<<50), "want int16"},
		{"SignalRfft", "long samples", func(v *vector) { v.runs[0].in[0].shape = []int{9} }, "fft_length 4 for samples of shape [9]"},
		{"SignalEnergy", "odd", short(0), "63 values, want pairs"},
		{"SignalEnergy", "end", set("end_index", 33), `"end_index": 33, want 0 to 32`},
		{"SignalEnergy", "start after end", set("start_index", 30), `"start_index": 30, want 0 to 29`},
		{"SignalFilterBank", "channels", set("num_channels", 6), "6 values for 6 channels, want 7"},
		{"SignalFilterBank", "negative channels", set("num_channels", -1), "want 0 to 2147483647"},
		{"SignalFilterBank", "bins outside", value(3, 5, 21, 0), "band 5: 20 bins from 21 and weights from 10, there are 40 and 30"},
		{"SignalFilterBank", "negative bins", value(3, 0, 0xff, 0xff), "band 0: 3 bins from -1"},
		{"SignalFilterBank", "weights outside", value(4, 5, 11, 0), "weights from 11"},
		{"SignalFilterBank", "negative weights", value(4, 1, 0, 0x80), "weights from -32768"},
		{"SignalFilterBank", "negative width", value(5, 3, 0xff, 0xff), "band 3: -1 bins"},
		{"SignalFilterBank", "great width", value(5, 3, 0xff, 0x7f), "band 3: 32767 bins"},
		{"SignalFilterBank", "bands that are no constants", func(v *vector) { v.runs[0].in[4].constant = false }, "input 4, \"in4\": not a constant"},
		{"SignalFilterBank", "unweights", short(2), "30 weights and 29 unweights"},
		{"SignalFilterBankSpectralSubtraction", "channels", set("num_channels", 8), "num_channels 8 for a signal of 9"},
		{"SignalFilterBankSpectralSubtraction", "smoothing", set("alternate_smoothing", -1), `"alternate_smoothing": -1`},
		{"SignalFilterBankSpectralSubtraction", "bits", set("spectral_subtraction_bits", 64), "want 0 to 31"},
		{"SignalPCAN", "table", short(2), "a gain table of 124 values, want 125"},
		{"SignalPCAN", "noise", short(1), "79 channels of noise for 80 of signal"},
		{"SignalPCAN", "shift", set("snr_shift", 64), "want 0 to 63"},
		{"SignalFilterBankLog", "bits", set("input_correction_bits", 32), "want 0 to 31"},
		{"SignalFilterBankLog", "scale", set("output_scale", -5), "want 0 to 2147483647"},
	} {
		t.Run(c.op+"/"+c.name, func(t *testing.T) {
			v := first(t, c.op)
			c.spoil(v)
			_, err := infer.Open(v.model(), infer.Options{Custom: signal.Operators()})
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), c.op) {
				t.Errorf("error %v, want %q in it", err, c.says)
			}
		})
	}
}

func TestScaleBitsThatCannotBeAreAnErrorOfRun(t *testing.T) {
	v := first(t, "SignalFilterBankSquareRoot")
	s, err := infer.Open(v.model(), infer.Options{Custom: signal.Operators()})
	if err != nil {
		t.Fatal(err)
	}
	for _, bits := range []int32{-1, 32, -1 << 31} {
		infer.Data[int32](s.Inputs()[1])[0] = bits
		if err := s.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "scale bits") {
			t.Errorf("%d bits: error %v", bits, err)
		}
	}
}

func TestTablesCountTowardsTheMemoryOfASession(t *testing.T) {
	v := vector{op: "SignalRfft", options: []option{{"T", int64(graph.Int16)}, {"fft_length", 2048}}, runs: []run{{
		in:  []tensor{{typ: graph.Int16, shape: []int{1}}},
		out: []tensor{{typ: graph.Int16, shape: []int{2050}}},
	}}}
	m := v.model()
	g := &m.Subgraphs[0]
	for range 100 {
		g.Operators = append(g.Operators, g.Operators[0])
	}
	if _, err := infer.Open(m, infer.Options{Custom: signal.Operators(), MaxMemory: 1 << 20}); !errors.Is(err, infer.ErrMemory) {
		t.Errorf("error %v, want ErrMemory", err)
	}
}

// FuzzBindRun binds operators with any options and with tensors of any type and small
// shape, and runs what binds: it may refuse, it may not panic.
func FuzzBindRun(f *testing.F) {
	names := slices.Sorted(maps.Keys(signal.Operators()))
	for _, path := range []string{"testdata/published.txt", "testdata/compiled.txt"} {
		for _, v := range readVectors(f, path) {
			var form, data []byte
			for _, list := range [][]tensor{v.runs[0].in, v.runs[0].out} {
				form = append(form, byte(len(list)))
				for _, x := range list {
					b := byte(x.typ) << 3
					if x.constant {
						b |= 4
					}
					form = append(form, b|byte(len(x.shape)))
					for _, d := range x.shape {
						form = append(form, byte(d))
					}
					data = append(data, x.data[:min(len(x.data), 512)]...)
				}
			}
			f.Add(slices.Index(names, v.op), flexbuffer(v.options, 0), form, data)
		}
	}
	f.Fuzz(func(t *testing.T, op int, options, form, data []byte) {
		next := func() (b byte) {
			if len(form) > 0 {
				b, form = form[0], form[1:]
			}
			return b
		}
		g := graph.Subgraph{}
		o := graph.Operator{Code: graph.Custom, Custom: names[uint(op)%uint(len(names))], CustomOptions: options}
		for side := range 2 {
			for range next() % 8 {
				b := next()
				x := graph.Tensor{Type: graph.Type(b >> 3)}
				size := max(x.Type.Bits()/8, 1)
				for range b & 3 {
					d := next()
					x.Shape = append(x.Shape, int(d))
					size *= int(d)
				}
				i := len(g.Tensors)
				if side == 1 {
					o.Outputs, g.Outputs = append(o.Outputs, i), append(g.Outputs, i)
				} else {
					o.Inputs = append(o.Inputs, i)
					if b&4 != 0 && size <= len(data) {
						x.Data, data = data[:size:size], data[size:]
					} else {
						g.Inputs = append(g.Inputs, i)
					}
				}
				g.Tensors = append(g.Tensors, x)
			}
		}
		g.Operators = []graph.Operator{o}
		s, err := infer.Open(&graph.Model{Subgraphs: []graph.Subgraph{g}}, infer.Options{Custom: signal.Operators(), MaxMemory: 16 << 20})
		if err != nil {
			return
		}
		for range 2 {
			for _, in := range s.Inputs() {
				copy(in.Bytes(), data)
			}
			_ = s.Run(context.Background())
			s.Reset()
		}
	})
}
