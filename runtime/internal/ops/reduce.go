package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindReduction checks a reduction, whose second input is the constant axes, and returns
// its loops.
func bindReduction(n *Node) (*kernels.Reduction, error) {
	if _, err := options[graph.ReducerOptions](n); err != nil {
		return nil, err
	}
	if err := check(n, 2, 2, 1); err != nil {
		return nil, err
	}
	if n.In[1].Type != graph.Int32 {
		return nil, fmt.Errorf("input 1: %v, want int32", n.In[1].Type)
	}
	if err := sameType(n.In[0], n.Out[0]); err != nil {
		return nil, err
	}
	if err := symmetric(n.In[0], n.Out[0]); err != nil {
		return nil, err
	}
	reduced, err := graph.ReducedAxes([]*graph.Tensor{&n.In[0].Tensor, &n.In[1].Tensor})
	if err != nil {
		return nil, err
	}
	r := kernels.NewReduction(n.In[0].Shape, reduced)
	return &r, nil
}

// quantSum is the quantization of a sum or a mean.
type quantSum struct {
	in, out   int32 // zero points
	mul       kernels.Multiplier
	scale     float32 // the factor in float32
	low, high int32
}

// bindQuantSum returns the factor from the input's to the output's scale, and both zero points.
func bindQuantSum(n *Node) (q quantSum, err error) {
	si, zi, err := perTensor(n.In[0], "input")
	if err != nil {
		return q, err
	}
	so, zo, err := perTensor(n.Out[0], "output")
	if err != nil {
		return q, err
	}
	lo, hi, _ := typeRange(n.Out[0].Type)
	q = quantSum{zi, zo, kernels.NewMultiplier(float64(si) / float64(so)), si / so, lo, hi}
	return q, factor(float64(q.scale))
}

// sums is the step of a reduction of integers by way of wide sums, which finish turns
// into the output.
func sums[A int32 | int64, T kernels.Quant | int32 | int64](n *Node, kernel string, r *kernels.Reduction, finish func(dst []T, sum []A)) (Bound, error) {
	var s scratch
	place := reserve[A](&s, r.Outputs)
	size, err := s.total()
	return Bound{Kernel: kernel, Scratch: size, Attach: func(m *Memory) Step {
		src, dst, sum := View[T](m, n.In[0]), View[T](m, n.Out[0]), take[A](m, place)
		return func() error {
			kernels.ReduceSumInt(sum, src, r)
			finish(dst, sum)
			return nil
		}
	}}, err
}

// requantizedSums is sums for quantized elements.
func requantizedSums[T kernels.Quant](n *Node, kernel string, r *kernels.Reduction, q quantSum) (Bound, error) {
	zero := q.in * int32(r.Count)
	if r.Count == 0 {
		return unary(n, kernel, func(dst, _ []T) { clear(dst) }), nil
	}
	return sums(n, kernel, r, func(dst []T, sum []int32) {
		kernels.RequantizeSum(dst, sum, q.mul, zero, q.out, q.low, q.high)
	})
}

// scaledSums is sums for quantized elements, scaled in float32.
func scaledSums[T kernels.Quant](n *Node, kernel string, r *kernels.Reduction, q quantSum) (Bound, error) {
	if r.Count == 0 {
		return unary(n, kernel, func(dst, _ []T) { clear(dst) }), nil
	}
	bias := float32(float32(float32(-q.in)*q.scale) * float32(r.Count))
	return sums(n, kernel, r, func(dst []T, sum []int32) {
		kernels.ScaleSum(dst, sum, q.scale, bias, q.out, q.low, q.high)
	})
}
