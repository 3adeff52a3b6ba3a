"""Writes the test data that LiteRT and numpy judge by: testdata/, models/tflite/testdata, models/npz/testdata.

usage: generate.py [--check] [WORD]

With WORD only the one-operator models whose name holds it; with --check nothing is written, and what would change is
told (exit 1). Needs the packages of requirements.txt. Every number comes from a seed, the CRC-32 of the model's name.
"""
import io
import pathlib
import sys
import zlib

import numpy as np

import answers
import arrays
import conv
import elementwise
import malform
import moving
import recurrent
import shape
import tables
import tfl

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAMILIES = conv.FAMILIES + elementwise.FAMILIES + shape.FAMILIES + moving.FAMILIES + recurrent.FAMILIES
FOLDERS = ("testdata/ops/*/*", "testdata/malformed/*", "models/tflite/testdata/*.*", "models/npz/testdata/*.*")


def models(word):
    """Returns the files of testdata/ops by path, and what failed."""
    made, failed = {}, []
    name = None

    def net_of(n):
        nonlocal name
        name = n
        return tfl.Net(zlib.crc32(n.encode()))

    def case(net, prefer=None):
        if word not in name:
            return
        model = net.pack()
        try:
            got, used = answers.answer(model, net.ranges, zlib.crc32(name.encode()), prefer)
        except Exception as e:
            failed.append("%s: %s" % (name, (str(e).strip().splitlines() or [type(e).__name__])[-1]))
            return
        made["testdata/ops/%s.tflite" % name] = model
        made["testdata/ops/%s.npz" % name] = answers.npz(got)
        if used != "BUILTIN_REF":
            print("%s: answered by %s" % (name, used))
        first = got["case0_out0"]
        if first.dtype != bool and len(np.unique(first)) < min(first.size, 3):
            print("%s: has few values: %s" % (name, np.unique(first)))

    for family in FAMILIES:
        family(case, net_of)
    return made, failed


def same(path, data):
    """Tells whether a file holds data: the same bytes, or the same arrays in the same order."""
    try:
        have = path.read_bytes()
    except FileNotFoundError:
        return False
    if have == data or path.suffix != ".npz":
        return have == data
    with np.load(io.BytesIO(have)) as a, np.load(io.BytesIO(data)) as b:
        return a.files == b.files and all(
            a[k].dtype == b[k].dtype and a[k].shape == b[k].shape and a[k].tobytes() == b[k].tobytes() for k in b.files)


def main():
    check = "--check" in sys.argv
    word = ([a for a in sys.argv[1:] if not a.startswith("--")] or [""])[0]
    made, failed = models(word)
    stray = []
    if not word and not failed:
        made.update(malform.files(made))
        made.update(tables.files())
        made.update(arrays.files())
        stray = [p for folder in FOLDERS for p in sorted(ROOT.glob(folder)) if str(p.relative_to(ROOT)) not in made]
    changed = [p for p, data in made.items() if not same(ROOT / p, data)]
    if not check:
        for p in changed:
            (ROOT / p).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / p).write_bytes(made[p])
        for p in stray:
            p.unlink()
    print("%d files of %d bytes, %d changed, %d gone, %d failed" % (
        len(made), sum(len(d) for d in made.values()), len(changed), len(stray), len(failed)))
    for p in changed + stray if check else []:
        print("differs:", p)
    for f in failed:
        print("failed:", f)
    return 1 if failed or check and (changed or stray) else 0


if __name__ == "__main__":
    sys.exit(main())
