"""testdata/malformed: models that are wrong in one way each, and cases.json, which says how a reader must refuse them.

want is "malformed" where no reader could make sense of the file, "unsupported" where a reader of more than this
project's would, and "any" where only whoever binds the model can tell. litert is what LiteRT itself does.
"""
import json
import subprocess
import sys
import tempfile

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

import tfl

GOOD = {}  # the models of testdata/ops
CASES = []


def load(name):
    data = GOOD["testdata/ops/" + name + ".tflite"]
    m = schema.ModelT.InitFromPackedBuf(bytearray(data))
    for i, b in enumerate(m.buffers):
        a = tfl.AlignedBuffer()
        a.data, a.offset, a.size = None if b.data is None else bytes(bytearray(b.data)), b.offset, b.size
        m.buffers[i] = a
    return data, m


def pack(m):
    b = flatbuffers.Builder(4096)
    b.Finish(m.Pack(b), b"TFL3")
    return bytes(b.Output())


def add(name, want, data):
    CASES.append((name + ".tflite", want, data))


def edited(name, want, source="CONV_2D/odd.int8"):
    """Makes a case of a function that edits the model, its first subgraph and operator."""
    def wrap(edit):
        _, m = load(source)
        edit(m, m.subgraphs[0], m.subgraphs[0].operators[0])
        add(name, want, pack(m))
    return wrap


def patched(name, want, source="CONV_2D/odd.int8"):
    """Makes a case of a function that changes the bytes and may return others."""
    def wrap(edit):
        data, _ = load(source)
        b = bytearray(data)
        add(name, want, bytes(edit(b) or b))
    return wrap


def u32(b, at, v=None):
    if v is not None:
        b[at:at + 4] = int(v & 0xFFFFFFFF).to_bytes(4, "little")
    return int.from_bytes(b[at:at + 4], "little")


def root(b):
    return u32(b, 0)


def vtable(b, table):
    return table - int.from_bytes(b[table:table + 4], "little", signed=True)


def field(b, table, slot):
    """Where a field of a table is."""
    v = vtable(b, table)
    return table + int.from_bytes(b[v + 4 + 2 * slot:v + 6 + 2 * slot], "little")


