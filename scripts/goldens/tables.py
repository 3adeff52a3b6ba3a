"""models/tflite/testdata: models with every options table of the schema, and what LiteRT's own schema code reads.

set.tflite holds numbers in every field, unset.tflite none; the operators have no tensors, so only a reader can use them.
"""
import inspect
import json

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

import tfl

# Operators whose table is not named after them.
TABLES = {
    "AVERAGE_POOL_2D": "Pool2DOptions", "MAX_POOL_2D": "Pool2DOptions", "L2_POOL_2D": "Pool2DOptions", "MEAN": "ReducerOptions",
    "SUM": "ReducerOptions", "REDUCE_PROD": "ReducerOptions", "REDUCE_MAX": "ReducerOptions", "REDUCE_MIN": "ReducerOptions",
    "REDUCE_ANY": "ReducerOptions", "REDUCE_ALL": "ReducerOptions", "L2_NORMALIZATION": "L2NormOptions",
    "UNIDIRECTIONAL_SEQUENCE_RNN": "SequenceRNNOptions", "CONV_3D_TRANSPOSE": "Conv3DOptions", "RANDOM_UNIFORM": "RandomOptions",
    "RANDOM_STANDARD_NORMAL": "RandomOptions", "MULTINOMIAL": "RandomOptions", "MAXIMUM": "MaximumMinimumOptions",
    "MINIMUM": "MaximumMinimumOptions",
}


def tables():
    """The options table of each operator, by the likeness of their names."""
    known = {n.removesuffix("Options").lower(): n for n in vars(schema.BuiltinOptions) if n.endswith("Options")}
    for name, code in vars(schema.BuiltinOperator).items():
        if name.startswith("_") or name.startswith("STABLEHLO"):
            continue
        table = TABLES.get(name) or known.get(name.replace("_", "").lower())
        if table:
            yield name, code, table


def fields(o):
    # The schema code has no deprecated fields; quantSpec is newer than the schema that the project follows.
    return [f for f in inspect.signature(type(o).__init__).parameters if f not in ("self", "quantSpec")]


def fill(rng, o, name):
    for f in fields(o):
        was, low = getattr(o, f), f.lower()
        if "subgraph" in low:
            v = int(rng.integers(1, 3))
        elif isinstance(was, bool):
            v = not was
        elif isinstance(was, float) or low == "boundaries":
            v = float(np.float32(rng.normal()))
            v = [v, v + 1, v + 2] if low == "boundaries" else v
        elif low in ("newshape", "squeezedims", "numcolumnsperchannel", "embeddingdimperchannel"):
            v = [int(x) for x in rng.integers(-3, 99, 4)]
        elif low in ("container", "sharedname"):
            v = "%s of %s" % (f, name)
        elif low == "padding":
            v = 1
        elif "activation" in low:
            v = int(rng.integers(1, 6))
        elif "type" in low or low in ("mode", "combiner", "weightsformat", "kerneltype"):
            v = int(rng.integers(1, 2)) if "data" not in low else int(rng.integers(1, 17))
        elif low.startswith("seed"):
            v = int(rng.integers(-(1 << 60), 1 << 60))
        else:
            v = int(rng.integers(-(1 << 30), 1 << 30))
        setattr(o, f, v)


def read(model):
    """What the schema code reads: for each operator its code and its fields in order."""
    m = schema.ModelT.InitFromPackedBuf(bytearray(model))
    out = []
    for op in m.subgraphs[0].operators:
        o, values = op.builtinOptions, []
        for f in fields(o):
            v = getattr(o, f)
            if isinstance(v, bytes):
                v = v.decode()
            values.append([f, v.tolist() if isinstance(v, (np.ndarray, np.generic)) else v])
        code = m.operatorCodes[op.opcodeIndex]
        out.append({"code": int(max(code.deprecatedBuiltinCode, code.builtinCode)), "fields": values})
    return out


def make(full):
    net = tfl.Net(11)
    for name, _, table in tables():
        o = getattr(schema, table + "T")()
        if full:
            fill(net.rng, o, name)
        net.op(name, [], [], o)
    m = schema.ModelT()
    m.version, m.operatorCodes, m.buffers, m.subgraphs = 3, net.codes, net.buffers, [net.graph]
    for n in ("a", "b"):
        g = schema.SubGraphT()
        g.name = n
        m.subgraphs.append(g)
    if not full:
        for op in net.graph.operators:  # these would run themselves
            for f in fields(op.builtinOptions):
                if "subgraph" in f.lower():
                    setattr(op.builtinOptions, f, 1)
    b = flatbuffers.Builder(4096)
    b.Finish(m.Pack(b), b"TFL3")
    return bytes(b.Output())


def files():
    """Returns the files by path."""
    out = {}
    for name, full in (("set", True), ("unset", False)):
        model = make(full)
        out["models/tflite/testdata/%s.tflite" % name] = model
        lines = ",\n".join(json.dumps(o) for o in read(model))
        out["models/tflite/testdata/%s.json" % name] = ("[\n" + lines + "\n]\n").encode()
    return out
