"""Operators that take elements one by one: arithmetic, activations, CAST, QUANTIZE, DEQUANTIZE."""
import numpy as np

from tfl import NONE, RELU, RELU6, RELU_N1_TO_1, TYPES, options

FULL = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767)}


def zero(kind, where):
    """A zero point: low, high, or a number that is given for int8."""
    if kind == "int16":
        return 0
    if where in ("low", "high"):
        return FULL[kind][where == "high"]
    return where + (128 if kind == "uint8" else 0)


def scale(kind, reach):
    """The scale with which a type runs over about -reach to reach."""
    low, high = FULL[kind]
    return np.float32(2 * reach / (high - low))


def broadcast(a, b):
    return np.broadcast_shapes(a, b)


PAIRS = [
    # name, shapes, activation, zero points of inputs and output, reach of inputs and output
    ("same", (1, 5, 3, 7), (1, 5, 3, 7), NONE, (-128, 5, -20), (1.0, 1.7, 2.2)),
    ("row", (3, 2, 5), (5,), RELU, ("low", 5, "low"), (0.7, 3.0, 2.0)),
    ("both", (4, 1, 3), (2, 1, 5, 1), NONE, (3, -77, "high"), (2.0, 0.1, 1.5)),
    ("scalar", (), (3, 17), RELU_N1_TO_1, (10, 20, 30), (1.0, 1.0, 1.3)),
    ("rank5", (2, 1, 3, 1, 2), (1, 2, 3, 2, 1), RELU6, (-4, 90, "low"), (4.0, 5.0, 4.0)),
]


def arithmetic(case, net_of):
    for op, table, modes in [
        ("ADD", "AddOptions", ("f32", "int8", "uint8", "int16", "int32", "int64")),
        ("SUB", "SubOptions", ("f32", "int8", "uint8", "int16", "int32", "int64")),
        ("MUL", "MulOptions", ("f32", "int8", "uint8", "int16", "int32", "int64")),
        ("DIV", "DivOptions", ("f32", "uint8", "int32")),
        ("MAXIMUM", None, ("f32", "int8", "uint8", "int16", "int32", "int64")),
        ("MINIMUM", None, ("f32", "int8", "uint8", "int16", "int32", "int64")),
    ]:
        for name, sa, sb, act, zeros, reach in PAIRS:
            for mode in modes:
                if mode in ("int32", "int64") and (name not in ("same", "both") or act):
                    continue
                if mode == "uint8" and name in ("scalar", "rank5"):
                    continue
                net = net_of("%s/%s.%s" % (op, name, mode))
                out = broadcast(sa, sb)
                if mode == "f32":
                    x = net.input("float32", sa, low=-7, high=7)
                    y = net.input("float32", sb, low=0.5 if op == "DIV" else -7, high=7)
                    z = net.output("float32", out)
                elif mode in ("int32", "int64"):
                    x = net.input(mode, sa, low=-100000, high=100000)
                    y = net.input(mode, sb, low=1 if op == "DIV" else -100000, high=900 if op == "DIV" else 100000)
                    z = net.output(mode, out)
                else:
                    if table is None:  # these take and give one quantization
                        zeros, reach = (zeros[0],) * 3, (reach[0],) * 3
                    q = [(scale(mode, r), zero(mode, w)) for r, w in zip(reach, zeros)]
                    if op == "DIV":
                        q[1] = (q[1][0], 2)  # no divisor is zero, see below
                        q[2] = (np.float32(q[0][0] / q[1][0] / 20), q[2][1])
                    x = net.input(mode, sa, *q[0])
                    y = net.input(mode, sb, *q[1], low=3 if op == "DIV" else None, high=255)
                    z = net.output(mode, out, *q[2])
                o = None
                if table:
                    o = options(table, fusedActivationFunction=act)
                    if op in ("ADD", "SUB"):
                        o.potScaleInt16 = False
                net.op(op, [x, y], [z], o, {"int8": 2, "int16": {"ADD": 4, "SUB": 5}.get(op, 4)}.get(mode, 1))
                case(net)
    # 16-bit sums whose scales are powers of two take another way through LiteRT.
    for op, table in (("ADD", "AddOptions"), ("SUB", "SubOptions")):
        for name, shifts in (("pot_left", (-12, -15, -12)), ("pot_right", (-15, -11, -11))):
            net = net_of("%s/%s.int16" % (op, name))
            x, y = (net.input("int16", (2, 33), 2.0 ** s, 0) for s in shifts[:2])
            z = net.output("int16", (2, 33), 2.0 ** shifts[2], 0)
            net.op(op, [x, y], [z], options(table, potScaleInt16=True), 2)
            case(net)
    # An operand that is a constant.
    for op, table in (("ADD", "AddOptions"), ("MUL", "MulOptions"), ("SUB", "SubOptions")):
        net = net_of("%s/const.int8" % op)
        x = net.input("int8", (2, 3, 5), 0.02, -5)
        c = net.const(net.rng.integers(-128, 128, (3, 1)).astype(np.int8), 0.013, 11)
        z = net.output("int8", (2, 3, 5), 0.018, 2)
        net.op(op, [c, x], [z], options(table), 2)
        case(net)


