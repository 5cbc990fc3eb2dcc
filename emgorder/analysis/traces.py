"""Signals thinned to what a figure can show."""

from __future__ import annotations

from functools import cache

from emgorder.conditioning.causal import filter_all
from emgorder.conditioning.filters import design_lowpass, rectify
from emgorder.model import FloatArray, Trace

__all__ = ["make_trace"]

BEFORE_S = 0.5
AFTER_S = 1.2
STEP_S = 0.004  # about one pixel in a figure 450 pixels wide
ENVELOPE_HZ = 15.0  # slow enough to be a line, fast enough not to lag behind the onset tick by more than 15 ms
_SETTLE_S = 0.2


def make_trace(signal: FloatArray, sampling_frequency: float, centre_s: float) -> Trace:
    """Thin the signal around `centre_s` to its extremes and its envelope, 4 ms a step.

    Parameters
    ----------
    signal : ndarray, shape (n_samples,)
        Conditioned.
    sampling_frequency : float
        Hz.
    centre_s : float
        From 0.5 s before this to 1.2 s after it, as far as the signal goes.

    Returns
    -------
    Trace
        In the unit of `signal`.

    Examples
    --------
    >>> import numpy as np
    >>> make_trace(np.zeros(3000), 1000.0, 1.0).start_s
    0.5
    """
    step = max(1, round(STEP_S * sampling_frequency))
    first = max(0, round((centre_s - BEFORE_S) * sampling_frequency))
    stop = min(signal.size, round((centre_s + AFTER_S) * sampling_frequency))
    n = max(0, (stop - first) // step)
    lead = min(first, int(_SETTLE_S * sampling_frequency))
    part = signal[first - lead : first + n * step]
    smooth = filter_all(_smoother(sampling_frequency), rectify(part)) if n else part
    steps = part[lead:].reshape(n, step)
    return Trace(
        start_s=first / sampling_frequency,
        step_s=step / sampling_frequency,
        low=steps.min(axis=1),
        high=steps.max(axis=1),
        envelope=smooth[lead:][step - 1 :: step],
    )


@cache
def _smoother(sampling_frequency: float) -> FloatArray:
    """Design the envelope's filter once, not for each of some hundred traces."""
    return design_lowpass(sampling_frequency, cutoff_Hz=ENVELOPE_HZ)
