package graph

import (
	"errors"
	"fmt"
)

// ErrDynamic says that a shape depends on values that only a run will know.
var ErrDynamic = errors.New("shape depends on run-time values")

// A shapeFunc gives the shapes of an operator's outputs. in has nil where an optional
// input is absent; it may read Shape, Type, and Data of constants, and nothing else.
// It checks what the shapes depend on: counts, ranks, dimensions that must agree.
type shapeFunc func(op *Operator, in []*Tensor) ([][]int, error)

// shapeFuncs is indexed by OpCode; nil where an operator's shapes are not known here.
var shapeFuncs = [...]shapeFunc{
	Add:                        shapeBroadcast,
	AveragePool2D:              shapePool,
	Concatenation:              shapeConcatenation,
	Conv2D:                     shapeConv2D,
	DepthwiseConv2D:            shapeDepthwiseConv2D,
	Dequantize:                 shapeUnary,
	FullyConnected:             shapeFullyConnected,
	Logistic:                   shapeUnary,
	MaxPool2D:                  shapePool,
	Mul:                        shapeBroadcast,
	ReLU:                       shapeUnary,
	ReLUN1To1:                  shapeUnary,
	ReLU6:                      shapeUnary,
	Reshape:                    shapeReshape,
	Softmax:                    shapeUnary,
	SVDF:                       shapeSVDF,
	Tanh:                       shapeUnary,
	Pad:                        shapePad,
	Gather:                     shapeGather,
	Transpose:                  shapeTranspose,
	Mean:                       shapeReduce,
	Sub:                        shapeBroadcast,
	Div:                        shapeBroadcast,
	Squeeze:                    shapeSqueeze,
	UnidirectionalSequenceLSTM: shapeUnidirectionalSequenceLSTM,
	StridedSlice:               shapeStridedSlice,
	Exp:                        shapeUnary,
	Split:                      shapeSplit,
	Cast:                       shapeUnary,
	Maximum:                    shapeBroadcast,
	Minimum:                    shapeBroadcast,
	Padv2:                      shapePad,
	Slice:                      shapeSlice,
	TransposeConv:              shapeTransposeConv,
	ExpandDims:                 shapeExpandDims,
	Sum:                        shapeReduce,
	ReduceMax:                  shapeReduce,
	Pack:                       shapePack,
	Unpack:                     shapeUnpack,
	ReduceMin:                  shapeReduce,
	LeakyReLU:                  shapeUnary,
	Quantize:                   shapeUnary,
	HardSwish:                  shapeUnary,
}

// InferShapes returns the shapes of op's outputs from its inputs, or an error that
// says what does not fit. It returns ErrDynamic when they depend on values that are
// not constant.
func InferShapes(op *Operator, in []*Tensor) ([][]int, error) {
	if int(op.Code) >= len(shapeFuncs) || shapeFuncs[op.Code] == nil {
		return nil, fmt.Errorf("%s: no shape rule", op.Name())
	}
	out, err := shapeFuncs[op.Code](op, in)
	if err != nil {
		return nil, err
	}
	if len(out) < len(op.Outputs) {
		return nil, fmt.Errorf("%d outputs, want at most %d", len(op.Outputs), len(out))
	}
	for _, s := range out {
		if _, err := Elements(s); err != nil {
			return nil, fmt.Errorf("output: %w", err)
		}
	}
	return out, nil
}

// inputs checks that op has between least and most inputs and that the first least are present.
func inputs(in []*Tensor, least, most int) error {
	if len(in) < least || len(in) > most {
		if least == most {
			return fmt.Errorf("%d inputs, want %d", len(in), least)
		}
		return fmt.Errorf("%d inputs, want %d to %d", len(in), least, most)
	}
	for i, t := range in[:least] {
		if t == nil {
			return fmt.Errorf("input %d: absent", i)
		}
	}
	return nil
}

// Broadcast returns the shape that two operands stretch to, aligned at the last
// dimension; a dimension of 1 stretches to the other's.
func Broadcast(a, b []int) ([]int, error) {
	out := make([]int, max(len(a), len(b)))
	for i := range out {
		da, db := 1, 1
		if j := i - len(out) + len(a); j >= 0 {
			da = a[j]
		}
		if j := i - len(out) + len(b); j >= 0 {
			db = b[j]
		}
		switch {
		case da == db, db == 1:
			out[i] = da
		case da == 1:
			out[i] = db
		default:
			return nil, fmt.Errorf("shapes %v and %v do not broadcast: dimension %d is %d and %d", a, b, i, da, db)
		}
	}
	return out, nil
}

func shapeBroadcast(_ *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 2, 2); err != nil {
		return nil, err
	}
	s, err := Broadcast(in[0].Shape, in[1].Shape)
	return [][]int{s}, err
}
