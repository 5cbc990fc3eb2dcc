"""Bursts of public recordings with onsets that two people read by eye: the first visible activity, not the true one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from _accuracy.detectors import find_onsets
from _accuracy.scores import score_onset
from emgorder.model import FloatArray, Onset
from emgorder.onset.registry import OnsetMethod

__all__ = ["GIVEN", "PROLONGED", "ReadingTask", "find_reading", "reading_tasks", "score_readings"]

GIVEN, PROLONGED = "as given", "prolonged"
PROLONGED_S = 1.2  # after the onset: most windows end 0.3 to 0.4 s after it, a lift is seen for longer


@dataclass(frozen=True, slots=True)
class ReadingTask:
    """One stretch of a recording with one burst in it; ``onset_s`` counts from the start of the stretch."""

    path: Path
    dataset: str
    channel: str
    rate_Hz: float
    start: int
    stop: int
    onset_s: float
    window: str


def reading_tasks(folder: Path, window: str) -> list[ReadingTask]:
    """Return the bursts on whose onset both readers agree, each with the stretch that is shown of it.

    Parameters
    ----------
    folder : Path
        Of the recordings, with ``readings/dev.csv``.
    window : {"as given", "prolonged"}
        The stretch of the table, or at least 1.2 s after the onset where the recording goes on.
    """
    table = pd.read_csv(folder / "readings" / "dev.csv")
    tasks = []
    for row in table[table["consensus"] == 1].itertuples():
        rate_Hz = float(row.sampling_frequency)
        stop_s = max(row.window_end_s, row.onset_s + PROLONGED_S) if window == PROLONGED else row.window_end_s
        start = round(row.window_start_s * rate_Hz)
        tasks.append(
            ReadingTask(
                path=folder / row.dataset / row.file,
                dataset=row.dataset,
                channel=row.channel,
                rate_Hz=rate_Hz,
                start=start,
                stop=round(stop_s * rate_Hz),
                onset_s=row.onset_s - start / rate_Hz,
                window=window,
            )
        )
    return tasks


def find_reading(task: ReadingTask, methods: Mapping[str, OnsetMethod] | None = None) -> dict[str, Onset]:
    """Return the onset of a read burst by every method or by those that are given, seconds after the reading."""
    signal = _channel(task.path, task.channel)[task.start : task.stop]
    found = find_onsets(signal, task.rate_Hz, methods)
    return {name: onset.shifted(-task.onset_s) for name, onset in found.items()}


def score_readings(tasks: Sequence[ReadingTask], found: Sequence[dict[str, Onset]]) -> pd.DataFrame:
    """Return a row of scores for each burst and method; bursts of one channel are one group."""
    return pd.DataFrame(
        {
            "method": name,
            "source": task.dataset,
            "group": f"{task.path.name} {task.channel}",
            "window": task.window,
            **score_onset(onset, 0.0),
        }
        for task, onsets in zip(tasks, found, strict=True)
        for name, onset in onsets.items()
    )


@lru_cache(maxsize=64)
def _channel(path: Path, channel: str) -> FloatArray:
    return pd.read_csv(path, usecols=[channel])[channel].to_numpy(dtype=np.float64)
