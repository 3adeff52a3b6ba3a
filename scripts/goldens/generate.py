"""Writes testdata/ops: one-operator models and LiteRT's answers to them.

usage: generate.py [--check] [WORD]

With WORD only models whose name holds it; with --check nothing is written, and what would change is told (exit 1).
Needs the packages of requirements.txt. Every number comes from a seed that is the CRC-32 of the model's name.
"""
import pathlib
import sys
import zlib

import numpy as np

import answers
import conv
import elementwise
import recurrent
import shape
import tfl

OUT = pathlib.Path(__file__).resolve().parents[2] / "testdata/ops"
FAMILIES = conv.FAMILIES + elementwise.FAMILIES + shape.FAMILIES + recurrent.FAMILIES


def same(path, model, arrays):
    try:
        if path.with_suffix(".tflite").read_bytes() != model:
            return False
        with np.load(path.with_suffix(".npz")) as z:
            return list(z.files) == list(arrays) and all(
                z[k].dtype == a.dtype and z[k].shape == a.shape and z[k].tobytes() == a.tobytes() for k, a in arrays.items())
    except FileNotFoundError:
        return False


def main():
    check = "--check" in sys.argv
    words = [a for a in sys.argv[1:] if not a.startswith("--")]
    made, changed, failed, total = set(), [], [], 0
    name = None

    def net_of(n):
        nonlocal name
        name = n
        return tfl.Net(zlib.crc32(n.encode()))

    def case(net, prefer=None):
        nonlocal total
        if words and words[0] not in name:
            return
        path = OUT / (name + ".x")  # a suffix that with_suffix replaces
        model = net.pack()
        try:
            arrays, used = answers.answer(model, net.ranges, zlib.crc32(name.encode()), prefer)
        except Exception as e:
            failed.append((name, (str(e).strip().splitlines() or [type(e).__name__])[-1]))
            return
        made.add(name)
        total += len(model)
        if used != "BUILTIN_REF":
            print("%s: answered by %s" % (name, used))
        for k, a in arrays.items():
            if k == "case0_out0" and a.dtype != bool and len(np.unique(a)) < min(a.size, 4):
                print("%s: %s has few values: %s" % (name, k, np.unique(a)))
        if same(path, model, arrays):
            return
        changed.append(name)
        if check:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".tflite").write_bytes(model)
        path.with_suffix(".npz").write_bytes(answers.npz(arrays))

    for family in FAMILIES:
        family(case, net_of)
    stray = []
    if not words and OUT.exists():
        stray = [str(p.relative_to(OUT).with_suffix("")) for p in sorted(OUT.glob("*/*.tflite"))]
        stray = [s for s in stray if s not in made]
        if not check:
            for s in stray:
                (OUT / (s + ".tflite")).unlink()
                (OUT / (s + ".npz")).unlink()
    print("%d models of %d bytes, %d changed, %d gone, %d failed" % (len(made), total, len(changed), len(stray), len(failed)))
    for n in changed if check else []:
        print("differs:", n)
    for n, e in failed:
        print("failed:", n, e)
    return 1 if failed or check and (changed or stray) else 0


if __name__ == "__main__":
    sys.exit(main())
