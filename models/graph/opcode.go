package graph

import "strconv"

// OpCode names a builtin operator by its number in the TFLite schema
// (schema.fbs, enum BuiltinOperator).
type OpCode uint8

// The builtin operators, in schema order.
const (
	Add                          OpCode = 0
	AveragePool2D                OpCode = 1
	Concatenation                OpCode = 2
	Conv2D                       OpCode = 3
	DepthwiseConv2D              OpCode = 4
	DepthToSpace                 OpCode = 5
	Dequantize                   OpCode = 6
	EmbeddingLookup              OpCode = 7
	Floor                        OpCode = 8
	FullyConnected               OpCode = 9
	HashtableLookup              OpCode = 10
	L2Normalization              OpCode = 11
	L2Pool2D                     OpCode = 12
	LocalResponseNormalization   OpCode = 13
	Logistic                     OpCode = 14
	LSHProjection                OpCode = 15
	LSTM                         OpCode = 16
	MaxPool2D                    OpCode = 17
	Mul                          OpCode = 18
	ReLU                         OpCode = 19
	ReLUN1To1                    OpCode = 20
	ReLU6                        OpCode = 21
	Reshape                      OpCode = 22
	ResizeBilinear               OpCode = 23
	RNN                          OpCode = 24
	Softmax                      OpCode = 25
	SpaceToDepth                 OpCode = 26
	SVDF                         OpCode = 27
	Tanh                         OpCode = 28
	ConcatEmbeddings             OpCode = 29
	SkipGram                     OpCode = 30
	Call                         OpCode = 31
	Custom                       OpCode = 32
	EmbeddingLookupSparse        OpCode = 33
	Pad                          OpCode = 34
	UnidirectionalSequenceRNN    OpCode = 35
	Gather                       OpCode = 36
	BatchToSpaceND               OpCode = 37
	SpaceToBatchND               OpCode = 38
	Transpose                    OpCode = 39
	Mean                         OpCode = 40
	Sub                          OpCode = 41
	Div                          OpCode = 42
	Squeeze                      OpCode = 43
	UnidirectionalSequenceLSTM   OpCode = 44
	StridedSlice                 OpCode = 45
	BidirectionalSequenceRNN     OpCode = 46
	Exp                          OpCode = 47
	TopKV2                       OpCode = 48
	Split                        OpCode = 49
	LogSoftmax                   OpCode = 50
	Delegate                     OpCode = 51
	BidirectionalSequenceLSTM    OpCode = 52
	Cast                         OpCode = 53
	PReLU                        OpCode = 54
	Maximum                      OpCode = 55
	ArgMax                       OpCode = 56
	Minimum                      OpCode = 57
	Less                         OpCode = 58
	Neg                          OpCode = 59
	Padv2                        OpCode = 60
	Greater                      OpCode = 61
	GreaterEqual                 OpCode = 62
	LessEqual                    OpCode = 63
	Select                       OpCode = 64
	Slice                        OpCode = 65
	Sin                          OpCode = 66
	TransposeConv                OpCode = 67
	SparseToDense                OpCode = 68
	Tile                         OpCode = 69
	ExpandDims                   OpCode = 70
	Equal                        OpCode = 71
	NotEqual                     OpCode = 72
	Log                          OpCode = 73
	Sum                          OpCode = 74
	Sqrt                         OpCode = 75
	Rsqrt                        OpCode = 76
	Shape                        OpCode = 77
	Pow                          OpCode = 78
	ArgMin                       OpCode = 79
	FakeQuant                    OpCode = 80
	ReduceProd                   OpCode = 81
	ReduceMax                    OpCode = 82
	Pack                         OpCode = 83
	LogicalOr                    OpCode = 84
	OneHot                       OpCode = 85
	LogicalAnd                   OpCode = 86
	LogicalNot                   OpCode = 87
	Unpack                       OpCode = 88
	ReduceMin                    OpCode = 89
	FloorDiv                     OpCode = 90
	ReduceAny                    OpCode = 91
	Square                       OpCode = 92
	ZerosLike                    OpCode = 93
	Fill                         OpCode = 94
	FloorMod                     OpCode = 95
	Range                        OpCode = 96
	ResizeNearestNeighbor        OpCode = 97
	LeakyReLU                    OpCode = 98
	SquaredDifference            OpCode = 99
	MirrorPad                    OpCode = 100
	Abs                          OpCode = 101
	SplitV                       OpCode = 102
	Unique                       OpCode = 103
	Ceil                         OpCode = 104
	ReverseV2                    OpCode = 105
	AddN                         OpCode = 106
	GatherND                     OpCode = 107
	Cos                          OpCode = 108
	Where                        OpCode = 109
	Rank                         OpCode = 110
	ELU                          OpCode = 111
	ReverseSequence              OpCode = 112
	MatrixDiag                   OpCode = 113
	Quantize                     OpCode = 114
	MatrixSetDiag                OpCode = 115
	Round                        OpCode = 116
	HardSwish                    OpCode = 117
	If                           OpCode = 118
	While                        OpCode = 119
	NonMaxSuppressionV4          OpCode = 120
	NonMaxSuppressionV5          OpCode = 121
	ScatterND                    OpCode = 122
	SelectV2                     OpCode = 123
	Densify                      OpCode = 124
	SegmentSum                   OpCode = 125
	BatchMatMul                  OpCode = 126
	PlaceholderForGreaterOpCodes OpCode = 127
	Cumsum                       OpCode = 128
	CallOnce                     OpCode = 129
	BroadcastTo                  OpCode = 130
	RFFT2D                       OpCode = 131
	Conv3D                       OpCode = 132
	Imag                         OpCode = 133
	Real                         OpCode = 134
	ComplexAbs                   OpCode = 135
	Hashtable                    OpCode = 136
	HashtableFind                OpCode = 137
	HashtableImport              OpCode = 138
	HashtableSize                OpCode = 139
	ReduceAll                    OpCode = 140
	Conv3DTranspose              OpCode = 141
	VarHandle                    OpCode = 142
	ReadVariable                 OpCode = 143
	AssignVariable               OpCode = 144
	BroadcastArgs                OpCode = 145
	RandomStandardNormal         OpCode = 146
	Bucketize                    OpCode = 147
	RandomUniform                OpCode = 148
	Multinomial                  OpCode = 149
	GELU                         OpCode = 150
	DynamicUpdateSlice           OpCode = 151
	ReLU0To1                     OpCode = 152
	UnsortedSegmentProd          OpCode = 153
	UnsortedSegmentMax           OpCode = 154
	UnsortedSegmentSum           OpCode = 155
	Atan2                        OpCode = 156
	UnsortedSegmentMin           OpCode = 157
	Sign                         OpCode = 158
	Bitcast                      OpCode = 159
	BitwiseXor                   OpCode = 160
	RightShift                   OpCode = 161
	StableHLOLogistic            OpCode = 162
	StableHLOAdd                 OpCode = 163
	StableHLODivide              OpCode = 164
	StableHLOMultiply            OpCode = 165
	StableHLOMaximum             OpCode = 166
	StableHLOReshape             OpCode = 167
	StableHLOClamp               OpCode = 168
	StableHLOConcatenate         OpCode = 169
	StableHLOBroadcastInDim      OpCode = 170
	StableHLOConvolution         OpCode = 171
	StableHLOSlice               OpCode = 172
	StableHLOCustomCall          OpCode = 173
	StableHLOReduce              OpCode = 174
	StableHLOAbs                 OpCode = 175
	StableHLOAnd                 OpCode = 176
	StableHLOCosine              OpCode = 177
	StableHLOExponential         OpCode = 178
	StableHLOFloor               OpCode = 179
	StableHLOLog                 OpCode = 180
	StableHLOMinimum             OpCode = 181
	StableHLONegate              OpCode = 182
	StableHLOOr                  OpCode = 183
	StableHLOPower               OpCode = 184
	StableHLORemainder           OpCode = 185
	StableHLORsqrt               OpCode = 186
	StableHLOSelect              OpCode = 187
	StableHLOSubtract            OpCode = 188
	StableHLOTanh                OpCode = 189
	StableHLOScatter             OpCode = 190
	StableHLOCompare             OpCode = 191
	StableHLOConvert             OpCode = 192
	StableHLODynamicSlice        OpCode = 193
	StableHLODynamicUpdateSlice  OpCode = 194
	StableHLOPad                 OpCode = 195
	StableHLOIota                OpCode = 196
	StableHLODotGeneral          OpCode = 197
	StableHLOReduceWindow        OpCode = 198
	StableHLOSort                OpCode = 199
	StableHLOWhile               OpCode = 200
	StableHLOGather              OpCode = 201
	StableHLOTranspose           OpCode = 202
	Dilate                       OpCode = 203
	StableHLORngBitGenerator     OpCode = 204
	ReduceWindow                 OpCode = 205
	StableHLOComposite           OpCode = 206
	StableHLOShiftLeft           OpCode = 207
	StableHLOCbrt                OpCode = 208
	StableHLOCase                OpCode = 209
)

