package signal

import (
	"fmt"
	"slices"

	"kinglet/models/graph"
	"kinglet/runtime/infer"
)

// rfft is the Fourier transform of real samples over the innermost dimension, int16
// [..., size], filled up with zeros to fft_length: int16 [..., fft_length + 2], the bins 0
// to fft_length/2 as pairs of real and imaginary part, divided by fft_length. It equals
// the fixed-point transform of KISS FFT in every bit (signal/src/rfft_int16.cc). Only
// int16 is built, and lengths of which half is a product of twos, threes and fives: the
// other lengths need memory at run time, which tflite-micro has not either.
func rfft() *operator {
	return &operator{
		in:      []param{{"samples", graph.Int16, anyRank}},
		out:     []param{{"spectrum", graph.Int16, anyRank}},
		options: []string{"T", "fft_length"},
		shapes:  rfftShapes,
		bind:    bindRFFT,
	}
}

// maxLength is the longest transform that tflite-micro's tools make.
const maxLength = 2048

func rfftShapes(n *infer.CustomNode, o options) ([][]int, error) {
	length, err := o.between("fft_length", 4, maxLength)
	if err != nil {
		return nil, err
	}
	shape := slices.Clone(n.In[0].Shape)
	last := &shape[len(shape)-1]
	if length%2 != 0 || int64(*last) > length {
		return nil, fmt.Errorf("options: fft_length %d for samples of shape %v, want an even number, no less than the innermost dimension", length, shape)
	}
	*last = int(length) + 2
	return [][]int{shape}, nil
}

func bindRFFT(n *infer.CustomNode, o options) (infer.CustomStep, error) {
	if typ := graph.Type(o["T"]); o["T"] != int64(graph.Int16) {
		return infer.CustomStep{}, fmt.Errorf("options: T %v, want int16: %w", typ, infer.ErrUnsupported)
	}
	x, y := infer.Data[int16](n.In[0]), infer.Data[int16](n.Out[0])
	t, err := newTransform(int(o["fft_length"]))
	if err != nil {
		return infer.CustomStep{}, err
	}
	size, out := n.In[0].Shape[len(n.In[0].Shape)-1], n.Out[0].Shape[len(n.Out[0].Shape)-1]
	return infer.CustomStep{Bytes: t.bytes(), Run: func() error {
		for i := range len(y) / out {
			t.real(y[i*out:(i+1)*out], x[i*size:(i+1)*size])
		}
		return nil
	}}, nil
}
