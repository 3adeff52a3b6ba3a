package ops

import (
	"fmt"

	"kinglet/kernels"
	"kinglet/models/graph"
)

// bindGather: places along an axis of input 0, named by indices of int16, int32 or int64.
// Any type of 1, 2, 4 or 8 bytes. An index out of range is an error of the run.
func bindGather(n *Node) (Bound, error) {
	o, err := options[graph.GatherOptions](n)
	if err != nil {
		return Bound{}, err
	}
	if err := check(n, 2, 2, 1); err != nil {
		return Bound{}, err
	}
	if err := sameType(n.In[0], n.Out[0]); err != nil {
		return Bound{}, err
	}
	shape, index := n.In[0].Shape, n.In[1].Shape
	axis, err := graph.Axis(int(o.Axis), len(shape))
	if err != nil {
		return Bound{}, err
	}
	batch := int(o.BatchDims)
	if batch < 0 {
		batch += len(index)
	}
	s := &kernels.GatherShape{
		Batch: product(shape[:batch]), Outer: product(shape[batch:axis]), Axis: shape[axis],
		Coords: product(index[batch:]), Inner: product(shape[axis+1:]),
	}
	switch width(n.In[0].Type) {
	case 1:
		return gatherBy[uint8](n, s)
	case 2:
		return gatherBy[uint16](n, s)
	case 4:
		return gatherBy[uint32](n, s)
	case 8:
		return gatherBy[uint64](n, s)
	}
	return Bound{}, unsupported(n)
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

func gatherBy[T Number](n *Node, s *kernels.GatherShape) (Bound, error) {
	switch n.In[1].Type {
	case graph.Int16:
		return gather[T, int16](n, s), nil
	case graph.Int32:
		return gather[T, int32](n, s), nil
	case graph.Int64:
		return gather[T, int64](n, s), nil
	}
	return Bound{}, unsupported(n)
}

func gather[T Number, I int16 | int32 | int64](n *Node, s *kernels.GatherShape) Bound {
	return Bound{Kernel: kernelName("gather", n.In[0].Type), Attach: func(m *Memory) Step {
		src, index, dst := View[T](m, n.In[0]), View[I](m, n.In[1]), View[T](m, n.Out[0])
		return func() error {
			for _, i := range index {
				if i < 0 || int64(i) >= int64(s.Axis) {
					return fmt.Errorf("index %d: out of range for %d", i, s.Axis)
				}
			}
			kernels.Gather(dst, src, index, s)
			return nil
		}
	}}
}
