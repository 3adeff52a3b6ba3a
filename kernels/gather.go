package kernels

// GatherShape is the loops of a gather: data [Batch, Outer, Axis, Inner], indices
// [Batch, Coords], result [Batch, Outer, Coords, Inner].
type GatherShape struct{ Batch, Outer, Axis, Coords, Inner int }

// Gather copies the places along the axis that index names, all of them in [0, Axis).
func Gather[T any, I int16 | int32 | int64](dst, src []T, index []I, s *GatherShape) {
	for b := range s.Batch {
		at := index[b*s.Coords : (b+1)*s.Coords]
		for range s.Outer {
			for _, i := range at {
				n := int(i) * s.Inner
				copy(dst[:s.Inner], src[n:n+s.Inner])
				dst = dst[s.Inner:]
			}
			src = src[s.Axis*s.Inner:]
		}
	}
}
