"""Long signals with several bursts: simulated ones whose truth is known, and recordings."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from emgorder.conditioning import bandpass
from emgorder.model import FloatArray


def session(
    seed: int, sampling_frequency: float, snr_dB: float, n_bursts: int = 5, spread_dB: float = 0.0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return noise with bursts of 0.5 to 4 s, rests of 2 to 4 s between them, and when they begin and end."""
    rng = np.random.default_rng(seed)
    lengths = np.column_stack((rng.uniform(2.0, 4.0, n_bursts + 1), rng.uniform(0.5, 4.0, n_bursts + 1)))
    edges_s = np.cumsum(lengths.ravel())[:-1]
    starts_s, stops_s = edges_s[:-1:2], edges_s[1::2]
    time_s = np.arange(int(edges_s[-1] * sampling_frequency)) / sampling_frequency
    gain = np.zeros(time_s.size)
    for start_s, stop_s in zip(starts_s, stops_s, strict=True):
        ramp_s = rng.uniform(0.02, 0.2)
        edge = np.clip(np.minimum(time_s - start_s, stop_s - time_s) / ramp_s, 0.0, 1.0)
        gain += 10.0 ** ((snr_dB + rng.uniform(-spread_dB, spread_dB)) / 20.0) * edge
    noise, emg = rng.standard_normal((2, time_s.size))
    return bandpass(noise + gain * emg, sampling_frequency), starts_s, stops_s


def two_bursts(seed: int, sampling_frequency: float) -> FloatArray:
    """Return raw noise with bursts from 2 to 3 s and from 5 to 6.5 s."""
    time_s = np.arange(round(9.0 * sampling_frequency)) / sampling_frequency
    active = ((time_s >= 2.0) & (time_s < 3.0)) | ((time_s >= 5.0) & (time_s < 6.5))
    return np.random.default_rng(seed).standard_normal(time_s.size) * np.where(active, 10.0, 1.0)


def real(folder: Path, dataset: str, file: str, channel: str) -> tuple[FloatArray, float]:
    rate_Hz = json.loads((folder / dataset / "meta.json").read_text())["files"][file]["fs"]
    return pd.read_csv(folder / dataset / file)[channel].to_numpy(np.float64), float(rate_Hz)
