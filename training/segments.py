"""Rests and plateaus of real recordings, cut automatically: no reading of any onset is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import signal

from training.draws import RATE_HZ, Array
from training.folds import FOLD, may_learn_from

__all__ = ["Channel", "Segments", "cut_segments", "read_channels"]

NO_EMG = {"time_s", "FX_deg", "LGRF", "RGRF", "LJUM", "RJUM"}
NO_SIGNALS = {"cycles.csv"}
HELD = {"session1_1k_first60s.csv"}  # the 200 Hz file next to it, each value held for 5 ms

KEPT_HIGHPASS_HZ = 10.0  # below the network's own 20 Hz, so that real low frequencies reach it
SEEN_HIGHPASS_HZ = 20.0
LEVEL_S = 0.05
REST_PERCENTILE, REST_FACTOR, REST_LEAST_S = 12.0, 1.7, 0.6
REST_MARGINS_S = (0.15, 0.20)  # cut off at both ends: bursts die slowly and begin slowly
PLATEAU_PERCENTILE, PLATEAU_SHARE, PLATEAU_FACTOR, PLATEAU_LEAST_S = 97.0, 0.3, 3.0, 0.2
PLATEAU_FLATTENED_S = 0.15  # the level itself is divided out: the simulated envelope takes its place
SPLICE_S = 0.02


@dataclass(frozen=True, eq=False, slots=True)
class Channel:
    """One channel of a recording at 1 kHz at most."""

    dataset: str
    file: str
    name: str
    sampling_frequency: int
    samples: Array


def read_channels(folder: Path) -> Iterator[Channel]:
    """Read every EMG channel below `folder`."""
    for path in sorted(folder.glob("*/*.csv")):
        if path.parent.name not in FOLD or path.name in NO_SIGNALS | HELD:
            continue
        table = pd.read_csv(path)
        rate = round(1 / float(np.median(np.diff(table["time_s"]))))
        for name in table.columns:
            if name in NO_EMG:
                continue
            samples = np.nan_to_num(table[name].to_numpy(dtype=float))
            if rate > RATE_HZ:
                samples = signal.resample_poly(samples, int(RATE_HZ), rate)
            yield Channel(path.parent.name, path.name, name, min(rate, int(RATE_HZ)), samples)


def _runs(wanted: np.ndarray, least: int) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(wanted, prepend=False, append=False))
    return ((a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= least)


def cut_segments(channel: Channel) -> tuple[list[Array], list[Array]]:
    """Return the rests and the plateaus of one channel, each of standard deviation 1."""
    rate = channel.sampling_frequency

    def highpassed(cutoff_Hz: float) -> np.ndarray:
        sos = signal.butter(2, cutoff_Hz, "highpass", fs=rate, output="sos")
        return signal.sosfilt(sos, channel.samples - channel.samples.mean())

    kept, seen = highpassed(KEPT_HIGHPASS_HZ), highpassed(SEEN_HIGHPASS_HZ)
    width = int(LEVEL_S * rate)
    rms = np.sqrt(np.maximum(np.convolve(seen**2, np.ones(width) / width, "same"), 0))
    rms[:width] = rms[-width:] = np.nan
    if not (rms > 0).any():
        return [], []
    rest_rms = float(np.percentile(rms[rms > 0], REST_PERCENTILE))
    rests = []
    for start, stop in _runs(rms < REST_FACTOR * rest_rms, int(REST_LEAST_S * rate)):
        part = kept[start + int(REST_MARGINS_S[0] * rate) : stop - int(REST_MARGINS_S[1] * rate)]
        if part.std() > 0:
            rests.append((part / part.std()).astype(np.float32))
    plateaus = []
    peak = float(np.nanpercentile(rms, PLATEAU_PERCENTILE))
    if peak > PLATEAU_FACTOR * rest_rms:
        window = np.hanning(int(PLATEAU_FLATTENED_S * rate) | 1)
        for start, stop in _runs(
            rms > max(PLATEAU_FACTOR * rest_rms, PLATEAU_SHARE * peak), int(PLATEAU_LEAST_S * rate)
        ):
            part = kept[start:stop]
            power = np.pad(part**2, window.size // 2, mode="reflect")
            level = np.sqrt(np.maximum(signal.fftconvolve(power, window / window.sum(), "valid"), 0))
            flat = part / np.maximum(level, 1e-3 * level.max())
            plateaus.append((flat / flat.std()).astype(np.float32))
    return rests, plateaus


class Segments:
    """Real segments that one net may learn from, drawn evenly over data sets and channels.

    Parameters
    ----------
    folder : Path
        The recordings.
    net : str
        Name of the net, see :mod:`training.folds`.
    """

    def __init__(self, folder: Path, net: str) -> None:
        # kind -> (rate, data set) -> channel -> segments
        self._kinds: dict[str, dict[tuple[int, str], list[list[Array]]]] = {"rest": {}, "plateau": {}}
        for channel in read_channels(folder):
            if not may_learn_from(net, channel.dataset):
                continue
            for kind, parts in zip(("rest", "plateau"), cut_segments(channel), strict=True):
                if parts:
                    key = (channel.sampling_frequency, channel.dataset)
                    self._kinds[kind].setdefault(key, []).append(parts)

    def draw(self, rng: np.random.Generator, kind: str, rate: int, n: int) -> Array | None:
        """Return `n` samples at 1 kHz of standard deviation 1, spliced of one channel; None if there are none.

        Recordings of 1 kHz serve every `rate`, slower ones only their own.
        """
        sets = {key: parts for key, parts in self._kinds[kind].items() if key[0] in (int(RATE_HZ), rate)}
        if not sets:
            return None
        keys = list(sets)
        weights = np.sqrt([len(sets[key]) for key in keys])  # many channels say little more than few
        native, dataset = keys[rng.choice(len(keys), p=weights / weights.sum())]
        parts = sets[native, dataset][rng.integers(len(sets[native, dataset]))]
        needed = int(np.ceil(n * native / RATE_HZ)) + 8
        spliced = self._part(rng, parts)
        overlap = int(SPLICE_S * native)
        fade = np.sqrt(np.linspace(0, 1, overlap, dtype=np.float32))
        while len(spliced) < needed:
            part = self._part(rng, parts)
            if min(len(part), len(spliced)) > 2 * overlap:
                joint = spliced[-overlap:] * fade[::-1] + part[:overlap] * fade
                spliced = np.concatenate([spliced[:-overlap], joint, part[overlap:]])
            else:
                spliced = np.concatenate([spliced, part])
        spliced = spliced[:needed]
        if native != RATE_HZ:
            spliced = signal.resample_poly(spliced, int(RATE_HZ), native)
        spliced = spliced[:n]
        return (spliced / (spliced.std() + 1e-9)).astype(np.float32)

    @staticmethod
    def _part(rng: np.random.Generator, parts: list[Array]) -> Array:
        part = parts[rng.integers(len(parts))]
        part = part[rng.integers(0, max(1, len(part) // 3)) :]
        if rng.random() < 0.5:
            part = part[::-1]
        return part if rng.random() < 0.5 else -part