// String returns the schema's name, such as CONV_2D.
func (c OpCode) String() string {
	if int(c) < len(opNames) {
		return opNames[c]
	}
	return "BuiltinOperator(" + strconv.Itoa(int(c)) + ")"
}

// OpCodes is how many numbers the schema gives to operators; all are below it.
const OpCodes = len(opNames)

// Known reports whether the schema this package follows has the operator.
func (c OpCode) Known() bool { return int(c) < len(opNames) && opNames[c] != "" }

var opNames = [...]string{
	Add:                          "ADD",
	AveragePool2D:                "AVERAGE_POOL_2D",
	Concatenation:                "CONCATENATION",
	Conv2D:                       "CONV_2D",
	DepthwiseConv2D:              "DEPTHWISE_CONV_2D",
	DepthToSpace:                 "DEPTH_TO_SPACE",
	Dequantize:                   "DEQUANTIZE",
	EmbeddingLookup:              "EMBEDDING_LOOKUP",
	Floor:                        "FLOOR",
	FullyConnected:               "FULLY_CONNECTED",
	HashtableLookup:              "HASHTABLE_LOOKUP",
	L2Normalization:              "L2_NORMALIZATION",
	L2Pool2D:                     "L2_POOL_2D",
	LocalResponseNormalization:   "LOCAL_RESPONSE_NORMALIZATION",
	Logistic:                     "LOGISTIC",
	LSHProjection:                "LSH_PROJECTION",
	LSTM:                         "LSTM",
	MaxPool2D:                    "MAX_POOL_2D",
	Mul:                          "MUL",
	ReLU:                         "RELU",
	ReLUN1To1:                    "RELU_N1_TO_1",
	ReLU6:                        "RELU6",
	Reshape:                      "RESHAPE",
	ResizeBilinear:               "RESIZE_BILINEAR",
	RNN:                          "RNN",
	Softmax:                      "SOFTMAX",
	SpaceToDepth:                 "SPACE_TO_DEPTH",
	SVDF:                         "SVDF",
	Tanh:                         "TANH",
	ConcatEmbeddings:             "CONCAT_EMBEDDINGS",
	SkipGram:                     "SKIP_GRAM",
	Call:                         "CALL",
	Custom:                       "CUSTOM",
	EmbeddingLookupSparse:        "EMBEDDING_LOOKUP_SPARSE",
	Pad:                          "PAD",
	UnidirectionalSequenceRNN:    "UNIDIRECTIONAL_SEQUENCE_RNN",
	Gather:                       "GATHER",
	BatchToSpaceND:               "BATCH_TO_SPACE_ND",
	SpaceToBatchND:               "SPACE_TO_BATCH_ND",
	Transpose:                    "TRANSPOSE",
	Mean:                         "MEAN",
	Sub:                          "SUB",
	Div:                          "DIV",
	Squeeze:                      "SQUEEZE",
	UnidirectionalSequenceLSTM:   "UNIDIRECTIONAL_SEQUENCE_LSTM",
	StridedSlice:                 "STRIDED_SLICE",
	BidirectionalSequenceRNN:     "BIDIRECTIONAL_SEQUENCE_RNN",
	Exp:                          "EXP",
	TopKV2:                       "TOPK_V2",
	Split:                        "SPLIT",
	LogSoftmax:                   "LOG_SOFTMAX",
	Delegate:                     "DELEGATE",
	BidirectionalSequenceLSTM:    "BIDIRECTIONAL_SEQUENCE_LSTM",
	Cast:                         "CAST",
	PReLU:                        "PRELU",
	Maximum:                      "MAXIMUM",
	ArgMax:                       "ARG_MAX",
	Minimum:                      "MINIMUM",
	Less:                         "LESS",
	Neg:                          "NEG",
	Padv2:                        "PADV2",
	Greater:                      "GREATER",
	GreaterEqual:                 "GREATER_EQUAL",
	LessEqual:                    "LESS_EQUAL",
	Select:                       "SELECT",
	Slice:                        "SLICE",
	Sin:                          "SIN",
	TransposeConv:                "TRANSPOSE_CONV",
	SparseToDense:                "SPARSE_TO_DENSE",
	Tile:                         "TILE",
	ExpandDims:                   "EXPAND_DIMS",
	Equal:                        "EQUAL",
	NotEqual:                     "NOT_EQUAL",
	Log:                          "LOG",
	Sum:                          "SUM",
	Sqrt:                         "SQRT",
	Rsqrt:                        "RSQRT",
	Shape:                        "SHAPE",
	Pow:                          "POW",
	ArgMin:                       "ARG_MIN",
	FakeQuant:                    "FAKE_QUANT",
	ReduceProd:                   "REDUCE_PROD",
	ReduceMax:                    "REDUCE_MAX",
	Pack:                         "PACK",
	LogicalOr:                    "LOGICAL_OR",
	OneHot:                       "ONE_HOT",
	LogicalAnd:                   "LOGICAL_AND",
	LogicalNot:                   "LOGICAL_NOT",
	Unpack:                       "UNPACK",
	ReduceMin:                    "REDUCE_MIN",
	FloorDiv:                     "FLOOR_DIV",
	ReduceAny:                    "REDUCE_ANY",
	Square:                       "SQUARE",
	ZerosLike:                    "ZEROS_LIKE",
	Fill:                         "FILL",
	FloorMod:                     "FLOOR_MOD",
	Range:                        "RANGE",
	ResizeNearestNeighbor:        "RESIZE_NEAREST_NEIGHBOR",
	LeakyReLU:                    "LEAKY_RELU",
	SquaredDifference:            "SQUARED_DIFFERENCE",
	MirrorPad:                    "MIRROR_PAD",
	Abs:                          "ABS",
	SplitV:                       "SPLIT_V",
	Unique:                       "UNIQUE",
	Ceil:                         "CEIL",
	ReverseV2:                    "REVERSE_V2",
	AddN:                         "ADD_N",
	GatherND:                     "GATHER_ND",
	Cos:                          "COS",
	Where:                        "WHERE",
	Rank:                         "RANK",
	ELU:                          "ELU",
	ReverseSequence:              "REVERSE_SEQUENCE",
	MatrixDiag:                   "MATRIX_DIAG",
	Quantize:                     "QUANTIZE",
	MatrixSetDiag:                "MATRIX_SET_DIAG",
	Round:                        "ROUND",
	HardSwish:                    "HARD_SWISH",
	If:                           "IF",
	While:                        "WHILE",
	NonMaxSuppressionV4:          "NON_MAX_SUPPRESSION_V4",
	NonMaxSuppressionV5:          "NON_MAX_SUPPRESSION_V5",
	ScatterND:                    "SCATTER_ND",
	SelectV2:                     "SELECT_V2",
	Densify:                      "DENSIFY",
	SegmentSum:                   "SEGMENT_SUM",
	BatchMatMul:                  "BATCH_MATMUL",
	PlaceholderForGreaterOpCodes: "PLACEHOLDER_FOR_GREATER_OP_CODES",
	Cumsum:                       "CUMSUM",
	CallOnce:                     "CALL_ONCE",
	BroadcastTo:                  "BROADCAST_TO",
	RFFT2D:                       "RFFT2D",
	Conv3D:                       "CONV_3D",
	Imag:                         "IMAG",
	Real:                         "REAL",
	ComplexAbs:                   "COMPLEX_ABS",
	Hashtable:                    "HASHTABLE",
	HashtableFind:                "HASHTABLE_FIND",
	HashtableImport:              "HASHTABLE_IMPORT",
	HashtableSize:                "HASHTABLE_SIZE",
	ReduceAll:                    "REDUCE_ALL",
	Conv3DTranspose:              "CONV_3D_TRANSPOSE",
	VarHandle:                    "VAR_HANDLE",
	ReadVariable:                 "READ_VARIABLE",
	AssignVariable:               "ASSIGN_VARIABLE",
	BroadcastArgs:                "BROADCAST_ARGS",
	RandomStandardNormal:         "RANDOM_STANDARD_NORMAL",
	Bucketize:                    "BUCKETIZE",
	RandomUniform:                "RANDOM_UNIFORM",
	Multinomial:                  "MULTINOMIAL",
	GELU:                         "GELU",
	DynamicUpdateSlice:           "DYNAMIC_UPDATE_SLICE",
	ReLU0To1:                     "RELU_0_TO_1",
	UnsortedSegmentProd:          "UNSORTED_SEGMENT_PROD",
	UnsortedSegmentMax:           "UNSORTED_SEGMENT_MAX",
	UnsortedSegmentSum:           "UNSORTED_SEGMENT_SUM",
	Atan2:                        "ATAN2",
	UnsortedSegmentMin:           "UNSORTED_SEGMENT_MIN",
	Sign:                         "SIGN",
	Bitcast:                      "BITCAST",
	BitwiseXor:                   "BITWISE_XOR",
	RightShift:                   "RIGHT_SHIFT",
	StableHLOLogistic:            "STABLEHLO_LOGISTIC",
	StableHLOAdd:                 "STABLEHLO_ADD",
	StableHLODivide:              "STABLEHLO_DIVIDE",
	StableHLOMultiply:            "STABLEHLO_MULTIPLY",
	StableHLOMaximum:             "STABLEHLO_MAXIMUM",
	StableHLOReshape:             "STABLEHLO_RESHAPE",
	StableHLOClamp:               "STABLEHLO_CLAMP",
	StableHLOConcatenate:         "STABLEHLO_CONCATENATE",
	StableHLOBroadcastInDim:      "STABLEHLO_BROADCAST_IN_DIM",
	StableHLOConvolution:         "STABLEHLO_CONVOLUTION",
	StableHLOSlice:               "STABLEHLO_SLICE",
	StableHLOCustomCall:          "STABLEHLO_CUSTOM_CALL",
	StableHLOReduce:              "STABLEHLO_REDUCE",
	StableHLOAbs:                 "STABLEHLO_ABS",
	StableHLOAnd:                 "STABLEHLO_AND",
	StableHLOCosine:              "STABLEHLO_COSINE",
	StableHLOExponential:         "STABLEHLO_EXPONENTIAL",
	StableHLOFloor:               "STABLEHLO_FLOOR",
	StableHLOLog:                 "STABLEHLO_LOG",
	StableHLOMinimum:             "STABLEHLO_MINIMUM",
	StableHLONegate:              "STABLEHLO_NEGATE",
	StableHLOOr:                  "STABLEHLO_OR",
	StableHLOPower:               "STABLEHLO_POWER",
	StableHLORemainder:           "STABLEHLO_REMAINDER",
	StableHLORsqrt:               "STABLEHLO_RSQRT",
	StableHLOSelect:              "STABLEHLO_SELECT",
	StableHLOSubtract:            "STABLEHLO_SUBTRACT",
	StableHLOTanh:                "STABLEHLO_TANH",
	StableHLOScatter:             "STABLEHLO_SCATTER",
	StableHLOCompare:             "STABLEHLO_COMPARE",
	StableHLOConvert:             "STABLEHLO_CONVERT",
	StableHLODynamicSlice:        "STABLEHLO_DYNAMIC_SLICE",
	StableHLODynamicUpdateSlice:  "STABLEHLO_DYNAMIC_UPDATE_SLICE",
	StableHLOPad:                 "STABLEHLO_PAD",
	StableHLOIota:                "STABLEHLO_IOTA",
	StableHLODotGeneral:          "STABLEHLO_DOT_GENERAL",
	StableHLOReduceWindow:        "STABLEHLO_REDUCE_WINDOW",
	StableHLOSort:                "STABLEHLO_SORT",
	StableHLOWhile:               "STABLEHLO_WHILE",
	StableHLOGather:              "STABLEHLO_GATHER",
	StableHLOTranspose:           "STABLEHLO_TRANSPOSE",
	Dilate:                       "DILATE",
	StableHLORngBitGenerator:     "STABLEHLO_RNG_BIT_GENERATOR",
	ReduceWindow:                 "REDUCE_WINDOW",
	StableHLOComposite:           "STABLEHLO_COMPOSITE",
	StableHLOShiftLeft:           "STABLEHLO_SHIFT_LEFT",
	StableHLOCbrt:                "STABLEHLO_CBRT",
	StableHLOCase:                "STABLEHLO_CASE",
}

// ParseOpCode returns the operator of the schema's name.
func ParseOpCode(name string) (OpCode, bool) {
	for i, n := range opNames {
		if n == name && n != "" {
			return OpCode(i), true
		}
	}
	return 0, false
}
