package ops

import "kinglet/models/graph"

// builtin is the operator set, indexed by the schema's operator code and written in its
// order; a nil entry is not supported.
var builtin = [...]bindFunc{
	graph.Conv2D:          bindConv2D,
	graph.DepthwiseConv2D: bindDepthwiseConv2D,
	graph.FullyConnected:  bindFullyConnected,
	graph.SVDF:            bindSVDF,
	graph.TransposeConv:   bindTransposeConv,
}
