"""Operators with weights: CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, TRANSPOSE_CONV.

Modes: f32; int8 (weights quantized by channel); int8pt (by tensor); uint8 (as TensorFlow 1 quantized); int16 (16x8,
64-bit bias); int16b32 (16x8, 32-bit bias); dyn (float activations, int8 weights); dynpt (by tensor); fp16 (half-precision
weights, dequantized first).
"""
import numpy as np

from tfl import NONE, RELU, RELU6, RELU_N1_TO_1, SAME, VALID, TYPES, options

FULL = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767)}
INTEGER = ("int8", "int8pt", "uint8", "int16", "int16b32")


def act_type(mode):
    return {"int8pt": "int8", "int16b32": "int16"}.get(mode, mode if mode in INTEGER else "float32")


class Weighted:
    """The quantization of one weighted layer: input, weights with their channels along dim, bias, output."""

    def __init__(self, net, mode, shape, dim, taps, zeros, act=NONE):
        self.net, self.mode, self.dim = net, mode, dim
        rng = net.rng
        channels = shape[dim]
        self.kind = act_type(mode)
        if mode in ("f32", "fp16"):
            self.weights = (rng.standard_normal(shape) * 0.4).astype(np.float32)
            self.bias_values = rng.standard_normal(channels).astype(np.float32)
            return
        per_tensor = mode in ("int8pt", "uint8", "dynpt")
        n = 1 if per_tensor else channels
        self.wscale = np.exp(rng.uniform(np.log(0.004), np.log(0.02), n)).astype(np.float32)
        if mode == "uint8":
            self.wzero = int(zeros[2])
            self.weights = rng.integers(0, 256, shape).astype(np.uint8)
            self.weights.flat[0], self.weights.flat[-1] = 0, 255
        else:
            self.wzero = 0
            self.weights = rng.integers(-127, 128, shape).astype(np.int8)
            self.weights.flat[0] = 127
        if mode not in INTEGER:
            self.bias_values = rng.standard_normal(channels).astype(np.float32)
            return
        low, high = FULL[self.kind]
        self.izero, self.ozero = (0, 0) if self.kind == "int16" else zeros[:2]
        self.iscale = np.float32(rng.uniform(0.8, 2.5) / (high - low))
        # The accumulator's mean and deviation, from those of inputs and weights, each even over its range. Outputs
        # spread over three deviations to each side, so that some saturate; the bias puts their middle in place.
        mx, vx = (low + high) / 2 - self.izero, (high - low) ** 2 / 12
        mw, vw = (127.5 - self.wzero, 255 ** 2 / 12) if mode == "uint8" else (0, 254 ** 2 / 12)
        mean, acc = taps * mx * mw, np.sqrt(taps * (vx * vw + vx * mw ** 2 + mx ** 2 * vw))
        if act in (RELU6, RELU_N1_TO_1):  # outputs reach somewhat further than the activation lets through
            self.iscale = np.float32({RELU6: 11, RELU_N1_TO_1: 4}[act] / (6 * acc * self.wscale.mean()))
        self.oscale = np.float32(6 * acc * self.iscale * self.wscale.mean() / (high - low))
        self.bscale = np.float32(self.iscale * self.wscale)
        middle = (low + rng.uniform(0.3, 0.6) * (high - low) - self.ozero) * self.oscale / self.bscale - mean
        self.bias_values = np.int64(middle + rng.normal(0, acc / 2, channels))

    def input(self, shape):
        if self.mode in INTEGER:
            return self.net.input(self.kind, shape, self.iscale, self.izero)
        return self.net.input("float32", shape, low=-2, high=2)

    def output(self, shape):
        if self.mode in INTEGER:
            return self.net.output(self.kind, shape, self.oscale, self.ozero)
        return self.net.output("float32", shape)

    def filter(self):
        if self.mode == "f32":
            return self.net.const(self.weights)
        if self.mode == "fp16":
            half = self.net.const(self.weights.astype(np.float16))
            full = self.net.tensor("float32", self.weights.shape)
            self.net.op("DEQUANTIZE", [half], [full], options("DequantizeOptions"), 3)
            return full
        return self.net.const(self.weights, self.wscale, self.wzero, self.dim)

    def bias(self):
        if self.mode not in INTEGER:
            return self.net.const(self.bias_values)
        kind = np.int64 if self.mode == "int16" else np.int32
        return self.net.const(self.bias_values.astype(kind), self.bscale, 0)

    def bias_type(self):
        """The field quantized_bias_type: only 16x8 with a 32-bit bias says it."""
        return {"int16b32": TYPES["int32"], "int16": TYPES["int64"]}.get(self.mode, 0)


