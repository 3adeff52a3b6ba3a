package signal

import (
	"fmt"
	"math/bits"

	"kinglet/models/graph"
	"kinglet/runtime/infer"
)

// squareRoot turns energies, uint64 [channels], into magnitudes and undoes the shift of
// autoScale, int32 []: uint32 [channels] (signal/src/filter_bank_square_root.cc). It has
// no options. A shift that is not 0 to 31 is an error of Run.
func squareRoot() *operator {
	return &operator{
		in:     []param{{"energy", graph.UInt64, 1}, {"scale bits", graph.Int32, 0}},
		out:    []param{{"magnitude", graph.UInt32, 1}},
		shapes: sameAs(1),
		bind:   bindSquareRoot,
	}
}

func bindSquareRoot(n *infer.CustomNode, _ options) (infer.CustomStep, error) {
	x, shift, y := infer.Data[uint64](n.In[0]), infer.Data[int32](n.In[1]), infer.Data[uint32](n.Out[0])
	return infer.CustomStep{Run: func() error {
		s := shift[0]
		if s < 0 || s > 31 {
			return fmt.Errorf("scale bits: %d, want 0 to 31", s)
		}
		for i, v := range x {
			y[i] = sqrt64(v) >> s
		}
		return nil
	}}, nil
}

// sqrt64 returns the square root of x, rounded to the nearest, but for two quirks of
// signal/src/square_root_64.cc: below 2^32 the root is at most 65535, and in all it is at
// most 2^32 - 1.
func sqrt64(x uint64) uint32 {
	limit := uint64(0xffff)
	if x>>32 != 0 {
		limit = 0xffffffff
	}
	// One bit of the root at a time, from the top: x is what is left of the radicand.
	root := uint64(0)
	for bit := uint64(1) << ((bits.Len64(x|1) - 1) &^ 1); bit != 0; bit >>= 2 {
		if x >= root+bit {
			x -= root + bit
			root = root>>1 + bit
		} else {
			root >>= 1
		}
	}
	if x > root && root != limit {
		root++
	}
	return uint32(root)
}
