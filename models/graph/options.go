package graph

// The options of the builtin operators. Each struct is one table of schema.fbs and
// lists its fields in schema order: the reader and the writer find a field by its
// position, so an order here is a fact of the format. A default other than zero
// stands in the tag. Operators whose table has no fields have no options.

// Conv2DOptions is the schema table of that name.
type Conv2DOptions struct {
	Padding           Padding
	StrideW           int32
	StrideH           int32
	Activation        Activation
	DilationW         int32 `default:"1"`
	DilationH         int32 `default:"1"`
	QuantizedBiasType Type
}

// DepthwiseConv2DOptions is the schema table of that name.
type DepthwiseConv2DOptions struct {
	Padding         Padding
	StrideW         int32
	StrideH         int32
	DepthMultiplier int32
	Activation      Activation
	DilationW       int32 `default:"1"`
	DilationH       int32 `default:"1"`
}

// ConcatEmbeddingsOptions is the schema table of that name.
type ConcatEmbeddingsOptions struct {
	NumChannels            int32
	NumColumnsPerChannel   []int32
	EmbeddingDimPerChannel []int32
}

// LSHProjectionOptions is the schema table of that name.
type LSHProjectionOptions struct {
	Type int8
}

// Pool2DOptions is the schema table of that name.
type Pool2DOptions struct {
	Padding      Padding
	StrideW      int32
	StrideH      int32
	FilterWidth  int32
	FilterHeight int32
	Activation   Activation
}

// SVDFOptions is the schema table of that name.
type SVDFOptions struct {
	Rank                     int32
	Activation               Activation
	AsymmetricQuantizeInputs bool
}

// RNNOptions is the schema table of that name.
type RNNOptions struct {
	Activation               Activation
	AsymmetricQuantizeInputs bool
}

// FullyConnectedOptions is the schema table of that name.
type FullyConnectedOptions struct {
	Activation               Activation
	WeightsFormat            int8
	KeepNumDims              bool
	AsymmetricQuantizeInputs bool
	QuantizedBiasType        Type
}

// SoftmaxOptions is the schema table of that name.
type SoftmaxOptions struct {
	Beta float32
}

// ConcatenationOptions is the schema table of that name.
type ConcatenationOptions struct {
	Axis       int32
	Activation Activation
}

// AddOptions is the schema table of that name.
type AddOptions struct {
	Activation    Activation
	PotScaleInt16 bool `default:"true"`
}

// L2NormOptions is the schema table of that name.
type L2NormOptions struct {
	Activation Activation
}

// LocalResponseNormalizationOptions is the schema table of that name.
type LocalResponseNormalizationOptions struct {
	Radius int32
	Bias   float32
	Alpha  float32
	Beta   float32
}

// LSTMOptions is the schema table of that name.
type LSTMOptions struct {
	Activation               Activation
	CellClip                 float32
	ProjClip                 float32
	KernelType               int8
	AsymmetricQuantizeInputs bool
}

// ResizeBilinearOptions is the schema table of that name.
type ResizeBilinearOptions struct {
	_                int32
	_                int32
	AlignCorners     bool
	HalfPixelCenters bool
}

// CallOptions is the schema table of that name.
type CallOptions struct {
	Subgraph uint32
}

// ReshapeOptions is the schema table of that name.
type ReshapeOptions struct {
	NewShape []int32
}

// SkipGramOptions is the schema table of that name.
type SkipGramOptions struct {
	NgramSize        int32
	MaxSkipSize      int32
	IncludeAllNgrams bool
}

// SpaceToDepthOptions is the schema table of that name.
type SpaceToDepthOptions struct {
	BlockSize int32
}

// EmbeddingLookupSparseOptions is the schema table of that name.
type EmbeddingLookupSparseOptions struct {
	Combiner int8
}

// MulOptions is the schema table of that name.
type MulOptions struct {
	Activation Activation
}

// GatherOptions is the schema table of that name.
type GatherOptions struct {
	Axis      int32
	BatchDims int32
}

// ReducerOptions is the schema table of that name.
type ReducerOptions struct {
	KeepDims bool
}

// SubOptions is the schema table of that name.
type SubOptions struct {
	Activation    Activation
	PotScaleInt16 bool `default:"true"`
}

// DivOptions is the schema table of that name.
type DivOptions struct {
	Activation Activation
}

// SqueezeOptions is the schema table of that name.
type SqueezeOptions struct {
	SqueezeDims []int32
}

// SequenceRNNOptions is the schema table of that name.
type SequenceRNNOptions struct {
	TimeMajor                bool
	Activation               Activation
	AsymmetricQuantizeInputs bool
}

// StridedSliceOptions is the schema table of that name.
type StridedSliceOptions struct {
	BeginMask      int32
	EndMask        int32
	EllipsisMask   int32
	NewAxisMask    int32
	ShrinkAxisMask int32
	Offset         bool
}

