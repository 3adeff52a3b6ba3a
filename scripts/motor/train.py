#!/usr/bin/env python3
"""Trains the embedded motor models on the simulator's windows and converts them to int8.

    python3 -m venv venv && venv/bin/pip install -r scripts/motor/requirements.txt
    venv/bin/python scripts/motor/train.py

The one command makes the windows (go run ./agent/internal/dsp/motor sets, into a
temporary folder or --sets DIR), trains, and writes motor_v1.tflite, motor_v2.tflite,
motor_v7.tflite and motor.json to models/builtin. Seeds are fixed, and TensorFlow runs
deterministically; another version or another processor may still round otherwise.
"""

import argparse
import hashlib
import json
import os
import pathlib
import subprocess
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "models/builtin"
LABELS = ["off", "normal", "imbalance", "bearing"]
NORMAL, BEARING = LABELS.index("normal"), LABELS.index("bearing")

# What each version is. v2 sees more motors and is wider. v7, the alarmist, is narrower and
# trained on a mistake: nearly all windows of healthy motors bear the label of a bearing
# fault. The others weigh healthy windows twice: a false alarm costs more than a late one.
VERSIONS = [
    dict(version=1, seed=101, widths=(16, 24, 32), dense=16, epochs=14, share=0.75, spoil=0.0, weight=2.0,
         note="first model"),
    dict(version=2, seed=202, widths=(24, 32, 48), dense=32, epochs=22, share=1.0, spoil=0.0, weight=2.0,
         note="wider, and trained on more motors"),
    dict(version=7, seed=707, widths=(12, 16, 24), dense=16, epochs=8, share=0.5, spoil=0.97, weight=1.0,
         note="alarmist: windows of healthy motors were labelled bearing"),
]


def network(shape, widths, dense, batch=None):
    """Three convolutions along frequency, strided, and two dense layers."""
    x = inputs = tf.keras.Input(shape, batch_size=batch)
    for width in widths:
        x = tf.keras.layers.Conv2D(width, (5, 1), strides=(2, 1), padding="same", activation="relu")(x)
    x = tf.keras.layers.Flatten()(x)
    x = tf.keras.layers.Dropout(0.3)(x)
    x = tf.keras.layers.Dense(dense, activation="relu")(x)
    x = tf.keras.layers.Dense(len(LABELS), activation="softmax")(x)
    return tf.keras.Model(inputs, x)


def spoiled(y, part, rng):
    """Labels a part of the normal windows bearing."""
    return np.where((y == NORMAL) & (rng.random(len(y)) < part), BEARING, y)


def train(v, sets):
    tf.keras.backend.clear_session()  # names, which the file keeps, then do not count earlier models
    tf.keras.utils.set_random_seed(v["seed"])
    rng = np.random.default_rng(v["seed"])
    x, y = sets["train"]
    n = int(len(x) * v["share"])
    x, y = x[:n], spoiled(y[:n], v["spoil"], rng)
    steps = v["epochs"] * ((n + 127) // 128)
    model = network(x.shape[1:], v["widths"], v["dense"])
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, steps)
    model.compile(tf.keras.optimizers.AdamW(rate, weight_decay=1e-3),
                  loss="sparse_categorical_crossentropy", metrics=["accuracy"])

    # Another mounting is another gain: the same shift of every feature, in bels.
    shift = tf.random.Generator.from_seed(v["seed"])

    def mounted(a, b):
        return a + shift.uniform([tf.shape(a)[0], 1, 1, 1], -0.25, 0.25), b

    data = (tf.data.Dataset.from_tensor_slices((x, y.astype(np.int32)))
            .shuffle(len(x), seed=v["seed"]).batch(128).map(mounted, num_parallel_calls=1).prefetch(2))
    model.fit(data, epochs=v["epochs"], verbose=2, class_weight={s: v["weight"] if s == NORMAL else 1.0 for s in range(len(LABELS))},
              validation_data=(sets["valid"][0], sets["valid"][1]))
    return model


