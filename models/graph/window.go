package graph

import "fmt"

// maxReach bounds strides and dilated kernels, so that every coordinate of a window
// fits an int of 32 bits.
const maxReach = 1 << 29

// Window returns along one axis how many positions a kernel of size k takes over in
// elements, and how much zero padding stands before the first (TFLite's padding.h; the
// padding after it follows).
func Window(p Padding, in, k, stride, dilation int) (out, before int, err error) {
	if in < 0 || k < 1 || stride < 1 || dilation < 1 {
		return 0, 0, fmt.Errorf("input %d, kernel %d, stride %d, dilation %d: all but the input must be at least 1", in, k, stride, dilation)
	}
	reach := (int64(k)-1)*int64(dilation) + 1
	if reach > maxReach || stride > maxReach || in > maxReach {
		return 0, 0, fmt.Errorf("input %d, kernel %d, stride %d, dilation %d: too large", in, k, stride, dilation)
	}
	switch p {
	case Same:
		out = (in + stride - 1) / stride
	case Valid:
		out = (in + stride - int(reach)) / stride
	default:
		return 0, 0, fmt.Errorf("padding %v, want SAME or VALID", p)
	}
	if out < 0 {
		return 0, 0, fmt.Errorf("input %d is smaller than a kernel that reaches over %d", in, reach)
	}
	total := (int64(out)-1)*int64(stride) + reach - int64(in)
	return out, int(max(total, 0) / 2), nil
}
