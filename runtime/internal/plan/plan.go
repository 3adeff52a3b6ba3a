// Package plan places tensors in one arena. It is pure: lifetimes in, offsets out.
package plan

import "slices"

// Align is the alignment of every offset, in bytes: a cache line, and what the widest
// vector load wants.
const Align = 64

// Block is a tensor that needs memory from the step that writes it to the last that
// reads it, both inclusive.
type Block struct {
	Size        int
	First, Last int
}

// Arena returns an offset for each block, so that blocks alive at the same time do not
// overlap, and the bytes that all of them need. Blocks are placed by size, largest
// first, each at the lowest gap that fits among those placed before that live at the
// same time (greedy by size; Pisarchyk and Lee, arXiv:2001.03288, 5.2). The result
// depends on the blocks alone.
func Arena(blocks []Block) (offsets []int, size int) {
	order := make([]int, len(blocks))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return blocks[b].Size - blocks[a].Size })
	offsets = make([]int, len(blocks))
	var placed []int // by offset
	for _, i := range order {
		b := blocks[i]
		at := 0
		for _, j := range placed {
			if blocks[j].Last < b.First || b.Last < blocks[j].First {
				continue
			}
			if offsets[j]-at >= b.Size {
				break
			}
			at = max(at, RoundUp(offsets[j]+blocks[j].Size))
		}
		offsets[i] = at
		size = max(size, at+b.Size)
		k, _ := slices.BinarySearchFunc(placed, at, func(j, at int) int { return offsets[j] - at })
		placed = slices.Insert(placed, k, i)
	}
	return offsets, RoundUp(size)
}

// RoundUp returns n rounded up to Align.
func RoundUp(n int) int { return (n + Align - 1) &^ (Align - 1) }