def activations(case, net_of):
    for op in ("RELU", "RELU6", "LOGISTIC", "TANH", "LEAKY_RELU"):
        for name, shape, where, reach in (("odd", (1, 3, 5, 7), 9, 8.0), ("ends", (2, 31), "low", 4.0), ("scalar", (), "high", 7.0)):
            for mode in ("f32", "int8", "uint8", "int16"):
                if name == "scalar" and mode == "uint8":
                    continue
                net = net_of("%s/%s.%s" % (op, name, mode))
                if mode == "f32":
                    x, y = net.input("float32", shape, low=-9, high=9), net.output("float32", shape)
                else:
                    x = net.input(mode, shape, scale(mode, reach), zero(mode, where))
                    if op == "LOGISTIC":
                        out = {"int8": (1 / 256, -128), "uint8": (1 / 256, 0), "int16": (1 / 32768, 0)}[mode]
                    elif op == "TANH":
                        out = {"int8": (1 / 128, 0), "uint8": (1 / 128, 128), "int16": (1 / 32768, 0)}[mode]
                    else:
                        out = (scale(mode, reach * 0.7), zero(mode, "low" if name == "odd" else -30))
                    y = net.output(mode, shape, *out)
                o = options("LeakyReluOptions", alpha=0.13 if name == "odd" else 1.3 if name == "ends" else -0.5) if op == "LEAKY_RELU" else None
                net.op(op, [x], [y], o, {"int8": 2, "int16": 3 if op in ("LOGISTIC", "TANH") else 2}.get(mode, 1))
                case(net)


def casts(case, net_of):
    for a, b, low, high in [
        ("float32", "int32", -70, 70), ("float32", "uint8", 0, 255), ("float32", "int8", -128, 127), ("float32", "bool", -1.5, 1.5),
        ("float32", "int16", -32000, 32000), ("float32", "int64", -1e6, 1e6), ("float32", "float16", -9, 9), ("float16", "float32", -9, 9),
        ("int32", "float32", -99999, 99999), ("int32", "int8", -1000, 1000), ("int32", "bool", -1, 1), ("int64", "int32", -99999, 99999),
        ("int64", "float32", -99999, 99999), ("int8", "float32", -128, 127), ("int8", "int32", -128, 127), ("uint8", "float32", 0, 255),
        ("uint8", "int32", 0, 255), ("int16", "float32", -32768, 32767), ("bool", "float32", 0, 1), ("bool", "int32", 0, 1),
    ]:
        net = net_of("CAST/%s.%s" % (a, b))
        x, y = net.input(a, (2, 3, 5), low=low, high=high), net.output(b, (2, 3, 5))
        net.op("CAST", [x], [y], options("CastOptions", inDataType=TYPES[a], outDataType=TYPES[b]))
        case(net)


def quantizes(case, net_of):
    for mode, s, z in (("int8", 0.031, -7), ("uint8", 0.05, 255), ("int16", 0.0003, 0)):
        net = net_of("QUANTIZE/float32.%s" % mode)
        net.op("QUANTIZE", [net.input("float32", (3, 41), low=-9, high=9)], [net.output(mode, (3, 41), s, z)], options("QuantizeOptions"), 1)
        case(net)
        net = net_of("DEQUANTIZE/%s.float32" % mode)
        net.op("DEQUANTIZE", [net.input(mode, (3, 41), s, z)], [net.output("float32", (3, 41))], options("DequantizeOptions"), 2)
        case(net)
    net = net_of("DEQUANTIZE/float16.float32")
    net.op("DEQUANTIZE", [net.input("float16", (3, 41), low=-9, high=9)], [net.output("float32", (3, 41))], options("DequantizeOptions"), 3)
    case(net)
    for name, a, b in [
        ("narrower", ("int8", 0.04, -100), ("int8", 0.01, 60)), ("wider", ("int8", 0.09, 127), ("int8", 0.5, 127)),
        ("shift", ("int8", 0.1, -3), ("uint8", 0.1, 125)), ("unshift", ("uint8", 0.1, 125), ("int8", 0.1, -3)),
        ("other", ("uint8", 0.02, 0), ("int8", 0.03, 5)), ("down", ("int16", 0.0002, 0), ("int8", 0.04, 9)),
        ("up", ("int8", 0.04, 9), ("int16", 0.0002, 0)), ("half", ("int16", 0.0002, 0), ("int16", 0.00013, 0)),
        ("wide", ("int32", 0.000007, 0), ("int8", 0.05, 2)), ("long", ("int16", 0.0002, 0), ("int32", 0.000001, 0)),
    ]:
        net = net_of("QUANTIZE/%s.%s_%s" % (name, a[0], b[0]))
        bounds = {"low": -900000, "high": 900000} if a[0] == "int32" else {}
        x, y = net.input(a[0], (2, 5, 13), *a[1:], **bounds), net.output(b[0], (2, 5, 13), *b[1:])
        net.op("QUANTIZE", [x], [y], options("QuantizeOptions"), 2)
        case(net)


FAMILIES = (arithmetic, activations, casts, quantizes)
