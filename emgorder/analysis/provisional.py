"""Who fires first, from the signal so far: what has not happened yet is left open, not invented.

The first alarm of a lift says that one muscle has begun. The other may have begun too, so lately or so softly that
nobody can see it yet, or it is still to come. Its onset then has a density that goes on after now, and the order is as
one-sided as the knowledge is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from emgorder.model import FloatArray, Onset, Posterior
from emgorder.onset.baseline import Step, coarse_step
from emgorder.onset.detect import place_onsets
from emgorder.onset.registry import find_method

__all__ = ["SILENT", "onsets_so_far", "open_onset"]

SILENT = "silent so far"

LOOK_BACK_S = 0.3
"""Steps of the power this long before the first alarm are another event's: nine in ten are 0.25 s late at most."""

UNSEEN_S = 0.15
"""How long ago a muscle may have begun and still be silent to alarm and posterior. Of 88 silent muscles 50 ms after the
other one's alarm (simulated), 57 % had begun, nearly all of them in the last 0.15 s."""

WAIT_S = 0.12
"""Mean time to the onset of a muscle that has not begun; with it 56 % of the silent ones have begun."""

LATEST_S = 0.9
"""Onsets further in the future are another movement: the latest glutes in the literature follow by 0.7 s."""

SILENT_ODDS = 0.25
"""What the odds of a burst that only the posterior sees, not the alarm, are multiplied by: the prior odds of the
detectors are those of a stretch that was chosen for its burst."""

STEP_S = 0.001


def onsets_so_far(
    signals: Sequence[FloatArray], sampling_frequency: float, *, method: str, since_alarm_s: float
) -> list[Onset]:
    """Find the onsets of one lift in signals that end now.

    Parameters
    ----------
    signals : sequence of ndarray, shape (n_samples,)
        Conditioned EMG of each muscle.
    sampling_frequency : float
        Hz.
    method : str
        Key of :func:`emgorder.onset_methods`.
    since_alarm_s : float
        Signal after the lift's first alarm.

    Returns
    -------
    list of Onset
        Seconds from the first sample; a muscle without an onset says why.
    """
    chosen = find_method(method)
    late = replace(chosen, find_step=partial(_late_step, look_s=since_alarm_s + LOOK_BACK_S))
    placed = place_onsets(signals, sampling_frequency, late, burst_is_sure=chosen.has_posterior)
    return [replace(onset, rise=None) for onset in placed]


def open_onset(onset: Onset, now_s: float, *, alarmed: bool) -> Onset:
    """Return an onset whose posterior holds what the future may bring.

    With the probability that the burst has been seen, its posterior; else a flat density over the last 0.15 s, where
    an onset cannot be seen, that decays after now. Onsets of methods that do not say how sure they are stay as they
    are.

    Examples
    --------
    >>> silent = open_onset(Onset(probability=0.0), 2.0, alarmed=False)
    >>> round(silent.low_s, 2), round(silent.high_s, 2)
    (1.86, 2.26)
    """
    if not np.isfinite(onset.probability) or (onset.found and onset.posterior is None):
        return onset
    first_s = now_s - UNSEEN_S
    if onset.posterior is not None:
        first_s = min(first_s, float(onset.posterior.grid_s[0]))
    n_past = int(np.ceil((now_s - first_s) / STEP_S))
    lag_s: FloatArray = STEP_S * (np.arange(-n_past, round(LATEST_S / STEP_S), dtype=np.float64) + 0.5)
    unseen = np.where(lag_s > 0.0, np.exp(-lag_s / WAIT_S), 1.0) * (lag_s > -UNSEEN_S)
    density: FloatArray = unseen / unseen.sum()
    seen = onset.probability
    if onset.posterior is not None:
        odds = seen / max(1.0 - seen, 1e-12) * (1.0 if alarmed else SILENT_ODDS)
        seen = odds / (1.0 + odds)
        past = np.interp(now_s + lag_s, onset.posterior.grid_s, onset.posterior.density, left=0.0, right=0.0)
        density = seen * past / past.sum() + (1.0 - seen) * density
    whole = Posterior(now_s + lag_s, density / STEP_S)
    return replace(
        onset,
        time_s=whole.quantile(0.5),
        low_s=whole.quantile(0.05),
        high_s=whole.quantile(0.95),
        probability=seen,
        posterior=whole,
    )


def _late_step(values: FloatArray, sampling_frequency: float, *, look_s: float) -> Step | None:
    """Return where the power steps up in the last `look_s` of a signal.

    The main step would need 0.2 s of burst: with less it lies before the burst.
    """
    return coarse_step(values, sampling_frequency, first=max(0, values.size - round(look_s * sampling_frequency)))