def window(size, kernel, stride, dilation, padding):
    effective = (kernel - 1) * dilation + 1
    return -(-size // stride) if padding == SAME else -(-(size - effective + 1) // stride)


ALL = ("f32", "int8", "int8pt", "uint8", "int16", "int16b32", "dyn", "dynpt", "fp16")

# name, input NHWC, kernel HW, output channels, stride HW, padding, dilation HW, activation, groups, zero points of
# input, output and uint8 weights (the first two for int8: uint8 adds 128), modes
CONVS = [
    ("odd", (1, 7, 9, 5), (3, 2), 6, (2, 1), SAME, (1, 1), RELU, 1, (-128, -128, 120), ALL),
    ("dilated", (2, 9, 8, 3), (3, 3), 4, (1, 1), VALID, (2, 3), NONE, 1, (127, 3, 255), ("f32", "int8", "uint8", "int16")),
    ("pointwise", (1, 5, 3, 19), (1, 1), 11, (1, 1), SAME, (1, 1), RELU6, 1, (5, -128, 0), ALL),
    ("wide", (2, 4, 17, 2), (2, 5), 3, (3, 2), SAME, (1, 1), RELU_N1_TO_1, 1, (-7, 9, 131), ("f32", "int8", "uint8", "int16", "dyn")),
    ("grouped", (1, 6, 5, 6), (3, 3), 4, (1, 2), SAME, (1, 1), NONE, 2, (11, -4, 0), ("f32", "int8")),
    ("samedilated", (1, 8, 11, 4), (3, 2), 9, (1, 1), SAME, (3, 2), NONE, 1, (-60, 127, 99), ("f32", "int8", "uint8")),
]

VERSIONS = {"f32": 1, "fp16": 1, "int8": 3, "int8pt": 3, "uint8": 1, "int16": 4, "int16b32": 8, "dyn": 5, "dynpt": 5}


def shifted(mode, zeros):
    return (zeros[0] + 128, zeros[1] + 128, zeros[2]) if mode == "uint8" else zeros


def conv_2d(case, net_of):
    for name, shape, k, co, s, pad, d, act, groups, zeros, modes in CONVS:
        n, h, w, ci = shape
        for mode in modes:
            net = net_of("CONV_2D/%s.%s" % (name, mode))
            q = Weighted(net, mode, (co, *k, ci // groups), 0, k[0] * k[1] * ci // groups, shifted(mode, zeros), act)
            ins = [q.input(shape), q.filter(), q.bias()]
            y = q.output((n, window(h, k[0], s[0], d[0], pad), window(w, k[1], s[1], d[1], pad), co))
            o = options("Conv2DOptions", padding=pad, strideH=s[0], strideW=s[1], dilationHFactor=d[0], dilationWFactor=d[1],
                        fusedActivationFunction=act, quantizedBiasType=q.bias_type())
            net.op("CONV_2D", ins, [y], o, VERSIONS[mode])
            case(net)


DEPTHWISE = [
    ("odd", (1, 7, 9, 5), (3, 2), 1, (2, 2), SAME, (1, 1), RELU, True, (-128, -128, 120),
     ("f32", "int8", "int8pt", "uint8", "int16", "dyn", "fp16")),
    ("multiplier", (2, 6, 5, 3), (2, 3), 3, (1, 1), VALID, (1, 1), NONE, True, (127, 9, 255), ("f32", "int8", "uint8", "int16", "dyn")),
    ("dilated", (1, 9, 10, 17), (3, 3), 1, (1, 1), SAME, (2, 2), RELU6, True, (4, -128, 0), ("f32", "int8", "uint8", "int16")),
    ("one_channel", (1, 8, 6, 1), (5, 3), 8, (2, 2), SAME, (1, 1), RELU_N1_TO_1, True, (-3, 70, 128), ("f32", "int8", "int8pt", "uint8")),
    ("nobias", (1, 5, 4, 16), (3, 3), 1, (1, 1), SAME, (1, 1), NONE, False, (-1, 1, 77), ("f32", "int8", "uint8", "int16")),
]


def depthwise_conv_2d(case, net_of):
    for name, shape, k, m, s, pad, d, act, bias, zeros, modes in DEPTHWISE:
        n, h, w, ci = shape
        for mode in modes:
            net = net_of("DEPTHWISE_CONV_2D/%s.%s" % (name, mode))
            q = Weighted(net, mode, (1, *k, ci * m), 3, k[0] * k[1], shifted(mode, zeros), act)
            x, f = q.input(shape), q.filter()
            ins = [x, f] + ([q.bias()] if bias else [])
            y = q.output((n, window(h, k[0], s[0], d[0], pad), window(w, k[1], s[1], d[1], pad), ci * m))
            o = options("DepthwiseConv2DOptions", padding=pad, strideH=s[0], strideW=s[1], dilationHFactor=d[0],
                        dilationWFactor=d[1], depthMultiplier=m, fusedActivationFunction=act)
            net.op("DEPTHWISE_CONV_2D", ins, [y], o, {"int8": 3, "int8pt": 3, "int16": 5, "dyn": 6}.get(mode, 2))
            case(net)


DENSE = [
    # name, input shape, units, activation, bias, keep_num_dims, asymmetric inputs (of dyn), zero points, modes
    ("odd", (3, 21), 13, RELU, True, False, False, (-128, -128, 120), ALL),
    ("long", (1, 300), 7, NONE, True, False, True, (127, -5, 255), ("f32", "int8", "uint8", "int16", "dyn", "dynpt")),
    ("nobias", (5, 8), 33, RELU6, False, False, True, (6, -128, 3), ("f32", "int8", "int8pt", "uint8", "int16", "dyn")),
    ("rank4", (2, 1, 3, 10), 4, NONE, True, True, False, (-9, 40, 128), ("f32", "int8", "uint8")),
    ("flatten", (2, 3, 4), 6, RELU_N1_TO_1, True, False, False, (0, 0, 128), ("f32", "int8")),
]


def fully_connected(case, net_of):
    for name, shape, units, act, bias, keep, asymmetric, zeros, modes in DENSE:
        for mode in modes:
            net = net_of("FULLY_CONNECTED/%s.%s" % (name, mode))
            depth = int(np.prod(shape)) // shape[0] if name == "flatten" else shape[-1]
            q = Weighted(net, mode, (units, depth), 0, depth, shifted(mode, zeros), act)
            x, f = q.input(shape), q.filter()
            b = q.bias() if bias else -1
            y = q.output((*shape[:-1], units) if keep else (int(np.prod(shape)) // depth, units))
            o = options("FullyConnectedOptions", fusedActivationFunction=act, keepNumDims=keep,
                        asymmetricQuantizeInputs=asymmetric and mode.startswith("dyn"), quantizedBiasType=q.bias_type())
            net.op("FULLY_CONNECTED", [x, f, b], [y], o,
                   {"int8": 12, "int8pt": 5, "int16": 7, "int16b32": 11, "dyn": 12, "dynpt": 9}.get(mode, 5 if keep else 1))
            case(net)


TRANSPOSED = [
    ("odd", (1, 4, 5, 3), (3, 2), 5, (2, 3), SAME, True, NONE, (-128, 3, 120), ("f32", "int8", "int8pt", "uint8", "int16", "int16b32", "fp16")),
    ("valid", (2, 3, 2, 4), (2, 4), 3, (1, 2), VALID, False, NONE, (127, -30, 255), ("f32", "int8", "uint8", "int16")),
    ("relu", (1, 5, 1, 7), (4, 1), 2, (4, 1), VALID, True, RELU, (2, -128, 0), ("f32", "int8", "uint8", "int16")),
]


def transpose_conv(case, net_of):
    for name, shape, k, co, s, pad, bias, act, zeros, modes in TRANSPOSED:
        n, h, w, ci = shape
        for mode in modes:
            net = net_of("TRANSPOSE_CONV/%s.%s" % (name, mode))
            q = Weighted(net, mode, (co, *k, ci), 0, max(1, k[0] * k[1] // (s[0] * s[1])) * ci, shifted(mode, zeros), act)
            out = (n, h * s[0], w * s[1], co) if pad == SAME else (n, (h - 1) * s[0] + k[0], (w - 1) * s[1] + k[1], co)
            size = net.const(np.array(out, np.int32))
            x, f = q.input(shape), q.filter()
            ins = [size, f, x] + ([q.bias()] if bias else [])
            o = options("TransposeConvOptions", padding=pad, strideH=s[0], strideW=s[1], fusedActivationFunction=act,
                        quantizedBiasType=q.bias_type())
            net.op("TRANSPOSE_CONV", ins, [q.output(out)], o, 5 if mode == "int16b32" else 4 if act else 3)
            case(net)


FAMILIES = (conv_2d, depthwise_conv_2d, fully_connected, transpose_conv)
