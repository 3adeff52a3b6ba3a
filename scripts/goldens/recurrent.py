"""Operators with state: SVDF and UNIDIRECTIONAL_SEQUENCE_LSTM.

A case begins with the state reset, so an SVDF model takes three steps: three operators that share weights and state.
"""
import numpy as np

from tfl import NONE, RELU, RELU6, TANH, options

STEPS = 3


def svdf(case, net_of):
    for name, batch, size, units, rank, memory, act, bias, asymmetric in [
        ("odd", 2, 7, 5, 1, 6, NONE, True, False), ("rank2", 2, 10, 5, 2, 9, RELU, True, True), ("nobias", 3, 4, 9, 1, 3, RELU6, False, True),
    ]:
        filters = units * rank
        for mode in ("f32", "int8", "dyn"):
            if mode == "int8" and not bias:
                continue
            net = net_of("SVDF/%s.%s" % (name, mode))
            rng = net.rng
            feature, time = rng.integers(-127, 128, (filters, size)), rng.integers(-127, 128, (filters, memory))
            o = options("SVDFOptions", rank=rank, fusedActivationFunction=RELU if mode == "int8" else act,
                        asymmetricQuantizeInputs=asymmetric and mode == "dyn")
            if mode == "int8":
                iscale, fscale, tscale, sscale, oscale = (np.float32(v) for v in (0.02, 0.009, 0.0003, 0.0004, 0.12 if rank > 1 else 0.025))
                xs = [net.input("int8", (batch, size), iscale, -128 if name == "odd" else 13) for _ in range(STEPS)]
                w = [net.const(feature.astype(np.int8), fscale, 0), net.const((time * 200).astype(np.int16), tscale, 0)]
                w.append(net.const(rng.integers(-90000, 90000, units).astype(np.int32), np.float32(sscale * tscale), 0))
                state = net.tensor("int16", (batch, filters * memory), sscale, 0, variable=True)
                ys = [net.output("int8", (batch, units), oscale, -128 if act else -90) for _ in range(STEPS)]
            else:
                xs = [net.input("float32", (batch, size), low=-2, high=2) for _ in range(STEPS)]
                if mode == "dyn":
                    w = [net.const(feature.astype(np.int8), 0.009, 0), net.const(time.astype(np.int8), 0.013, 0)]
                else:
                    w = [net.const((v * 0.009).astype(np.float32)) for v in (feature, time)]
                w.append(net.const(rng.standard_normal(units).astype(np.float32)) if bias else -1)
                state = net.tensor("float32", (batch, filters * memory), variable=True)
                ys = [net.output("float32", (batch, units)) for _ in range(STEPS)]
            for x, y in zip(xs, ys):
                net.op("SVDF", [x, *w, state], [y], o, {"f32": 1, "dyn": 4 if asymmetric else 2, "int8": 3}[mode])
            case(net)


LSTMS = [
    # name, batch, time, input, cells, output (0: no projection), and what it has
    ("plain", 2, 5, 3, 7, 0, ()), ("timemajor", 3, 4, 6, 5, 0, ("time_major", "clip")), ("coupled", 1, 3, 5, 4, 0, ("cifg",)),
    ("peephole", 2, 3, 4, 9, 0, ("peephole",)), ("projected", 2, 4, 5, 8, 6, ("projection_bias", "clip")),
    ("norm", 2, 3, 6, 8, 0, ("norm",)), ("all", 1, 4, 7, 10, 3, ("norm", "peephole")),
]


def lstm(case, net_of):
    for name, batch, time, size, cells, projected, has in LSTMS:
        for mode in ("f32", "dyn", "dynas", "int8"):
            if mode == "dynas" and name not in ("plain", "all"):
                continue
            if mode == "int8" and "peephole" in has and name != "all":
                continue
            net = net_of("UNIDIRECTIONAL_SEQUENCE_LSTM/%s.%s" % (name, mode))
            rng = net.rng
            outs = projected or cells
            shape = (time, batch, size) if "time_major" in has else (batch, time, size)
            result = (*shape[:2], outs)
            integer = mode == "int8"

            def weights(*s):
                if mode == "f32":
                    return net.const((rng.standard_normal(s) * 0.5).astype(np.float32))
                w = rng.integers(-127, 128, s).astype(np.int8)
                w.flat[0] = -127
                return net.const(w, np.float32(rng.uniform(0.004, 0.009)), 0)

            def vector(n, kind, reach, scale):
                if integer:
                    return net.const(rng.integers(-reach, reach, n).astype(kind), scale, 0)
                return net.const((rng.standard_normal(n) * 0.5).astype(np.float32))

            oscale, ozero = (0.006, 5)
            x = net.input("int8", shape, 0.015, -11) if integer else net.input("float32", shape, low=-2, high=2)
            gates = 4
            skip = "cifg" in has
            ins = [-1] * 24
            ins[0] = x
            for g in range(gates):
                if g == 0 and skip:
                    continue
                ins[1 + g], ins[5 + g] = weights(cells, size), weights(cells, outs)
                ins[12 + g] = vector(cells, np.int32, 9000 if "norm" not in has else 400, 0.0001 if "norm" not in has else 0.01)
                if "norm" in has:
                    ins[20 + g] = vector(cells, np.int16, 30000, 0.00005)
            if "peephole" in has:
                for g, i in ((0, 9), (1, 10), (3, 11)):
                    if mode == "f32":
                        ins[i] = net.const((rng.standard_normal(cells) * 0.3).astype(np.float32))
                    elif integer:
                        ins[i] = net.const(rng.integers(-30000, 30000, cells).astype(np.int16), 0.00002, 0)
                    else:
                        ins[i] = net.const(rng.integers(-127, 128, cells).astype(np.int8), 0.004, 0)
            if projected:
                ins[16] = weights(projected, cells)
                if "projection_bias" in has:
                    ins[17] = vector(projected, np.int32, 5000, 0.00003)
            if integer:
                ins[18] = net.tensor("int8", (batch, outs), oscale, ozero, variable=True)
                ins[19] = net.tensor("int16", (batch, cells), 2.0 ** -12, 0, variable=True)
                middle = [net.tensor("int16", (0,), 0.0005 * (g + 1), 0) if "norm" in has else net.tensor("float32", (0,)) for g in range(4)]
                middle.append(net.tensor("int8", (0,), 0.007 if projected else oscale, -3 if projected else ozero))
                y = net.output("int8", result, oscale, ozero)
            else:
                ins[18] = net.tensor("float32", (batch, outs), variable=True)
                ins[19] = net.tensor("float32", (batch, cells), variable=True)
                middle, y = None, net.output("float32", result)
            o = options("UnidirectionalSequenceLSTMOptions", fusedActivationFunction=TANH, timeMajor="time_major" in has,
                        cellClip=1.25 if "clip" in has else 0.0, projClip=0.5 if projected and "clip" in has else 0.0,
                        asymmetricQuantizeInputs=mode == "dynas")
            net.op("UNIDIRECTIONAL_SEQUENCE_LSTM", ins, [y], o, {"f32": 1, "dyn": 2, "dynas": 3, "int8": 2}[mode], middle)
            case(net)


FAMILIES = (svdf, lstm)
