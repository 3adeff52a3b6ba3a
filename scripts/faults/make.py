"""Models that harm the process that runs them, for tests of trials and rollback: the
builtin motor model with the custom operator FaultTest behind it.

usage: python3 scripts/faults/make.py [--check]    (from the repository's root; requirements as scripts/goldens)
"""
import sys

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

SOURCE = "models/builtin/motor_v2.tflite"
KINDS = ("late-panic", "panic", "hang", "hog")


def build(kind):
    with open(SOURCE, "rb") as f:
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(bytearray(f.read()), 0))
    graph = model.subgraphs[0]
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode = "FaultTest"
    model.operatorCodes.append(code)

    before = graph.outputs[0]
    after = schema.TensorT()
    source = graph.tensors[before]
    after.shape, after.type, after.quantization, after.name = source.shape, source.type, source.quantization, "after_fault"
    after.shapeSignature = source.shapeSignature
    graph.tensors.append(after)

    op = schema.OperatorT()
    op.opcodeIndex = len(model.operatorCodes) - 1
    op.inputs, op.outputs = [before], [len(graph.tensors) - 1]
    op.customOptions = list(kind.encode())
    graph.operators.append(op)
    graph.outputs = [len(graph.tensors) - 1]
    model.signatureDefs = None

    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


for kind in KINDS:
    path = f"agent/testdata/faults/{kind}.tflite"
    if "--check" in sys.argv:
        with open(path, "rb") as f:
            if f.read() != build(kind):
                sys.exit(f"{path}: making it again gives other bytes")
        continue
    with open(path, "wb") as f:
        f.write(build(kind))
