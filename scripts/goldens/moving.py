"""More operators that move, choose or reduce elements, and activations that seldom stand alone."""
import numpy as np

from elementwise import scale, zero
from shape import QUANTIZED, ints, value
from tfl import options

ALL = ("f32", "int8", "uint8", "int16", "int32", "int64", "bool")


def cuts(case, net_of):
    for name, shape, begin, size in [("tail", (4, 5, 3), (1, 0, 2), (2, -1, 1)), ("rank5", (2, 3, 1, 4, 2), (0, 1, 0, 1, 0), (-1, 2, 1, 2, 1))]:
        for mode in ALL:
            if mode in ("int32", "int64", "bool") and name != "tail":
                continue
            net = net_of("SLICE/%s.%s" % (name, mode))
            out = [d - b if n < 0 else n for d, b, n in zip(shape, begin, size)]
            x, y = value(net, mode, shape), value(net, mode, out, output=True)
            net.op("SLICE", [x, ints(net, *begin), ints(net, *size)], [y], options("SliceOptions"), {"int8": 2, "int16": 4, "bool": 3}.get(mode, 1))
            case(net)
    for name, shape, axis, n in [("last", (3, 8), -1, 4), ("middle", (2, 6, 3), 1, 2)]:
        for mode in ("f32", "int8", "uint8", "int16", "int32"):
            net = net_of("SPLIT/%s.%s" % (name, mode))
            out = list(shape)
            out[axis] //= n
            x = value(net, mode, shape)
            net.op("SPLIT", [net.const(np.array(axis, np.int32)), x], [value(net, mode, out, output=True) for _ in range(n)],
                   options("SplitOptions", numSplits=n), {"int8": 2, "int16": 4}.get(mode, 1))
            case(net)


def stacks(case, net_of):
    for name, shape, axis in [("first", (3, 4), 0), ("last", (2, 5), -1), ("scalar", (), 0)]:
        for mode in ("f32", "int8", "uint8", "int16", "int32", "int64"):
            if mode in ("int32", "int64") and name != "first":
                continue
            out = list(shape)
            out.insert(axis % (len(shape) + 1), 3)
            version = {"int8": 2, "uint8": 2, "int16": 3}.get(mode, 1)
            net = net_of("PACK/%s.%s" % (name, mode))
            xs = [value(net, mode, shape) for _ in range(3)]
            net.op("PACK", xs, [value(net, mode, out, output=True)], options("PackOptions", axis=axis, valuesCount=3), version)
            case(net)
            if mode == "int64":
                continue
            net = net_of("UNPACK/%s.%s" % (name, mode))
            x = value(net, mode, out)
            net.op("UNPACK", [x], [value(net, mode, shape, output=True) for _ in range(3)], options("UnpackOptions", axis=axis, num=3), {"int16": 4}.get(mode, version))
            case(net)


def gathers(case, net_of):
    for name, shape, index, axis, batch in [("middle", (2, 5, 3), (4,), 1, 0), ("matrix", (6, 3), (2, 2), 0, 0), ("batches", (2, 3, 5), (2, 4), 2, 1), ("scalar", (4, 3), (), -1, 0)]:
        for mode in ("f32", "int8", "uint8", "int16", "int32", "int64"):
            if mode in ("int32", "int64") and name != "matrix":
                continue
            net = net_of("GATHER/%s.%s" % (name, mode))
            a = axis % len(shape)
            out = list(shape[:a]) + list(index[batch:]) + list(shape[a + 1:])
            x = value(net, mode, shape)
            i = net.const(net.rng.integers(0, shape[a], index).astype(np.int64 if name == "middle" else np.int32))
            net.op("GATHER", [x, i], [value(net, mode, out, output=True)], options("GatherOptions", axis=axis, batchDims=batch), 5 if batch else {"int8": 2, "int16": 4}.get(mode, 1))
            case(net)


def renamed(case, net_of):
    """Operators that change nothing but the shape."""
    for mode in ("f32", "int8", "uint8", "int16", "int32"):
        net = net_of("SQUEEZE/all.%s" % mode)
        net.op("SQUEEZE", [value(net, mode, (1, 3, 1, 2))], [value(net, mode, (3, 2), output=True)], options("SqueezeOptions", squeezeDims=[]))
        case(net)
        net = net_of("EXPAND_DIMS/last.%s" % mode)
        net.op("EXPAND_DIMS", [value(net, mode, (3, 2)), net.const(np.array(-1, np.int32))], [value(net, mode, (3, 2, 1), output=True)], options("ExpandDimsOptions"))
        case(net)
    net = net_of("SQUEEZE/named.f32")
    net.op("SQUEEZE", [value(net, "f32", (1, 3, 1, 2))], [value(net, "f32", (1, 3, 2), output=True)], options("SqueezeOptions", squeezeDims=[-2]))
    case(net)


def pads_with(case, net_of):
    for mode in ("f32", "int8", "uint8", "int32", "int64"):
        net = net_of("PADV2/value.%s" % mode)
        q = (0.1, 17)
        x = value(net, mode, (2, 3, 2), q)
        kind = "float32" if mode == "f32" else mode
        v = net.const(np.array(99, kind), *((q[0], zero(mode, q[1])) if mode in QUANTIZED else ()))
        p = net.const(np.array([(1, 0), (0, 2), (2, 1)], np.int32))
        net.op("PADV2", [x, p, v], [value(net, mode, (3, 5, 5), q, True)], options("PadV2Options"), {"int8": 2}.get(mode, 1))
        case(net)


def extremes(case, net_of):
    for op in ("REDUCE_MAX", "REDUCE_MIN"):
        for name, shape, axes, keep in [("space", (2, 5, 3, 7), (1, 2), False), ("last", (3, 4, 19), (-1,), True), ("all", (3, 5, 2), (0, 1, 2), False)]:
            for mode in ("f32", "int8", "uint8", "int16", "int32", "int64"):
                if mode in ("int32", "int64") and name != "last":
                    continue
                net = net_of("%s/%s.%s" % (op, name, mode))
                axis = {a % len(shape) for a in axes}
                out = [1 if i in axis else d for i, d in enumerate(shape) if keep or i not in axis]
                q = (0.02, -60)
                x, y = value(net, mode, shape, q), value(net, mode, out, q, True)
                net.op(op, [x, ints(net, *axes)], [y], options("ReducerOptions", keepDims=keep), {"int8": 2, "int16": 3}.get(mode, 1))
                case(net)


def activations(case, net_of):
    for op, modes in (("RELU_N1_TO_1", ("f32", "int8", "uint8")), ("HARD_SWISH", ("f32", "int8", "uint8")), ("EXP", ("f32", "int8", "int16"))):
        for name, shape, where, reach in (("odd", (1, 3, 5, 7), 9, 4.0), ("ends", (2, 61), "low", 9.0)):
            for mode in modes:
                net = net_of("%s/%s.%s" % (op, name, mode))
                if mode == "f32":
                    x, y = net.input("float32", shape, low=-9, high=9), net.output("float32", shape)
                else:
                    x = net.input(mode, shape, scale(mode, reach), zero(mode, where))
                    grow = {"RELU_N1_TO_1": 0.3, "HARD_SWISH": 0.8, "EXP": np.exp(reach / 1.2) / reach}[op]
                    y = net.output(mode, shape, scale(mode, reach * grow), zero(mode, -40))
                net.op(op, [x], [y], options("HardSwishOptions") if op == "HARD_SWISH" else None, 1)
                case(net)


FAMILIES = (cuts, stacks, gathers, renamed, pads_with, extremes, activations)
