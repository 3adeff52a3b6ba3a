#!/usr/bin/env python3
"""Writes the reference vectors of agent/internal/dsp with numpy's double-precision FFT.

    python3 scripts/motor/goldens.py

Each file is a header of "key: value" lines, an empty line, and one line of numbers per
array: the samples [frames][channels], then the features [rows][columns]. The definitions
are those of dsp.Config and Spectrum.Features, written again from their documentation.
"""

import pathlib

import numpy as np

OUT = pathlib.Path(__file__).resolve().parents[2] / "agent/internal/dsp/testdata"


def bels(square, cfg):
    square = np.maximum(square, 1e-300) / cfg["reference"] ** 2
    return np.maximum(np.log10(square), cfg["floor"])


def pooled(values, cfg):
    bands, pool = cfg["bands"], cfg["pool"]
    return values[: bands * pool].reshape(bands, pool).mean(axis=1)


def channel(x, cfg):
    n = cfg["window"]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)
    x = x - x.mean()
    bins = np.fft.fft(x * hann)
    lines = 2 * np.abs(bins[1 : n // 2]) ** 2 / hann.sum() ** 2
    columns = [np.concatenate([[(x**2).mean()], pooled(lines, cfg)])]
    if cfg["envelope_high"]:
        width = cfg["rate"] / n
        lo, hi = int(cfg["envelope_low"] // width), int(cfg["envelope_high"] // width)
        band = np.zeros(n, complex)
        band[lo:hi] = 2 * bins[lo:hi]  # the analytic signal, at the full rate
        square = np.abs(np.fft.ifft(band)) ** 2 / 2
        mean = square.sum() / (hann**2).sum()
        spectrum = np.fft.rfft(square - mean * hann**2)
        lines = 2 * np.abs(spectrum[1 : n // 4]) / (hann**2).sum()
        columns.append(np.concatenate([[mean], pooled(lines, cfg)]))
    return columns


def features(x, cfg):
    both = [channel(x[:, c].astype(np.float64), cfg) for c in range(cfg["channels"])]
    columns = [c[0] for c in both] + [c[1] for c in both if len(c) > 1]
    return bels(np.stack(columns, axis=1), cfg)


def signal(cfg, seed):
    """A tone, an amplitude-modulated carrier, an offset and noise on each channel."""
    rng = np.random.default_rng(seed)
    t = np.arange(cfg["window"]) / cfg["rate"]
    out = []
    for _ in range(cfg["channels"]):
        f, carrier, beat = rng.uniform(0.02, 0.1), rng.uniform(0.27, 0.35), rng.uniform(0.01, 0.05)
        x = 1 + rng.uniform(0.05, 0.5) * np.sin(2 * np.pi * f * cfg["rate"] * t + rng.uniform(0, 6))
        x += 0.2 * (1 + 0.7 * np.sin(2 * np.pi * beat * cfg["rate"] * t)) * np.sin(2 * np.pi * carrier * cfg["rate"] * t)
        out.append(x + 0.01 * rng.standard_normal(len(t)))
    return np.round(np.stack(out, axis=1), 5).astype(np.float32)


def write(name, cfg, seed):
    x = signal(cfg, seed)
    keys = dict(cfg, made_by=f"numpy {np.__version__}, scripts/motor/goldens.py", seed=seed)
    lines = [f"{k}: {v}" for k, v in keys.items()]
    lines += ["", " ".join(f"{v:.5f}" for v in x.ravel()), " ".join(f"{v:.6f}" for v in features(x, cfg).ravel())]
    (OUT / name).write_text("\n".join(lines) + "\n")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    base = dict(rate=3200.0, window=256, channels=3, bands=63, pool=1, envelope_low=600.0, envelope_high=1400.0, reference=1e-3, floor=-3.0)
    write("motor_256.txt", base, 1)
    write("pooled_128.txt", dict(base, window=128, channels=2, bands=10, pool=3), 2)
    write("plain_1024.txt", dict(base, window=1024, channels=1, bands=511, envelope_low=0.0, envelope_high=0.0), 3)
    write("smallest_16.txt", dict(base, rate=100.0, window=16, channels=1, bands=3, envelope_low=20.0, envelope_high=45.0), 4)


if __name__ == "__main__":
    main()
