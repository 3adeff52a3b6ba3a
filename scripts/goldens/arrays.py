"""models/npz/testdata: arrays as numpy writes them, for the reader's tests.

Array K of type T holds 0, 1, 2, ... in C order, modulo what T can hold (7 for booleans, made true where odd);
its name tells type, order and shape.
"""
import io
import zipfile

import numpy as np

TYPES = ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64",
         "float16", "float32", "float64", "complex64"]


def counted(kind, shape):
    n = np.arange(int(np.prod(shape)), dtype=np.int64) % 7
    if kind == "bool":
        return (n % 2 == 1).reshape(shape)
    return n.astype(kind).reshape(shape)


def npy(array, version=None):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version=version)
    return out.getvalue()


def zipped(members, method):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, data in members:
            info = zipfile.ZipInfo(name + ".npy", (1980, 1, 1, 0, 0, 0))
            info.compress_type = method
            z.writestr(info, data)
    return out.getvalue()


def files():
    """Returns the files by path."""
    members = []
    for kind in TYPES:
        members.append((f"{kind}-c-2x3x4", npy(counted(kind, (2, 3, 4)))))
    for kind in ("int16", "float32", "complex64"):
        members.append((f"{kind}-f-2x3x4", npy(np.asfortranarray(counted(kind, (2, 3, 4))))))
        big = np.dtype(kind).newbyteorder(">")
        members.append((f"{kind}-big-2x3x4", npy(counted(kind, (2, 3, 4)).astype(big))))
    members.append(("float32-scalar-", npy(counted("float32", ()))))
    members.append(("int32-vector-5", npy(counted("int32", (5,)))))
    members.append(("int32-empty-0x3", npy(counted("int32", (0, 3)))))
    members.append(("int32-version2-2x3", npy(counted("int32", (2, 3)), (2, 0))))
    members.append(("int32-version3-2x3", npy(counted("int32", (2, 3)), (3, 0))))
    return {
        "models/npz/testdata/stored.npz": zipped(members, zipfile.ZIP_STORED),
        "models/npz/testdata/deflated.npz": zipped(members, zipfile.ZIP_DEFLATED),
    }
