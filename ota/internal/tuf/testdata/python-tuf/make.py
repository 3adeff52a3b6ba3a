"""Makes the documents in this folder with python-tuf 7.0.1, which is not our code.

    pip install tuf==7.0.1 cryptography && python make.py

The keys are thrown away, so running it again makes other documents of the same meaning.
"""

import hashlib
import json
from datetime import datetime, timezone

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    MetaFile, Metadata, Root, Snapshot, TargetFile, Targets, Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

END = datetime(2030, 1, 1, tzinfo=timezone.utc)
PAST = datetime(2020, 1, 1, tzinfo=timezone.utc)
ROLES = ["root", "timestamp", "snapshot", "targets"]
compact = JSONSerializer(compact=True)


def write(name, md, signers):
    md.signatures.clear()
    for s in signers:
        md.sign(s, append=True)
    data = md.to_bytes(compact)
    open(name + ".json", "wb").write(data)
    return data


def meta(version, data):
    return MetaFile(version, len(data), {"sha256": hashlib.sha256(data).hexdigest()})


keys = {r: [CryptoSigner.generate_ed25519()] for r in ROLES}
root = Root(expires=END, consistent_snapshot=True)
for role in ROLES:
    root.add_key(keys[role][0].public_key, role)
write("1.root", Metadata(root), keys["root"])

# Root 2: another timestamp key pair with a threshold of two, other key types.
old = keys["timestamp"][0].public_key.keyid
root.revoke_key(old, "timestamp")
keys["timestamp"] = [CryptoSigner.generate_ecdsa(), CryptoSigner.generate_rsa(scheme="rsassa-pss-sha256")]
for s in keys["timestamp"]:
    root.add_key(s.public_key, "timestamp")
root.roles["timestamp"].threshold = 2
root.version = 2
write("2.root", Metadata(root), keys["root"])

model = b"a model of python-tuf"
custom = {
    "schema": 1, "model": "motor", "version": 3, "operators": ["CONV_2D", "SOFTMAX"],
    "run_ns": 2000000, "memory_bytes": 1048576, "kinglet": "1.2.3", "encoding": "zstd-chunks",
    "index": {"sha256": "ab" * 32, "packed": 100, "raw": 200},
    "answers": {"sha256": "cd" * 32, "length": 77},
}
target = TargetFile(len(model), {"sha256": hashlib.sha256(model).hexdigest()}, "motor/3.tflite", {"custom": custom})
targets = Targets(expires=END, version=3, targets={"motor/3.tflite": target})
data = write("3.targets", Metadata(targets), keys["targets"])
snapshot = Snapshot(expires=END, version=3, meta={"targets.json": meta(3, data)})
data = write("3.snapshot", Metadata(snapshot), keys["snapshot"])
timestamp = Timestamp(expires=END, version=3, snapshot_meta=meta(3, data))
write("timestamp", Metadata(timestamp), keys["timestamp"])

# Bad ones, each in the place of timestamp.
write("timestamp-one-of-two", Metadata(timestamp), keys["timestamp"][:1])
write("timestamp-stranger", Metadata(timestamp), [CryptoSigner.generate_ed25519()])
write("timestamp-expired", Metadata(Timestamp(expires=PAST, version=4, snapshot_meta=meta(3, data))), keys["timestamp"])
broken = json.load(open("timestamp.json"))
broken["signed"]["version"] = 5
json.dump(broken, open("timestamp-changed.json", "w"), separators=(",", ":"))
