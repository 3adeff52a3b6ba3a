"""Builds .tflite files by hand, so that the same script gives the same bytes.

A Net is one subgraph. Tensors and operators are added in order and named by their index.
"""
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

TYPES = {
    "float32": schema.TensorType.FLOAT32, "float16": schema.TensorType.FLOAT16, "int32": schema.TensorType.INT32,
    "uint8": schema.TensorType.UINT8, "int64": schema.TensorType.INT64, "bool": schema.TensorType.BOOL,
    "int16": schema.TensorType.INT16, "int8": schema.TensorType.INT8, "float64": schema.TensorType.FLOAT64,
    "uint32": schema.TensorType.UINT32, "uint16": schema.TensorType.UINT16,
}
SAME, VALID = schema.Padding.SAME, schema.Padding.VALID
NONE, RELU, RELU_N1_TO_1, RELU6, TANH = 0, 1, 2, 3, 4


class AlignedBuffer(schema.BufferT):
    """A buffer whose bytes begin at a multiple of 16, as the schema asks for."""

    def Pack(self, builder):
        data = None
        if self.data is not None:
            n = len(self.data)
            builder.StartVector(1, n, 16)
            builder.head -= n
            builder.Bytes[builder.head:builder.head + n] = self.data
            data = builder.EndVector()
        schema.BufferStart(builder)
        if data is not None:
            schema.BufferAddData(builder, data)
        return schema.BufferEnd(builder)


class Net:
    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.graph.inputs, self.graph.outputs, self.graph.name = [], [], "main"
        self.codes, self.buffers = [], [AlignedBuffer()]
        self.ranges = {}  # of inputs that do not run over their whole type, by tensor

    def tensor(self, kind, shape, scale=None, zero=None, dim=0, variable=False):
        """Adds a tensor without data. scale and zero are numbers, or lists for one a channel along dim."""
        t = schema.TensorT()
        t.shape, t.type, t.buffer = [int(d) for d in shape], TYPES[kind], 0
        t.name, t.isVariable = "t%d" % len(self.graph.tensors), variable
        t.hasRank = True
        if scale is not None:
            q = schema.QuantizationParametersT()
            q.scale = [float(np.float32(s)) for s in np.atleast_1d(scale)]
            q.zeroPoint = [int(z) for z in np.atleast_1d(0 if zero is None else zero)]
            if len(q.zeroPoint) == 1:
                q.zeroPoint *= len(q.scale)
            q.quantizedDimension = dim
            t.quantization = q
        self.graph.tensors.append(t)
        return len(self.graph.tensors) - 1

    def input(self, kind, shape, scale=None, zero=None, low=None, high=None):
        i = self.tensor(kind, shape, scale, zero)
        self.ranges[i] = None if low is None else (low, high)
        self.graph.inputs.append(i)
        return i

    def output(self, kind, shape, scale=None, zero=None):
        i = self.tensor(kind, shape, scale, zero)
        self.graph.outputs.append(i)
        return i

    def const(self, array, scale=None, zero=None, dim=0):
        array = np.asarray(array)
        i = self.tensor(array.dtype.name, array.shape, scale, zero, dim)
        b = AlignedBuffer()
        b.data = array.tobytes()
        self.buffers.append(b)
        self.graph.tensors[i].buffer = len(self.buffers) - 1
        return i

    def op(self, name, inputs, outputs, options=None, version=1, intermediates=None):
        code = getattr(schema.BuiltinOperator, name)
        key = (code, version)
        if key not in [(c.builtinCode, c.version) for c in self.codes]:
            c = schema.OperatorCodeT()
            c.builtinCode, c.deprecatedBuiltinCode, c.version = code, min(code, 127), version
            self.codes.append(c)
        o = schema.OperatorT()
        o.opcodeIndex = [(c.builtinCode, c.version) for c in self.codes].index(key)
        o.inputs, o.outputs = [int(i) for i in inputs], [int(i) for i in outputs]
        if intermediates is not None:
            o.intermediates = [int(i) for i in intermediates]
        if options is not None:
            o.builtinOptions = options
            o.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__[:-1])
        self.graph.operators.append(o)

    def pack(self):
        m = schema.ModelT()
        m.version, m.description = 3, "made by scripts/goldens"
        m.operatorCodes, m.subgraphs, m.buffers = self.codes, [self.graph], self.buffers
        b = flatbuffers.Builder(4096)
        b.Finish(m.Pack(b), b"TFL3")
        return bytes(b.Output())


def options(name, **fields):
    """Makes an options table; an unknown field is an error."""
    o = getattr(schema, name + "T")()
    for k, v in fields.items():
        if not hasattr(o, k):
            raise AttributeError("%s has no %s" % (name, k))
        setattr(o, k, v)
    return o
