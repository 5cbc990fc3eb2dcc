"""Hand-read onsets: the windows they were read in, and how well posteriors agree with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from emgorder.model import FloatArray, Posterior

__all__ = ["Figures", "Reading", "figures_of", "read_readings"]

LARGEST_ERROR_s = 0.2
LEAST_DENSITY = 1e-6 * 500  # per second; of a 2 ms grid point with a probability of one in a million


@dataclass(frozen=True, eq=False, slots=True)
class Reading:
    """One burst that two readers agree on.

    Attributes
    ----------
    dataset : str
        Where it is from.
    signal : ndarray
        The whole channel as recorded.
    sampling_frequency : float
        Hz.
    start, stop : int
        The window, samples of `signal`.
    onset_s : float
        From the start of the window.
    """

    dataset: str
    signal: FloatArray
    sampling_frequency: float
    start: int
    stop: int
    onset_s: float

    def window(self, *, at_least_after_s: float = 0.0) -> FloatArray:
        """Return the window, prolonged so that it shows this much after the onset where the recording does."""
        stop = self.start + int((self.onset_s + at_least_after_s) * self.sampling_frequency)
        return self.signal[self.start : max(self.stop, stop)].copy()


@dataclass(frozen=True, slots=True)
class Figures:
    """How well posteriors agree with known onsets; times in ms."""

    n: int
    median_error_ms: float
    capped_mae_ms: float
    bias_ms: float
    coverage_90: float
    coverage_50: float
    width_ms: float
    log_score: float


def read_readings(folder: Path) -> list[Reading]:
    """Return the readings of ``readings/dev.csv`` that both readers agree on."""
    table = pd.read_csv(folder / "readings" / "dev.csv").dropna(subset=["onset_s"])
    tables: dict[Path, pd.DataFrame] = {}
    readings = []
    for row in table.to_dict("records"):
        path = folder / str(row["dataset"]) / str(row["file"])
        if path not in tables:
            tables[path] = pd.read_csv(path)
        rate = float(row["sampling_frequency"])
        start, stop = int(row["window_start_s"] * rate), int(row["window_end_s"] * rate)
        signal = tables[path][row["channel"]].to_numpy(dtype=np.float64)
        readings.append(Reading(row["dataset"], signal, rate, start, stop, row["onset_s"] - start / rate))
    return readings


def figures_of(posteriors: Sequence[Posterior], onsets_s: Sequence[float]) -> Figures:
    """Compare posteriors with known onsets.

    Examples
    --------
    >>> flat = Posterior(np.linspace(0.005, 0.995, 100), np.ones(100))
    >>> found = figures_of([flat, flat], [0.5, 0.99])
    >>> round(found.median_error_ms), found.coverage_90, round(found.width_ms), round(found.log_score, 6)
    (245, 0.5, 900, 0.0)
    """

    def at(quantile: float) -> FloatArray:
        return np.array([p.quantile(quantile) for p in posteriors])

    onset_s = np.asarray(onsets_s)
    error_s = at(0.5) - onset_s
    density = [np.interp(t, p.grid_s, p.density) for p, t in zip(posteriors, onset_s, strict=True)]
    return Figures(
        n=len(onset_s),
        median_error_ms=1e3 * float(np.median(np.abs(error_s))),
        capped_mae_ms=1e3 * float(np.mean(np.minimum(np.abs(error_s), LARGEST_ERROR_s))),
        bias_ms=1e3 * float(np.median(error_s)),
        coverage_90=float(np.mean((at(0.05) <= onset_s) & (onset_s <= at(0.95)))),
        coverage_50=float(np.mean((at(0.25) <= onset_s) & (onset_s <= at(0.75)))),
        width_ms=1e3 * float(np.median(at(0.95) - at(0.05))),
        log_score=float(np.mean(np.log(np.maximum(density, LEAST_DENSITY)))),
    )
