"""How much of their waveform two channels share: what is left of cross-talk, whatever was done against it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emgorder.model import FloatArray

__all__ = ["shared_waveform"]

REACH_S = 0.004  # tissue passes a neighbour's EMG within a few milliseconds


def shared_waveform(
    first: FloatArray, second: FloatArray, sampling_frequency: float, windows_s: Sequence[tuple[float, float]]
) -> float:
    """Return the largest correlation of two signals at a lag of up to 4 ms.

    Muscles that work together rise and fall together, but their waveforms are independent: correlation is cross-talk.

    Parameters
    ----------
    first, second : ndarray, shape (n_samples,)
        Conditioned EMG; NaN is a lost sample and counts as nothing.
    sampling_frequency : float
        Hz.
    windows_s : sequence of (start, stop)
        Where both muscles are active, s.

    Returns
    -------
    float
        0 to 1, the absolute value; 0 without signal.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> one, other = rng.normal(size=(2, 5000))
    >>> [round(shared_waveform(one, other + s * np.roll(one, 2), 1000.0, [(0.0, 5.0)]), 1) for s in (0.0, 0.5)]
    [0.0, 0.4]
    """
    fs = sampling_frequency
    reach = round(REACH_S * fs)
    products, power = np.zeros(2 * reach + 1), np.zeros(2)
    for start_s, stop_s in windows_s:
        part = slice(max(0, round(start_s * fs)), max(0, round(stop_s * fs)))
        one, other = np.nan_to_num(first[part]), np.nan_to_num(second[part])
        if one.size <= 2 * reach:
            continue
        products += np.correlate(one, other[reach : other.size - reach], "valid")
        power += float(one @ one), float(other @ other)
    whole = float(np.sqrt(power.prod()))
    return float(np.abs(products).max()) / whole if whole > 0 else 0.0
