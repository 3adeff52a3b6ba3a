"""Operators that move elements, and those that reduce or pool them."""
import numpy as np

import answers
from elementwise import scale, zero
from tfl import NONE, RELU, RELU6, SAME, VALID, options
from conv import window

QUANTIZED = ("int8", "uint8", "int16")


def value(net, mode, shape, q=(0.05, 3), output=False):
    """An input or output of a type that is only moved."""
    add = net.output if output else net.input
    if mode == "f32":
        return add("float32", shape)
    if mode in QUANTIZED:
        return add(mode, shape, q[0], zero(mode, q[1]))
    return add(mode, shape)


def ints(net, *values, kind=np.int32):
    return net.const(np.array(values, kind))


def pools(case, net_of):
    for name, shape, k, s, pad, act, where in [
        ("odd", (1, 7, 9, 5), (3, 2), (2, 3), SAME, NONE, 7), ("whole", (2, 5, 4, 17), (5, 4), (1, 1), VALID, RELU, "low"),
        ("border", (1, 6, 5, 3), (2, 3), (1, 1), SAME, RELU6, -60),
    ]:
        for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
            for mode in ("f32", "int8", "uint8", "int16"):
                net = net_of("%s/%s.%s" % (op, name, mode))
                q = (scale("int16" if mode == "int16" else "int8", 8.0), where)
                n, h, w, c = shape
                out = (n, window(h, k[0], s[0], 1, pad), window(w, k[1], s[1], 1, pad), c)
                x, y = value(net, mode, shape, q), value(net, mode, out, q, True)
                o = options("Pool2DOptions", padding=pad, strideH=s[0], strideW=s[1], filterHeight=k[0], filterWidth=k[1], fusedActivationFunction=act)
                net.op(op, [x], [y], o, {"int8": 2, "int16": 3}.get(mode, 1))
                case(net)


def concatenations(case, net_of):
    for name, shapes, axis in [("axis1", [(2, 3, 4), (2, 1, 4), (2, 5, 4)], 1), ("last", [(3, 5), (3, 2)], -1), ("first", [(1, 7), (4, 7), (2, 7)], 0)]:
        for mode in ("f32", "int8", "uint8", "int16", "int32", "int64", "bool"):
            if mode in ("int32", "int64", "bool") and name != "last":
                continue
            net = net_of("CONCATENATION/%s.%s" % (name, mode))
            out = list(shapes[0])
            out[axis] = sum(s[axis] for s in shapes)
            xs = [value(net, mode, s) for s in shapes]
            if mode == "uint8" and name == "axis1":  # inputs of other scales are requantized, uint8 only
                for i, x in enumerate(xs[1:]):
                    net.graph.tensors[x].quantization.scale = [float(np.float32(0.03 * (i + 1)))]
                    net.graph.tensors[x].quantization.zeroPoint = [100 + i]
            net.op("CONCATENATION", xs, [value(net, mode, out, output=True)], options("ConcatenationOptions", axis=axis), {"int8": 2, "int16": 3}.get(mode, 1))
            case(net)


