// Package kernels is arithmetic over plain slices: no tensors, no allocation, no
// goroutines, no errors. The portable Go version of each routine defines its result,
// and a native version must give the same bits. Callers check shapes and ranges
// before; a broken precondition is a bug and panics on a slice bound.
//
// Integer routines give the results of LiteRT's reference kernels. Float routines are
// defined here (see FMA): sums run along their own axis in order by fused multiply-add,
// and every other multiplication and addition is rounded by itself, written
// float32(a*b) + c, since Go's compiler would otherwise fuse it on some processors.
package kernels
