package signal_test

import (
	"encoding/binary"
	"slices"
	"strings"
)

// option is a key and its value.
type option struct {
	key   string
	value int64
}

// flexbuffer writes options as flexbuffers do: keys, then the vector of keys, then the
// map's values of the width 1 << log2, at least as many bytes as they need.
func flexbuffer(options []option, log2 int) []byte {
	options = slices.Clone(options)
	slices.SortFunc(options, func(a, b option) int { return strings.Compare(a.key, b.key) })
	var b []byte
	starts := make([]int, len(options))
	for i, o := range options {
		starts[i] = len(b)
		b = append(append(b, o.key...), 0)
		for log2 < 3 && (o.value < -1<<(8<<log2-1) || o.value > 1<<(8<<log2-1)-1) {
			log2++
		}
	}
	for log2 < 3 && len(b)+12*len(options)<<log2 >= 1<<(8<<log2) {
		log2++
	}
	width := 1 << log2
	put := func(v int64) { b = append(b, binary.LittleEndian.AppendUint64(nil, uint64(v))[:width]...) }
	put(int64(len(options)))
	keys := len(b)
	for _, at := range starts {
		put(int64(len(b) - at))
	}
	put(int64(len(b) - keys))
	put(int64(width))
	put(int64(len(options)))
	values := len(b)
	for _, o := range options {
		put(o.value)
	}
	for range options {
		b = append(b, byte(1<<2|log2))
	}
	put(int64(len(b) - values))
	return append(b, byte(9<<2|log2), byte(width))
}
