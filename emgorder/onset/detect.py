"""From a signal with one burst to its onset: baseline, gaps and conditioning once for all detectors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from emgorder.model import FloatArray, Onset
from emgorder.onset.cuts import GAP_REACH_S, LOST, Cut, cut_at_step, nearest_s
from emgorder.onset.levels import Stretch
from emgorder.onset.registry import DEFAULT_METHOD, OnsetMethod, find_method
from emgorder.onset.usable import (
    check_baseline,
    check_signal,
    condition,
    hide_pads,
    why_unusable,
)

__all__ = ["detect_each", "detect_onset", "place_onset", "place_onsets"]

HIDDEN_REACH_S = 0.25
"""Where a detector finds nothing and a gap is this close to the coarse step, the gap is the reason."""

HIDDEN_SHARE = 0.2
"""An onset is withheld where more than this share of its posterior lies within reach of lost samples."""

OTHER_STEP_S, SECOND_FROM = 0.1, 0.7
"""Steps further apart than this are looked at both; the second counts where its rise is smooth by more than this.
Of 2,500 simulated bursts with smooth ramps the first step alone is off by more than 0.2 s in 0.8 %. Where it is beside
lost samples nothing else is looked at: what is left may be a rise of the rest."""

LASTS_S, LASTS_DB = 0.3, 1.5
"""A burst goes on: the median power of this long from where it becomes visible is above that of rest by at least this
much. Hand-read bursts have 4.6 dB at least, simulated ones of 3 dB at 500 Hz and above 2.1 dB. Of 150 signals of 3 s
without a burst, stray potentials of 50 ms / single spikes / steps of the offset / heart beats pass for one at 1 kHz in
.03 / .02 / .01 / .21 instead of .47 / .59 / .53 / .89, at 200 Hz in .35 / .45 / .26 / .47 instead of .65 / .79 / .65 /
.53. No hand-read burst changes; of 960 simulated ones one does, whose onset was told 350 ms early."""

SHORT_S, SHORT_DB = 0.2, 10.0
"""... or that of a shorter time is above it by much more: a strong burst may last 0.1 s only."""

FRAME_S = 0.020
"""Of those powers."""

NO_ONSET = "no onset found"
STOPS = "no burst found: what rises most does not go on"


def detect_onset(
    signal: npt.ArrayLike,
    sampling_frequency: float,
    *,
    baseline: tuple[float, float] | None = None,
    method: str = DEFAULT_METHOD,
    conditioned: bool = False,
) -> Onset:
    """Find where the burst in a signal begins.

    Parameters
    ----------
    signal : array_like, shape (n_samples,)
        EMG of one muscle around one burst, with at least 0.2 s (better 0.6 s) of rest before it, whose last 0.1 s do
        not count as rest, and 0.15 s (better 0.3 s) after. Any unit, NaN is a lost sample. A constant value for 50 ms
        or longer at either end counts as a pad, and as rest only where there is no other. Of several bursts the one
        with the largest step of log power is taken; without any, noise of constant strength rarely passes for one (2 %
        of 3 s at 200 Hz, none at 1 kHz), stray potentials, spikes and steps of the offset rarely at 1 kHz and in up to
        half of such signals at 200 Hz, heart beats in a fifth to a half. :func:`detect_onsets` judges long signals by
        their activity elsewhere.
    sampling_frequency : float
        Hz, 100 at least. Faster signals are thinned to about 1 kHz.
    baseline : tuple of float, optional
        Start and stop of rest, s from the first sample. Without it the half second that ends 0.1 s before the largest
        step of log power is taken.
    method : str
        Key of :func:`onset_methods`.
    conditioned : bool
        Whether the signal was band-passed before; else it is, causally, 20 to 450 Hz.

    Returns
    -------
    Onset
        Times in seconds from the first sample; NaN with the reason in words where there is no onset, or where it
        lies within 50 ms of lost samples: gaps are never bridged. ``probability`` is then 0 where no burst begins
        and beside gaps, and NaN where the signal is too short, constant or lost, as for methods that never say.

    Raises
    ------
    RecordingError
        The signal is not one-dimensional, or not numbers.
    SettingsError
        No such method, a sampling frequency below 100 Hz, or a baseline that is not in the signal.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=2000) * np.where(np.arange(2000) < 1000, 1, 10)
    >>> round(detect_onset(emg, 1000).time_s, 2), detect_onset(emg[:900], 1000).found
    (1.0, False)
    """
    if baseline is not None:
        check_baseline(baseline, check_signal(signal, sampling_frequency).size / sampling_frequency)
    return detect_each([signal], sampling_frequency, baseline=baseline, method=method, conditioned=conditioned)[0]


def detect_each(
    signals: Sequence[npt.ArrayLike],
    sampling_frequency: float,
    *,
    baseline: tuple[float, float] | None = None,
    method: str = DEFAULT_METHOD,
    conditioned: bool = False,
) -> list[Onset]:
    """Find where the burst in each of several signals begins; parameters as in :func:`detect_onset`.

    Methods with a posterior do all signals at once, in a fraction of the time.

    Examples
    --------
    >>> import numpy as np
    >>> emg = np.random.default_rng(1).normal(size=2000) * np.where(np.arange(2000) < 1000, 1, 10)
    >>> [round(onset.time_s, 2) for onset in detect_each([emg, emg[200:]], 1000)]
    [1.0, 0.8]
    """
    chosen = find_method(method)
    raw = [check_signal(signal, sampling_frequency) for signal in signals]
    sampling_frequency = float(sampling_frequency)
    reasons = [why_unusable(samples) for samples in raw]
    bare = [hide_pads(samples, sampling_frequency) for samples in raw]
    onsets = place_onsets(
        [condition(samples, sampling_frequency, conditioned=conditioned) for samples in bare],
        sampling_frequency,
        chosen,
        baseline=baseline,
    )
    for k, (samples, without_pads) in enumerate(zip(raw, bare, strict=True)):
        if reasons[k]:
            onsets[k] = Onset(method=chosen.name, reason=reasons[k])
        elif not onsets[k].found and np.isfinite(without_pads).sum() < np.isfinite(samples).sum():
            shown = condition(samples, sampling_frequency, conditioned=conditioned)
            with_pads = place_onset(shown, sampling_frequency, chosen, baseline=baseline)
            onsets[k] = with_pads if with_pads.found else onsets[k]
    return onsets


def place_onset(
    samples: FloatArray,
    sampling_frequency: float,
    method: OnsetMethod,
    *,
    baseline: tuple[float, float] | None = None,
    burst_is_sure: bool = False,
) -> Onset:
    """Find the onset in conditioned samples that were checked before; see :func:`place_onsets`."""
    return place_onsets([samples], sampling_frequency, method, baseline=baseline, burst_is_sure=burst_is_sure)[0]


def place_onsets(
    signals: Sequence[FloatArray],
    sampling_frequency: float,
    method: OnsetMethod,
    *,
    baseline: tuple[float, float] | None = None,
    burst_is_sure: bool = False,
) -> list[Onset]:
    """Find the onset in each of several conditioned signals that were checked before.

    Parameters
    ----------
    signals : sequence of ndarray of float64, shape (n_samples,)
        Conditioned EMG; NaN is a lost sample.
    sampling_frequency : float
        Hz.
    method : OnsetMethod
        The detector.
    baseline : tuple of float, optional
        Start and stop of rest, s.
    burst_is_sure : bool
        Whether a burst is known to begin here, so that even a rise no larger than that of noise is one: very slow
        ones have no larger step.
    """
    cut = partial(cut_at_step, sampling_frequency=sampling_frequency, baseline=baseline, burst_is_sure=burst_is_sure)
    cuts = [cut(s, method=method) for s in signals]
    lasts = method.has_posterior and not burst_is_sure
    onsets = _run_cuts(method, cuts, lasts=lasts)
    if method.second_step is not None and baseline is None:
        again = replace(method, find_step=method.second_step)
        tried = [cut(s, method=again) for s in signals]
        others = {k: o for k, o in enumerate(tried) if onsets[k].reason != LOST and _differs(o, cuts[k])}
        for k, onset in zip(others, _run_cuts(again, list(others.values()), lasts=lasts), strict=True):
            if onset.found and onset.smooth > SECOND_FROM:
                onsets[k] = onset
    return [_signed(onset, method) for onset in onsets]


def _run_cuts(method: OnsetMethod, cuts: Sequence[Cut | Onset], *, lasts: bool) -> list[Onset]:
    """Return the onset of each cut; with `lasts` only where the activity goes on."""
    found = iter(_run(method, [cut.stretch for cut in cuts if isinstance(cut, Cut)]))
    placed = []
    for cut in cuts:
        onset = next(found) if isinstance(cut, Cut) else cut
        if isinstance(cut, Cut):
            stops = lasts and onset.found and _stops(cut.stretch, onset.visible_s)
            onset = _placed(cut, Onset(probability=0.0, reason=STOPS) if stops else onset)
        placed.append(onset)
    return placed


def _stops(stretch: Stretch, visible_s: float) -> bool:
    """Whether what becomes visible is no burst, as it does not go on; False where too little is shown to tell."""
    rate = stretch.sampling_frequency
    after = stretch.values[round(visible_s * rate) :]
    if after.size < LASTS_S * rate:
        return False
    rest, long, short = (
        _usual_power(values, rate)
        for values in (stretch.values[: stretch.n_rest], after[: round(LASTS_S * rate)], after[: round(SHORT_S * rate)])
    )
    return bool(long < rest * 10.0 ** (LASTS_DB / 10.0) and short < rest * 10.0 ** (SHORT_DB / 10.0))


def _usual_power(values: FloatArray, sampling_frequency: float) -> float:
    """Return the median of the power of short frames: what takes up less than half of them hardly counts."""
    size = max(1, round(FRAME_S * sampling_frequency))
    frames = values[: values.size // size * size].reshape(-1, size)
    return float(np.median(np.mean(frames * frames, axis=1)))


def _differs(other: Cut | Onset, cut: Cut | Onset) -> bool:
    """Whether a cut is at another step, far enough from the first for another burst or another part of it."""
    if not isinstance(other, Cut):
        return False
    return not isinstance(cut, Cut) or abs(other.step_s - cut.step_s) > OTHER_STEP_S


def _signed(onset: Onset, method: OnsetMethod) -> Onset:
    """Return `onset` with the name of its method, and no probability where that method has none."""
    return replace(onset, method=method.name, probability=onset.probability if method.has_posterior else math.nan)


def _run(method: OnsetMethod, stretches: Sequence[Stretch]) -> list[Onset]:
    if method.detect_many is not None:
        return method.detect_many(stretches)
    assert method.detect is not None
    return [
        Onset(time_s=method.detect(s.values, s.sampling_frequency, slice(0, s.n_rest), **method.defaults))
        for s in stretches
    ]


def _placed(cut: Cut, found: Onset) -> Onset:
    """Return the onset in seconds of the signal, withheld where lost samples are within its reach."""
    onset = found.shifted(cut.start_s)
    if onset.found:
        near = _share_near(onset, cut)
        if near > HIDDEN_SHARE:
            return Onset(probability=onset.probability * (1.0 - near), reason=LOST)
        return replace(onset, probability=onset.probability * (1.0 - near)) if near else onset
    if nearest_s(cut.gaps_s, cut.step_s) < HIDDEN_REACH_S:
        return Onset(probability=onset.probability, reason=LOST)
    return replace(onset, reason=onset.reason or NO_ONSET)


def _share_near(onset: Onset, cut: Cut) -> float:
    """Return how much of what is known of the onset lies within reach of a gap, or beyond it."""
    if not cut.gaps_s.size:
        return 0.0
    times_s = np.array([onset.time_s]) if onset.posterior is None else onset.posterior.grid_s
    weights = np.ones(1) if onset.posterior is None else onset.posterior.density
    before, after = cut.gaps_s[cut.gaps_s < cut.step_s], cut.gaps_s[cut.gaps_s >= cut.step_s]
    first_s, last_s = before.max(initial=-math.inf) + GAP_REACH_S, after.min(initial=math.inf) - GAP_REACH_S
    near = (times_s < first_s) | (times_s > last_s)
    return float(weights[near].sum() / weights.sum())
