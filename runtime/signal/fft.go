package signal

import (
	"fmt"

	"kinglet/runtime/infer"
)

// complex16 is a complex number whose parts have 15 fractional bits. Sums wrap, as KISS
// FFT's do: every stage divides by its radix first, so that they do not.
type complex16 struct{ re, im int16 }

func (a complex16) plus(b complex16) complex16  { return complex16{a.re + b.re, a.im + b.im} }
func (a complex16) minus(b complex16) complex16 { return complex16{a.re - b.re, a.im - b.im} }

// round15 drops 15 fractional bits and rounds half up.
func round15(x int32) int16 { return int16((x + 1<<14) >> 15) }

func scale(a, b int16) int16 { return round15(int32(a) * int32(b)) }

// times multiplies by a twiddle: its parts are at most 32767 and on a circle, so the sums
// fit 32 bits.
func (a complex16) times(w complex16) complex16 {
	ar, ai, wr, wi := int32(a.re), int32(a.im), int32(w.re), int32(w.im)
	return complex16{round15(ar*wr - ai*wi), round15(ar*wi + ai*wr)}
}

// over divides by a small number, by way of its rounded reciprocal.
func (a complex16) over(n int) complex16 {
	r := int16(32767 / n)
	return complex16{scale(a.re, r), scale(a.im, r)}
}

// transform is a Fourier transform of real samples of one length: a complex one of half
// the length, over pairs of samples, and a last stage that takes the pairs apart.
type transform struct {
	factors  []int       // of the complex length: fours, twos, threes, fives, outermost first
	twiddles []complex16 // e^(-2 pi i k/n) of the complex length n
	last     []complex16 // e^(-pi i ((k+1)/n + 1/2))
	in, out  []complex16 // scratch
}

// newTransform prepares for length samples.
func newTransform(length int) (*transform, error) {
	n := length / 2
	t := &transform{
		twiddles: make([]complex16, n),
		last:     make([]complex16, n/2),
		in:       make([]complex16, n),
		out:      make([]complex16, n),
	}
	rest := n
	for _, f := range []int{4, 2, 3, 5} {
		for ; rest%f == 0; rest /= f {
			t.factors = append(t.factors, f)
		}
	}
	if rest != 1 {
		return nil, fmt.Errorf("fft_length %d: half of it has the factor %d, want twos, threes and fives: %w", length, rest, infer.ErrUnsupported)
	}
	for k := range t.twiddles {
		t.twiddles[k] = twiddle(pairAngle(k, n))
	}
	for k := range t.last {
		t.last[k] = twiddle(lastAngle(k, n))
	}
	return t, nil
}

// bytes returns the memory of a transform.
func (t *transform) bytes() int {
	return 4 * (len(t.twiddles) + len(t.last) + len(t.in) + len(t.out))
}

// real writes the bins of the samples x, at most twice len(t.in) of them, to y.
func (t *transform) real(y, x []int16) {
	for i := range t.in {
		var v complex16
		if 2*i < len(x) {
			v.re = x[2*i]
		}
		if 2*i+1 < len(x) {
			v.im = x[2*i+1]
		}
		t.in[i] = v
	}
	t.stage(t.out, 0, 1, t.factors)
	t.split(y)
}

// stage transforms len(out) values of t.in, every step'th from the value at from on:
// first the f parts that begin f values apart, then these are joined (decimation in time).
func (t *transform) stage(out []complex16, from, step int, factors []int) {
	f := factors[0]
	m := len(out) / f
	for i := range f {
		if m == 1 {
			out[i] = t.in[from+i*step]
		} else {
			t.stage(out[i*m:(i+1)*m], from+i*step, step*f, factors[1:])
		}
	}
	switch f {
	case 2:
		t.join2(out, step)
	case 3:
		t.join3(out, step)
	case 4:
		t.join4(out, step)
	case 5:
		t.join5(out, step)
	}
}

func (t *transform) join2(out []complex16, step int) {
	m := len(out) / 2
	for k := range m {
		a, b := out[k].over(2), out[k+m].over(2).times(t.twiddles[k*step])
		out[k], out[k+m] = a.plus(b), a.minus(b)
	}
}

