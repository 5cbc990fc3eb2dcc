"""How good a time is that has a truth.

A time that is withheld counts as an error of 200 ms, like any larger one: silence is no way to a small mean.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from emgorder.model import FloatArray, IntArray, Onset, Posterior

__all__ = [
    "BINS",
    "CAP_S",
    "bias_s",
    "brier",
    "calibration_error",
    "capped_s",
    "coverage",
    "least_calibration_error",
    "log_score",
    "mean_error_s",
    "median_error_s",
    "score",
    "score_onset",
    "standard_error",
    "standard_error_of_pairs",
    "width_s",
    "withheld",
]

CAP_S = 0.200
BINS = 10  # of the probability in the calibration error
PERFECT = 200  # draws behind the calibration error of a perfect forecaster
FLOOR_PER_S = 5e-4  # of a density in the log score: a thousandth of the mass, spread over 2 s


def score(time_s: float, posterior: Posterior | None, truth_s: float) -> dict[str, float]:
    """Return how a time and its density compare with the truth.

    Returns
    -------
    dict
        ``error_s`` (NaN where withheld); with a density also ``quantile``, its share below the truth, ``width_s`` of
        the 90 % interval and ``log_density``, ln of the density (1/s) at the truth.
    """
    scored = {"error_s": time_s - truth_s, "quantile": math.nan, "width_s": math.nan, "log_density": math.nan}
    if posterior is None or not math.isfinite(time_s):
        return scored
    below = np.cumsum(posterior.density) - 0.5 * posterior.density
    total = float(posterior.density.sum())
    at = float(np.interp(truth_s, posterior.grid_s, posterior.density, left=0.0, right=0.0))
    return {
        **scored,
        "quantile": float(np.interp(truth_s, posterior.grid_s, below / total, left=0.0, right=1.0)),
        "width_s": posterior.quantile(0.95) - posterior.quantile(0.05),
        "log_density": math.log(max(at / (total * posterior.step_s), FLOOR_PER_S)),
    }


def score_onset(onset: Onset, truth_s: float) -> dict[str, float]:
    """Return how an onset compares with the truth."""
    return score(onset.time_s, onset.posterior, truth_s)


def capped_s(frame: pd.DataFrame) -> pd.Series[float]:
    """Return the size of each error, at most 200 ms; withheld ones count as that."""
    return frame["error_s"].abs().clip(upper=CAP_S).fillna(CAP_S)


def mean_error_s(frame: pd.DataFrame) -> float:
    """Return the mean of the capped errors."""
    return float(capped_s(frame).mean())


def median_error_s(frame: pd.DataFrame) -> float:
    """Return the median of the capped errors."""
    return float(capped_s(frame).median())


def bias_s(frame: pd.DataFrame) -> float:
    """Return the mean of the signed errors (positive: late), each within 200 ms; withheld ones are left out."""
    return float(frame["error_s"].clip(-CAP_S, CAP_S).mean())


def coverage(frame: pd.DataFrame, share: float = 0.90) -> float:
    """Return how many of the times that were given have the truth in their central interval; NaN without any."""
    at = frame["quantile"].dropna()
    return float((np.abs(2.0 * at - 1.0) <= share).mean()) if len(at) else math.nan


def width_s(frame: pd.DataFrame) -> float:
    """Return the median width of the 90 % intervals."""
    width = frame["width_s"].dropna()
    return float(width.median()) if len(width) else math.nan


def log_score(frame: pd.DataFrame) -> float:
    """Return the mean log density at the truth, ln 1/s, of the times that were given."""
    return float(frame["log_density"].mean())


def withheld(frame: pd.DataFrame) -> float:
    """Return the share of bursts without a time."""
    return float(frame["error_s"].isna().mean())


def standard_error(values: FloatArray, groups: FloatArray | None = None) -> float:
    """Return the standard error of a mean whose values may share errors within groups.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Of which the mean is taken.
    groups : ndarray, shape (n,), optional
        Label of the recording that each value is from; without it all are independent.
    """
    residual = values - values.mean()
    sums = residual if groups is None else pd.Series(residual).groupby(groups).sum().to_numpy()
    if sums.size < 2:
        return math.nan
    return float(np.sqrt(np.sum(sums**2) * sums.size / (sums.size - 1)) / values.size)


def standard_error_of_pairs(values: FloatArray, first: IntArray, second: IntArray) -> float:
    """Return the standard error of a mean over pairs of items, by leaving out one item at a time.

    Parameters
    ----------
    values : ndarray, shape (n_pairs,)
        Of which the mean is taken.
    first, second : ndarray of int, shape (n_pairs,)
        The items of each pair, from 0.
    """
    n_items = int(max(first.max(), second.max())) + 1
    involved = np.bincount(first, minlength=n_items) + np.bincount(second, minlength=n_items)
    sums = np.bincount(first, values, n_items) + np.bincount(second, values, n_items)
    used = involved > 0
    without = (values.sum() - sums[used]) / (values.size - involved[used])
    return float(np.sqrt((without.size - 1) / without.size * np.sum((without - without.mean()) ** 2)))


def brier(frame: pd.DataFrame) -> float:
    """Return the mean squared error of the probability of the sign; a lift that is withheld says 0.5."""
    p = _p_glute_earlier(frame)
    return float(((p - frame["glute_earlier"]) ** 2).mean())


def calibration_error(frame: pd.DataFrame) -> float:
    """Return the mean distance of stated probability and frequency over ten bins of the probability."""
    p = _p_glute_earlier(frame).to_numpy()
    return _binned_distance(p, frame["glute_earlier"].to_numpy()) if np.isfinite(p).all() else math.nan


def least_calibration_error(frame: pd.DataFrame) -> float:
    """Return what the calibration error would be, on average, were every probability exactly right."""
    p = _p_glute_earlier(frame).to_numpy()
    if not np.isfinite(p).all():
        return math.nan
    rng = np.random.default_rng(0)
    return float(np.mean([_binned_distance(p, (rng.random(p.size) < p).astype(np.float64)) for _ in range(PERFECT)]))


def _p_glute_earlier(frame: pd.DataFrame) -> pd.Series[float]:
    p = frame["p_glute_earlier"]
    return p if p.isna().all() else p.fillna(0.5)


def _binned_distance(p: FloatArray, happened: FloatArray) -> float:
    bins = np.minimum((p * BINS).astype(np.intp), BINS - 1)
    return float(np.abs(np.bincount(bins, p - happened, BINS)).sum() / p.size)