def bytes_cases():
    add("empty", "malformed", b"")
    add("short", "malformed", b"\x1c\x00\x00\x00TF")
    patched("another_identifier", "malformed")(lambda b: b.__setitem__(slice(4, 8), b"TFL9"))
    patched("root_outside", "malformed")(lambda b: u32(b, 0, len(b)) and None)
    patched("root_unaligned", "malformed")(lambda b: u32(b, 0, root(b) + 1) and None)
    patched("vtable_outside", "malformed")(lambda b: u32(b, root(b), root(b) + 4) and None)
    patched("vtable_behind", "malformed")(lambda b: u32(b, root(b), -len(b)) and None)
    patched("half", "malformed")(lambda b: b[:len(b) // 2])
    patched("last_byte_missing", "malformed")(lambda b: b[:-4])

    @patched("vtable_odd", "malformed")
    def _(b):
        v = vtable(b, root(b))
        b[v] += 1

    @patched("vtable_longer_than_file", "malformed")
    def _(b):
        v = vtable(b, root(b))
        b[v:v + 2] = b"\xfe\xff"

    @patched("table_smaller_than_its_fields", "malformed")
    def _(b):
        v = vtable(b, root(b))
        b[v + 2:v + 4] = b"\x08\x00"

    @patched("vector_longer_than_file", "malformed")
    def _(b):
        at = field(b, root(b), 2)
        u32(b, at + u32(b, at), 0xFFFFFFFF)

    @patched("string_without_end", "malformed")
    def _(b):
        b[b.index(b"main\0") + 4] = 1


def model_cases():
    edited("version", "unsupported")(lambda m, g, o: setattr(m, "version", 4))
    edited("no_subgraph", "malformed")(lambda m, g, o: setattr(m, "subgraphs", []))
    edited("opcode_index", "malformed")(lambda m, g, o: setattr(o, "opcodeIndex", 7))
    edited("opcode_unknown", "unsupported")(lambda m, g, o: setattr(m.operatorCodes[0], "builtinCode", 250))
    edited("custom_without_name", "malformed")(lambda m, g, o: setattr(m.operatorCodes[0], "builtinCode", 32))
    edited("no_operator_codes", "malformed")(lambda m, g, o: setattr(m, "operatorCodes", None))

    @edited("metadata_buffer", "malformed")
    def _(m, g, o):
        m.metadata = [schema.MetadataT()]
        m.metadata[0].name, m.metadata[0].buffer = "labels", 99

    @edited("signature_subgraph", "malformed")
    def _(m, g, o):
        s = schema.SignatureDefT()
        s.signatureKey, s.subgraphIndex = "serving_default", 3
        m.signatureDefs = [s]

    @edited("signature_tensor", "malformed")
    def _(m, g, o):
        s, t = schema.SignatureDefT(), schema.TensorMapT()
        t.name, t.tensorIndex = "x", 1
        s.signatureKey, s.inputs = "serving_default", [t]
        m.signatureDefs = [s]

    @edited("runs_itself", "malformed")
    def _(m, g, o):
        m.operatorCodes[0].builtinCode = m.operatorCodes[0].deprecatedBuiltinCode = schema.BuiltinOperator.CALL
        o.builtinOptions, o.builtinOptionsType = schema.CallOptionsT(), schema.BuiltinOptions.CallOptions


def tensor_cases():
    def tensor(name, want, i, **fields):
        @edited(name, want)
        def _(m, g, o):
            for k, v in fields.items():
                setattr(g.tensors[i], k, v)

    def quantization(name, want, i, **fields):
        @edited(name, want)
        def _(m, g, o):
            for k, v in fields.items():
                setattr(g.tensors[i].quantization, k, v)

    tensor("buffer_index", "malformed", 1, buffer=99)
    tensor("type_unknown", "unsupported", 0, type=99)
    tensor("type_negative", "malformed", 0, type=-1)
    tensor("nine_dimensions", "unsupported", 0, shape=[1] * 9)
    tensor("negative_dimension", "malformed", 0, shape=[1, -7, 9, 5])
    tensor("huge", "unsupported", 0, shape=[2 ** 31 - 1] * 4)
    tensor("data_too_short", "malformed", 1, shape=[6, 3, 2, 9])
    tensor("data_too_long", "malformed", 1, shape=[6, 3, 2, 4])
    tensor("data_of_another_type", "malformed", 1, type=schema.TensorType.INT32)
    tensor("external_buffer", "unsupported", 1, externalBuffer=1)
    tensor("sparse", "unsupported", 1, sparsity=schema.SparsityParametersT())
    tensor("variable_with_data", "unsupported", 1, isVariable=True)
    tensor("signature_of_another_rank", "malformed", 0, shapeSignature=[-1, 7])
    quantization("zero_points_missing", "malformed", 1, zeroPoint=[0])
    quantization("scale_nan", "malformed", 0, scale=[float("nan")])
    quantization("scale_negative", "malformed", 0, scale=[-0.5])
    quantization("scales_of_no_dimension", "malformed", 1, scale=[0.5] * 4, zeroPoint=[0] * 4)
    quantization("quantized_dimension", "malformed", 1, quantizedDimension=4)
    quantization("blockwise", "unsupported", 1, details=schema.BlockwiseQuantizationT(),
                 detailsType=schema.QuantizationDetails.BlockwiseQuantization)


def operator_cases():
    def operator(name, want, source="CONV_2D/odd.int8", **fields):
        @edited(name, want, source)
        def _(m, g, o):
            for k, v in fields.items():
                setattr(o, k, v)

    operator("input_index", "malformed", inputs=[0, 1, 99])
    operator("input_minus_two", "malformed", inputs=[0, 1, -2])
    operator("input_is_its_output", "malformed", inputs=[3, 1, 2])
    operator("output_index", "malformed", outputs=[99])
    operator("output_left_out", "malformed", outputs=[-1])
    operator("output_is_a_constant", "malformed", outputs=[1])
    operator("output_is_the_input", "malformed", outputs=[0])
    operator("intermediate_index", "malformed", intermediates=[99])
    operator("options_of_another", "malformed", builtinOptionsType=schema.BuiltinOptions.Pool2DOptions)
    operator("options_of_the_second_union", "unsupported", builtinOptions2=schema.DilateOptionsT(),
             builtinOptions2Type=schema.BuiltinOptions2.DilateOptions)
    operator("filter_left_out", "any", inputs=[0, -1, 2])

    @edited("activation", "malformed")
    def _(m, g, o):
        o.builtinOptions.fusedActivationFunction = 99

    @edited("stride_zero", "any")
    def _(m, g, o):
        o.builtinOptions.strideW = 0

    @edited("order", "malformed", "CONV_2D/odd.fp16")
    def _(m, g, o):
        g.operators.reverse()

    @edited("written_twice", "malformed", "SVDF/odd.f32")
    def _(m, g, o):
        g.operators[1].outputs = o.outputs

    edited("graph_input_index", "malformed")(lambda m, g, o: setattr(g, "inputs", [99]))
    edited("graph_input_twice", "malformed")(lambda m, g, o: setattr(g, "inputs", [0, 0]))
    edited("graph_input_is_a_constant", "malformed")(lambda m, g, o: setattr(g, "inputs", [0, 1]))
    edited("graph_output_index", "malformed")(lambda m, g, o: setattr(g, "outputs", [-1]))

    @edited("graph_output_never_written", "malformed")
    def _(m, g, o):
        g.operators = []


TRY = """
import sys
from ai_edge_litert import interpreter as I
try:
    it = I.Interpreter(model_path=sys.argv[1], experimental_op_resolver_type=I.OpResolverType.BUILTIN_REF)
    it.allocate_tensors()
    it.invoke()
    print("ok")
except Exception as e:
    print((str(e).strip().splitlines() or ["error"])[-1][:160])
"""


def litert(data):
    with tempfile.NamedTemporaryFile(suffix=".tflite") as f:
        f.write(data)
        f.flush()
        try:
            r = subprocess.run([sys.executable, "-c", TRY, f.name], capture_output=True, text=True, timeout=60)
        except subprocess.TimeoutExpired:
            return "no answer within a minute"
    if r.returncode < 0:
        return "crashed, signal %d" % -r.returncode
    return (r.stdout.strip().splitlines() or ["error"])[-1]


def files(good):
    """Returns the files by path, from those of testdata/ops."""
    GOOD.update(good)
    CASES.clear()
    bytes_cases()
    model_cases()
    tensor_cases()
    operator_cases()
    rows = [json.dumps({"file": name, "want": want, "litert": litert(data)}) for name, want, data in CASES]
    out = {"testdata/malformed/" + name: data for name, _, data in CASES}
    out["testdata/malformed/cases.json"] = ("[\n" + ",\n".join(rows) + "\n]\n").encode()
    return out