def means(case, net_of):
    for op in ("MEAN", "SUM"):
        for name, shape, axes, keep in [
            ("space", (2, 5, 3, 7), (1, 2), False), ("kept", (2, 5, 3, 7), (2, 1), True), ("last", (3, 4, 19), (-1,), False),
            ("first", (6, 5), (0,), True), ("all", (3, 5, 2), (0, 1, 2), False), ("same", (2, 3, 4, 5), (-1, 3, 1), False),
        ]:
            for mode in ("f32", "int8", "uint8", "int16", "int32"):
                if mode == "int32" and name not in ("last", "all") or op == "SUM" and mode == "int16":
                    continue
                # LiteRT 2.3.0's reference reads quantized SUM as uint8; its optimised kernels give the exact sum.
                prefer = answers.OPTIMISED if op == "SUM" and mode == "int8" else None
                net = net_of("%s/%s.%s" % (op, name, mode))
                where = {-1: 3}.get(axes[0], -60)
                if mode in QUANTIZED:
                    x = net.input(mode, shape, scale(mode, 2.0), zero(mode, where))
                elif mode == "int32":
                    x = net.input(mode, shape, low=-9999, high=9999)
                else:
                    x = net.input("float32", shape, low=-5, high=5)
                axis = {a % len(shape) for a in axes}
                out = [1 if i in axis else d for i, d in enumerate(shape) if keep or i not in axis]
                if mode in QUANTIZED:
                    same = name == "same"
                    y = net.output(mode, out, scale(mode, 2.0 if same else 1.1 if op == "MEAN" else 40.0), zero(mode, where if same else 20))
                else:
                    y = net.output("float32" if mode == "f32" else mode, out)
                net.op(op, [x, ints(net, *axes)], [y], options("ReducerOptions", keepDims=keep), {"int8": 2, "int16": 3}.get(mode, 1))
                case(net, prefer)


def pads(case, net_of):
    for name, shape, before_after in [
        ("image", (1, 3, 4, 2), [(0, 0), (1, 2), (3, 0), (0, 0)]), ("all", (2, 3, 2), [(1, 0), (0, 2), (2, 1)]), ("rank5", (1, 2, 1, 3, 2), [(0, 1), (1, 0), (0, 0), (2, 2), (0, 1)]),
    ]:
        for mode in ("f32", "int8", "uint8", "int16", "int32", "int64", "bool"):
            if mode in ("int32", "int64", "bool") and name != "all":
                continue
            net = net_of("PAD/%s.%s" % (name, mode))
            q = (0.1, {"image": "low", "all": 17, "rank5": "high"}[name])
            out = [d + a + b for d, (a, b) in zip(shape, before_after)]
            p = net.const(np.array(before_after, np.int64 if name == "rank5" else np.int32))
            net.op("PAD", [value(net, mode, shape, q), p], [value(net, mode, out, q, True)], options("PadOptions"), {"int8": 2, "int16": 3}.get(mode, 1))
            case(net)


def reshapes(case, net_of):
    for mode in ("f32", "int8", "uint8", "int16", "int32", "int64", "bool"):
        net = net_of("RESHAPE/tensor.%s" % mode)
        net.op("RESHAPE", [value(net, mode, (2, 3, 4)), ints(net, 4, 6)], [value(net, mode, (4, 6), output=True)], options("ReshapeOptions", newShape=[4, 6]))
        case(net)
    net = net_of("RESHAPE/inferred.f32")
    net.op("RESHAPE", [value(net, "f32", (2, 3, 4)), ints(net, 3, -1, 1)], [value(net, "f32", (3, 8, 1), output=True)])
    case(net)
    net = net_of("RESHAPE/option.f32")
    net.op("RESHAPE", [value(net, "f32", (2, 3, 4))], [value(net, "f32", (12, 2), output=True)], options("ReshapeOptions", newShape=[-1, 2]))
    case(net)
    net = net_of("RESHAPE/scalar.int8")
    net.op("RESHAPE", [value(net, "int8", (1, 1)), net.const(np.array([], np.int32))], [value(net, "int8", (), output=True)])
    case(net)


def softmaxes(case, net_of):
    for name, shape, beta, s, where in [("odd", (3, 11), 1.0, 0.1, 9), ("sharp", (1, 2, 3, 5), 2.5, 0.07, "low"), ("vector", (35,), 0.3, 0.2, "high")]:
        for mode in ("f32", "int8", "uint8", "int16", "int8_int16"):
            net = net_of("SOFTMAX/%s.%s" % (name, mode))
            if mode == "f32":
                x, y = net.input("float32", shape, low=-8, high=8), net.output("float32", shape)
            else:
                kind, out = mode.split("_") if "_" in mode else (mode, mode)
                x = net.input(kind, shape, s / 256 if kind == "int16" else s, zero(kind, where))
                y = net.output(out, shape, *{"int8": (1 / 256, -128), "uint8": (1 / 256, 0), "int16": (1 / 32768, 0)}[out])
            net.op("SOFTMAX", [x], [y], options("SoftmaxOptions", beta=beta), {"f32": 1, "uint8": 1, "int16": 3}.get(mode, 2))
            case(net)


