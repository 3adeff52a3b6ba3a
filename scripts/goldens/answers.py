"""LiteRT's answers to a model: cases of drawn inputs, and what its reference kernels make of them."""
import ctypes
import io
import os
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
from ai_edge_litert import interpreter as litert

REFERENCE = litert.OpResolverType.BUILTIN_REF
OPTIMISED = litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES


def draw(rng, detail, bounds, case):
    """Draws one input. Integers without bounds run over their whole type; half of the second case is its ends."""
    kind, shape = detail["dtype"], [int(d) for d in detail["shape"]]
    if kind == np.bool_:
        return rng.integers(0, 2, shape).astype(bool)
    if np.issubdtype(kind, np.floating):
        low, high = bounds or (-1.0, 1.0)
        x = rng.uniform(low, high, shape)
        if case == 1:
            x = np.where(rng.random(shape) < 0.25, rng.choice([low, high, min(max(low, 0.0), high)], shape), x)
        return x.astype(kind)
    if bounds:
        return rng.integers(int(bounds[0]), int(bounds[1]) + 1, shape).astype(kind)
    info = np.iinfo(kind)
    x = rng.integers(info.min, info.max, shape, endpoint=True, dtype=np.int64)
    if case == 1:
        x = np.where(rng.random(shape) < 0.5, rng.choice([info.min, info.min + 1, 0, info.max - 1, info.max], shape), x)
    return x.astype(kind)


def run(model, resolver, cases):
    it = litert.Interpreter(model_content=model, num_threads=1, experimental_op_resolver_type=resolver)
    it.allocate_tensors()
    out = []
    for case in cases:
        for d, x in zip(it.get_input_details(), case):
            it.set_tensor(d["index"], x)
        it.reset_all_variables()
        it.invoke()
        out.append([it.get_tensor(d["index"]).copy() for d in it.get_output_details()])
    return out


def equal(a, b):
    return all(x.tobytes() == y.tobytes() for p, q in zip(a, b) for x, y in zip(p, q))


def settled(model, resolver, cases, want):
    """Tells whether the answers stay the same when fresh memory holds something else."""
    libc = ctypes.CDLL(None)
    try:
        for filler in (0x5A, 0xA5):
            libc.mallopt(-6, filler)  # M_PERTURB
            if not equal(want, run(model, resolver, cases)):
                return False
    finally:
        libc.mallopt(-6, 0)
    return True


def answer(model, ranges, seed, prefer=None, n=2):
    """Returns (arrays by name, resolver's name). Two inputs never share a generator's numbers."""
    rng = np.random.default_rng([seed, 1])
    resolver = prefer or REFERENCE
    it = litert.Interpreter(model_content=model, experimental_op_resolver_type=resolver)
    details = it.get_input_details()
    cases = [[draw(rng, d, ranges[d["index"]], c) for d in details] for c in range(n)]
    got = run(model, resolver, cases)
    if not settled(model, resolver, cases, got):
        raise ValueError("the answers depend on what fresh memory holds")
    arrays = {}
    for c, (xs, ys) in enumerate(zip(cases, got)):
        arrays.update({"case%d_in%d" % (c, i): x for i, x in enumerate(xs)})
        arrays.update({"case%d_out%d" % (c, i): y for i, y in enumerate(ys)})
    return arrays, resolver.name


def npz(arrays):
    """The bytes of an .npz file, without the time of its making."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for name, a in arrays.items():
            b = io.BytesIO()
            np.lib.format.write_array(b, np.asarray(a, order="C"))
            info = zipfile.ZipInfo(name + ".npy", (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            z.writestr(info, b.getvalue())
    return out.getvalue()
