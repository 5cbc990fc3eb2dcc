"""Cross-checks: the detectors of NeuroKit2, called as they are."""

from __future__ import annotations

import math
import warnings

import numpy as np

from emgorder.model import FloatArray
from emgorder.onset.published.tools import moving_mean, n_samples, zero_phase_lowpass

__all__ = ["neurokit"]

AMPLITUDE_LOWPASS_HZ = 10.0
"""Corner of NeuroKit2's ``emg_amplitude``, which assumes 1 kHz and is therefore computed here."""

SHORTEST_S = 0.050
"""NeuroKit2's shortest activity and shortest rest at its default rate, in seconds."""


def neurokit(
    signal: FloatArray,
    sampling_frequency: float,
    baseline: slice,
    *,
    activation: str = "mixture",
    n_sd: float = 3.0,
    window_s: float = 0.050,
) -> float:
    """Return the first onset that ``neurokit2.emg_activation`` finds after the baseline.

    Parameters
    ----------
    signal : ndarray of float64, shape (n_samples,)
        Conditioned EMG of one burst, any unit, without gaps.
    sampling_frequency : float
        Hz.
    baseline : slice
        Samples of rest; onsets before its end do not count.
    activation : {"threshold", "mixture", "biosppy"}
        Which of NeuroKit2's methods.
    n_sd : float
        Threshold above the mean of rest, in standard deviations of rest; ``mixture`` has none.
    window_s : float
        Window of ``biosppy``.

    Returns
    -------
    float
        Onset, s from the first sample; NaN if there is none.

    References
    ----------
    Makowski et al. 2021, 10.3758/s13428-020-01516-y. Differs from NeuroKit2's defaults in the thresholds, set from
    rest: a tenth of the overall standard deviation (``threshold``) lies below most rests. Its ``silva`` stops with an
    IndexError where there is nothing to find, its ``pelt`` takes seconds: both are left out.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=1500) * np.where(np.arange(1500) < 1000, 1, 10)
    >>> bool(abs(neurokit(emg, 1000, slice(0, 800)) - 1.0) < 0.1)
    True
    """
    import neurokit2

    # The mixture of scikit-learn behind it adds a millionth to each variance: volts would drown in that.
    signal = signal / signal[baseline].std()
    rectified = np.abs(signal)
    window = n_samples(window_s, sampling_frequency)
    amplitude = zero_phase_lowpass(rectified, sampling_frequency, AMPLITUDE_LOWPASS_HZ)
    smooth = moving_mean(rectified, window) if activation == "biosppy" else amplitude
    rest = smooth[baseline.start : baseline.stop - (window if activation == "biosppy" else 0)]
    threshold = rest.mean() + n_sd * rest.std()
    if activation != "mixture" and not threshold < smooth.max():
        return math.nan  # NeuroKit2 raises a ValueError there
    options: dict[str, object] = {} if activation == "mixture" else {"threshold": threshold}
    if activation == "biosppy":
        options["size"] = window_s
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No events found")
        _, found = neurokit2.emg_activation(
            emg_amplitude=amplitude,
            emg_cleaned=signal,
            sampling_rate=sampling_frequency,
            method=activation,
            duration_min=n_samples(SHORTEST_S, sampling_frequency),
            **options,
        )
    onsets = np.asarray(found["EMG_Onsets"], dtype=np.float64)
    onsets = onsets[onsets >= baseline.stop]
    return float(onsets[0]) / sampling_frequency if onsets.size else math.nan