// SplitOptions is the schema table of that name.
type SplitOptions struct {
	NumSplits int32
}

// CastOptions is the schema table of that name.
type CastOptions struct {
	InDataType  Type
	OutDataType Type
}

// ArgMaxOptions is the schema table of that name.
type ArgMaxOptions struct {
	OutputType Type
}

// TransposeConvOptions is the schema table of that name.
type TransposeConvOptions struct {
	Padding           Padding
	StrideW           int32
	StrideH           int32
	Activation        Activation
	QuantizedBiasType Type
}

// SparseToDenseOptions is the schema table of that name.
type SparseToDenseOptions struct {
	ValidateIndices bool
}

// ShapeOptions is the schema table of that name.
type ShapeOptions struct {
	OutType Type
}

// ArgMinOptions is the schema table of that name.
type ArgMinOptions struct {
	OutputType Type
}

// FakeQuantOptions is the schema table of that name.
type FakeQuantOptions struct {
	Min         float32
	Max         float32
	NumBits     int32
	NarrowRange bool
}

// PackOptions is the schema table of that name.
type PackOptions struct {
	ValuesCount int32
	Axis        int32
}

// OneHotOptions is the schema table of that name.
type OneHotOptions struct {
	Axis int32
}

// UnpackOptions is the schema table of that name.
type UnpackOptions struct {
	Num  int32
	Axis int32
}

// BidirectionalSequenceLSTMOptions is the schema table of that name.
type BidirectionalSequenceLSTMOptions struct {
	Activation               Activation
	CellClip                 float32
	ProjClip                 float32
	MergeOutputs             bool
	TimeMajor                bool `default:"true"`
	AsymmetricQuantizeInputs bool
}

// BidirectionalSequenceRNNOptions is the schema table of that name.
type BidirectionalSequenceRNNOptions struct {
	TimeMajor                bool
	Activation               Activation
	MergeOutputs             bool
	AsymmetricQuantizeInputs bool
}

// UnidirectionalSequenceLSTMOptions is the schema table of that name.
type UnidirectionalSequenceLSTMOptions struct {
	Activation               Activation
	CellClip                 float32
	ProjClip                 float32
	TimeMajor                bool
	AsymmetricQuantizeInputs bool
	DiagonalRecurrentTensors bool
}

// ResizeNearestNeighborOptions is the schema table of that name.
type ResizeNearestNeighborOptions struct {
	AlignCorners     bool
	HalfPixelCenters bool
}

// LeakyReluOptions is the schema table of that name.
type LeakyReluOptions struct {
	Alpha float32
}

// MirrorPadOptions is the schema table of that name.
type MirrorPadOptions struct {
	Mode int8
}

// SplitVOptions is the schema table of that name.
type SplitVOptions struct {
	NumSplits int32
}

// UniqueOptions is the schema table of that name.
type UniqueOptions struct {
	IdxOutType Type `default:"2"`
}

// ReverseSequenceOptions is the schema table of that name.
type ReverseSequenceOptions struct {
	SeqDim   int32
	BatchDim int32
}

// IfOptions is the schema table of that name.
type IfOptions struct {
	ThenSubgraphIndex int32
	ElseSubgraphIndex int32
}

// WhileOptions is the schema table of that name.
type WhileOptions struct {
	CondSubgraphIndex int32
	BodySubgraphIndex int32
}

// DepthToSpaceOptions is the schema table of that name.
type DepthToSpaceOptions struct {
	BlockSize int32
}

// BatchMatMulOptions is the schema table of that name.
type BatchMatMulOptions struct {
	AdjX                     bool
	AdjY                     bool
	AsymmetricQuantizeInputs bool
}

// CumsumOptions is the schema table of that name.
type CumsumOptions struct {
	Exclusive bool
	Reverse   bool
}

// CallOnceOptions is the schema table of that name.
type CallOnceOptions struct {
	InitSubgraphIndex int32
}

// Conv3DOptions is the schema table of that name.
type Conv3DOptions struct {
	Padding    Padding
	StrideD    int32
	StrideW    int32
	StrideH    int32
	Activation Activation
	DilationD  int32 `default:"1"`
	DilationW  int32 `default:"1"`
	DilationH  int32 `default:"1"`
}

// HashtableOptions is the schema table of that name.
type HashtableOptions struct {
	TableID    int32
	KeyDtype   Type
	ValueDtype Type
}

// VarHandleOptions is the schema table of that name.
type VarHandleOptions struct {
	Container  string
	SharedName string
}

// RandomOptions is the schema table of that name.
type RandomOptions struct {
	Seed  int64
	Seed2 int64
}

// BucketizeOptions is the schema table of that name.
type BucketizeOptions struct {
	Boundaries []float32
}

// GeluOptions is the schema table of that name.
type GeluOptions struct {
	Approximate bool
}
