package plan

import (
	"math/rand/v2"
	"testing"
)

func TestArenaPlacesKnownCases(t *testing.T) {
	for _, c := range []struct {
		name   string
		blocks []Block
		size   int
	}{
		{"nothing", nil, 0},
		{"one", []Block{{100, 0, 1}}, 128},
		{"a chain needs its two largest neighbours", []Block{{64, 0, 1}, {128, 1, 2}, {64, 2, 3}}, 192},
		{"apart in time share a place", []Block{{64, 0, 0}, {64, 1, 1}, {64, 2, 2}}, 64},
		{"a residual lives across", []Block{{64, 0, 3}, {64, 0, 1}, {64, 1, 2}, {64, 2, 3}}, 192},
		{"an empty tensor takes no room", []Block{{0, 0, 5}, {64, 0, 5}}, 64},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, size := Arena(c.blocks); size != c.size {
				t.Errorf("size %d, want %d", size, c.size)
			}
		})
	}
}

func TestArenaKeepsLivingBlocksApart(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		blocks := make([]Block, 1+r.IntN(40))
		peak, most := map[int]int{}, 0
		for i := range blocks {
			first := r.IntN(20)
			blocks[i] = Block{Size: r.IntN(1000), First: first, Last: first + r.IntN(6)}
			for s := blocks[i].First; s <= blocks[i].Last; s++ {
				peak[s] += blocks[i].Size
				most = max(most, peak[s])
			}
		}
		off, size := Arena(blocks)
		if size < most {
			t.Fatalf("size %d is below what lives at once, %d", size, most)
		}
		for i, a := range blocks {
			if off[i]%Align != 0 || off[i]+a.Size > size {
				t.Fatalf("block %d at %d of %d bytes in %d", i, off[i], a.Size, size)
			}
			for j, b := range blocks[:i] {
				if a.Last < b.First || b.Last < a.First || a.Size == 0 || b.Size == 0 {
					continue
				}
				if off[i] < off[j]+b.Size && off[j] < off[i]+a.Size {
					t.Fatalf("blocks %d %v at %d and %d %v at %d overlap", i, a, off[i], j, b, off[j])
				}
			}
		}
	}
}