SLICES = [
    # name, shape, begin, end, strides, masks (begin, end, ellipsis, new axis, shrink axis), result's shape
    ("plain", (5, 7), (1, 2), (4, 7), (1, 2), (0, 0, 0, 0, 0), (3, 3)),
    ("reverse", (4, 5, 3), (-1, 4, 0), (-5, 0, 3), (-1, -2, 1), (0, 0, 0, 0, 0), (4, 2, 3)),
    ("masks", (4, 5, 3), (9, 1, 9), (9, 4, 9), (2, 1, 1), (5, 5, 0, 0, 0), (2, 3, 3)),
    ("shrink", (4, 5, 3), (-2, 1, 0), (-1, 2, 3), (1, 1, 1), (0, 0, 0, 0, 3), (3,)),
    ("ellipsis", (2, 3, 4, 5), (1, 0, 1), (2, 0, 4), (1, 1, 2), (0, 0, 2, 0, 1), (3, 4, 2)),
    ("newaxis", (4, 5), (0, 1, 0), (0, 3, 4), (1, 1, 1), (0, 4, 0, 1, 0), (1, 2, 5)),
    ("clamped", (4, 5), (-90, 3), (90, 90), (1, 1), (0, 0, 0, 0, 0), (4, 2)),
]


def strided_slices(case, net_of):
    for name, shape, begin, end, strides, masks, out in SLICES:
        for mode in ("f32", "int8", "uint8", "int16", "int32", "int64", "bool"):
            if mode in ("uint8", "int32", "int64", "bool") and name != "masks":
                continue
            net = net_of("STRIDED_SLICE/%s.%s" % (name, mode))
            o = options("StridedSliceOptions", beginMask=masks[0], endMask=masks[1], ellipsisMask=masks[2], newAxisMask=masks[3], shrinkAxisMask=masks[4])
            x, y = value(net, mode, shape), value(net, mode, out, output=True)
            net.op("STRIDED_SLICE", [x, ints(net, *begin), ints(net, *end), ints(net, *strides)], [y], o, {"int8": 2, "int16": 4, "bool": 3}.get(mode, 1))
            case(net)
    net = net_of("STRIDED_SLICE/offset.f32")
    o = options("StridedSliceOptions", offset=True)
    net.op("STRIDED_SLICE", [value(net, "f32", (5, 7)), ints(net, 1, 2), ints(net, 3, 4), ints(net, 1, 2)], [value(net, "f32", (3, 2), output=True)], o)
    case(net)


def transposes(case, net_of):
    for name, shape, perm in [("swap", (5, 3), (1, 0)), ("image", (2, 3, 4, 5), (0, 3, 1, 2)), ("rank6", (2, 1, 3, 2, 2, 3), (5, 3, 0, 4, 1, 2)), ("kept", (3, 4, 5), (0, 1, 2))]:
        for mode in ("f32", "int8", "uint8", "int16", "int32", "int64", "bool"):
            if mode in ("int32", "int64", "bool") and name != "image":
                continue
            net = net_of("TRANSPOSE/%s.%s" % (name, mode))
            x, y = value(net, mode, shape), value(net, mode, [shape[p] for p in perm], output=True)
            net.op("TRANSPOSE", [x, ints(net, *perm)], [y], options("TransposeOptions"), {"int8": 2, "int16": 4}.get(mode, 5 if len(perm) > 5 else 1))
            case(net)


FAMILIES = (pools, concatenations, means, pads, reshapes, softmaxes, strided_slices, transposes)