func (t *transform) join3(out []complex16, step int) {
	m := len(out) / 3
	third := t.twiddles[step*m].im
	for k := range m {
		a := out[k].over(3)
		b := out[k+m].over(3).times(t.twiddles[k*step])
		c := out[k+2*m].over(3).times(t.twiddles[2*k*step])
		sum, diff := b.plus(c), b.minus(c)
		half := complex16{a.re - sum.re>>1, a.im - sum.im>>1}
		turned := complex16{scale(diff.im, third), -scale(diff.re, third)}
		out[k] = a.plus(sum)
		out[k+m] = half.minus(turned)
		out[k+2*m] = half.plus(turned)
	}
}

func (t *transform) join4(out []complex16, step int) {
	m := len(out) / 4
	for k := range m {
		a := out[k].over(4)
		b := out[k+m].over(4).times(t.twiddles[k*step])
		c := out[k+2*m].over(4).times(t.twiddles[2*k*step])
		d := out[k+3*m].over(4).times(t.twiddles[3*k*step])
		even, odd := a.plus(c), b.plus(d)
		diff, turned := a.minus(c), complex16{b.im - d.im, d.re - b.re}
		out[k], out[k+2*m] = even.plus(odd), even.minus(odd)
		out[k+m], out[k+3*m] = diff.plus(turned), diff.minus(turned)
	}
}

func (t *transform) join5(out []complex16, step int) {
	m := len(out) / 5
	w1, w2 := t.twiddles[step*m], t.twiddles[2*step*m]
	for k := range m {
		a := out[k].over(5)
		b := out[k+m].over(5).times(t.twiddles[k*step])
		c := out[k+2*m].over(5).times(t.twiddles[2*k*step])
		d := out[k+3*m].over(5).times(t.twiddles[3*k*step])
		e := out[k+4*m].over(5).times(t.twiddles[4*k*step])
		outer, inner := b.plus(e), c.plus(d)
		outerDiff, innerDiff := b.minus(e), c.minus(d)
		out[k] = a.plus(outer).plus(inner)

		even := complex16{
			a.re + scale(outer.re, w1.re) + scale(inner.re, w2.re),
			a.im + scale(outer.im, w1.re) + scale(inner.im, w2.re),
		}
		odd := complex16{
			scale(outerDiff.im, w1.im) + scale(innerDiff.im, w2.im),
			-scale(outerDiff.re, w1.im) - scale(innerDiff.re, w2.im),
		}
		out[k+m], out[k+4*m] = even.minus(odd), even.plus(odd)

		even = complex16{
			a.re + scale(outer.re, w2.re) + scale(inner.re, w1.re),
			a.im + scale(outer.im, w2.re) + scale(inner.im, w1.re),
		}
		odd = complex16{
			scale(innerDiff.im, w1.im) - scale(outerDiff.im, w2.im),
			scale(outerDiff.re, w2.im) - scale(innerDiff.re, w1.im),
		}
		out[k+2*m], out[k+3*m] = even.plus(odd), even.minus(odd)
	}
}

// split writes the bins of the real samples whose pairs t.out transforms: the even part of
// a bin and its mirror is the even samples' transform, the odd part the odd samples'.
func (t *transform) split(y []int16) {
	n := len(t.out)
	first := t.out[0].over(2)
	y[0], y[1] = first.re+first.im, 0
	y[2*n], y[2*n+1] = first.re-first.im, 0
	for k := 1; k <= n/2; k++ {
		a := t.out[k].over(2)
		b := complex16{t.out[n-k].re, -t.out[n-k].im}.over(2)
		even, odd := a.plus(b), a.minus(b).times(t.last[k-1])
		er, ei, or, oi := int32(even.re), int32(even.im), int32(odd.re), int32(odd.im)
		y[2*k], y[2*k+1] = int16((er+or)>>1), int16((ei+oi)>>1)
		y[2*(n-k)], y[2*(n-k)+1] = int16((er-or)>>1), int16((oi-ei)>>1)
	}
}
