package sim

import "math/rand/v2"

// random is a stream of numbers that depends on nothing but its seed and its name.
type random struct{ pcg *rand.PCG }

// The streams of one seed. Noise has its own, so that the machine moves alike at
// every signal-to-noise ratio.
const (
	streamBuild = 1 + iota // the individual machine: mounting, phases, fault
	streamMotion
	streamNoise
)

func newRandom(seed, stream uint64) random { return random{rand.NewPCG(seed, stream)} }

// unit is uniform in [0,1).
func (r random) unit() float64 { return mul(float64(r.pcg.Uint64()>>11), 1.0/(1<<53)) }

// between is uniform in [lo,hi).
func (r random) between(lo, hi float64) float64 { return lo + mul(hi-lo, r.unit()) }

// ratio is uniform in the logarithm between lo and hi, both e^x.
func (r random) ratio(logLo, logHi float64) float64 { return exp(r.between(logLo, logHi)) }

// normal is nearly Gaussian with mean 0 and variance 1: the centred sum of twelve
// uniform 16-bit numbers (Irwin-Hall), exact in integers and cut at six sigma.
func (r random) normal() float64 {
	var sum int64
	for range 3 {
		u := r.pcg.Uint64()
		sum += int64(u&0xffff) + int64(u>>16&0xffff) + int64(u>>32&0xffff) + int64(u>>48)
	}
	return mul(float64(sum-6*0xffff), 1.0/0x10000)
}