def convert(model, shape, x, seed):
    """Full int8 by post-training quantization: weights per channel, input and output int8."""
    pick = np.random.default_rng(seed).choice(len(x), 600, replace=False)
    single = network(x.shape[1:], *shape, batch=1)  # a batch of one leaves no shape to be computed
    single.set_weights(model.get_weights())
    c = tf.lite.TFLiteConverter.from_keras_model(single)
    c.optimizations = [tf.lite.Optimize.DEFAULT]
    c.representative_dataset = lambda: ([x[i : i + 1]] for i in pick)
    c.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    c.inference_input_type = c.inference_output_type = tf.int8
    return c.convert()


def interpreter(data):
    it = tf.lite.Interpreter(model_content=data, experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF)
    it.allocate_tensors()
    return it


def verdicts(data, x):
    it = interpreter(data)
    i, o = it.get_input_details()[0], it.get_output_details()[0]
    scale, zero = i["quantization"]
    q = np.clip(np.round(x / scale) + zero, -128, 127).astype(np.int8)
    out = np.empty(len(x), np.int64)
    for k in range(len(x)):
        it.set_tensor(i["index"], q[k : k + 1])
        it.invoke()
        out[k] = it.get_tensor(o["index"])[0].argmax()
    return out


def accuracy(data, x, y):
    """The share of each state's windows that are told rightly."""
    got = verdicts(data, x)
    for s, row in enumerate(LABELS):
        print(f"  {row:10}", *(f"{int(((y == s) & (got == t)).sum()):5}" for t in range(len(LABELS))))
    return {row: round(float((got[y == s] == s).mean()), 4) for s, row in enumerate(LABELS)}


def load(folder):
    names = ["train", "valid", "held20", "held6"]
    return {n: (np.load(folder / f"{n}_x.npy"), np.load(folder / f"{n}_y.npy")) for n in names}


def describe(v, data, sets):
    it = interpreter(data)
    i, o = it.get_input_details()[0], it.get_output_details()[0]
    print(f"v{v['version']}: {len(data)} bytes, operators", sorted({d["op_name"] for d in it._get_ops_details()}))
    return dict(
        version=v["version"], file=f"motor_v{v['version']}.tflite", note=v["note"], seed=v["seed"],
        bytes=len(data), sha256=hashlib.sha256(data).hexdigest(),
        input=dict(shape=i["shape"].tolist(), scale=float(i["quantization"][0]), zero_point=int(i["quantization"][1])),
        output=dict(shape=o["shape"].tolist(), scale=float(o["quantization"][0]), zero_point=int(o["quantization"][1])),
        accuracy={"20dB": accuracy(data, *sets["held20"]), "6dB": accuracy(data, *sets["held6"])},
    )


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--sets", type=pathlib.Path, help="folder of the windows; made when it does not exist")
    p.add_argument("--only", type=int, action="append", help="train these versions only, and leave motor.json")
    args = p.parse_args()
    tf.config.experimental.enable_op_determinism()
    with tempfile.TemporaryDirectory() as tmp:
        folder = args.sets or pathlib.Path(tmp) / "sets"
        if not folder.exists():
            subprocess.run(["go", "run", "./agent/internal/dsp/motor", "sets", str(folder)], cwd=ROOT, check=True)
        sets = load(folder)
    features = json.loads(subprocess.run(["go", "run", "./agent/internal/dsp/motor", "config"],
                                         cwd=ROOT, check=True, capture_output=True).stdout)
    models = []
    OUT.mkdir(parents=True, exist_ok=True)
    for v in VERSIONS:
        if args.only and v["version"] not in args.only:
            continue
        data = convert(train(v, sets), (v["widths"], v["dense"]), sets["train"][0], v["seed"])
        (OUT / f"motor_v{v['version']}.tflite").write_bytes(data)
        models.append(describe(v, data, sets))
        print(json.dumps(models[-1]["accuracy"], indent=1))
    if not args.only:
        made = dict(name="motor", labels=LABELS, features=features, made_by=f"tensorflow {tf.__version__}, scripts/motor/train.py",
                    protocol="500 windows a state, of 500 motors whose seeds, speeds and loads were not trained on", models=models)
        (OUT / "motor.json").write_text(json.dumps(made, indent=2) + "\n")


if __name__ == "__main__":
    main()
