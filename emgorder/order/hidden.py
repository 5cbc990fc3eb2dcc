"""True against visible onset: a muscle rises alike, and is seen alike late, in all lifts of a session."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from emgorder.model import FloatArray, Onset, Posterior, Rise
from emgorder.onset.posterior import place_start
from emgorder.onset.rises import KINDS, USUAL
from emgorder.onset.starts import evidence_of, usual_kinds

__all__ = ["lag_error_s", "learn_rises"]

LAG_ERROR = 0.5
"""Standard deviation of the typical difference as a share of the difference of the lags. In 120 simulated sessions of
ten lifts, half of them with unequal muscles, the 90 % interval of the mean covers .85 to .92 with 0.3."""

UNLIKE_ERROR_S = 0.025
"""The same for a muscle whose rises look smooth beside one whose do not: of the one it is said where it began, of the
other where it is seen. In 80 simulated sessions with wavering rests the interval of the mean covers .86 instead of .80;
0.02 and 0.04 do as much."""

DURATION_SPREAD = 0.3
"""Standard deviation of the logarithm of the durations of a muscle's rises in a session. On 4,200 simulated pairs 0.18
is a little worse and 0.35 as good."""

SHORTEST_S = 0.012
"""Durations below it are hardly told apart."""

OTHER_SHAPE = 0.1
"""How likely a lift has another shape than is usual for its muscle, beside the same: with 0.01 intervals are a little
too short, with 0.15 unequal muscles a little worse."""

SHARE = 0.5
"""How far what the onset network says of a lift is moved towards the lag that is usual in its session."""

STRETCH = 0.4
"""Further share of the usual lag by which all lifts are moved: what one lift tells of a slow rise is drawn towards the
ramps that are common."""

SMOOTH_FROM = 0.1
"""Share of its start from which on a lift is one that tells of the rises of its muscle: of rough ones a little counts,
too, but only for themselves."""

MIN_SMOOTH = 4.0
"""Lifts that rise smoothly, summed by how much, from which on they tell more than a lift of its own (judged)."""

USUAL_FROM, USUAL_SURE = 0.6, 0.8
"""How smooth the other lifts are on average from which on a lift is taken to be so too, and is so surely (judged): of
4,000 simulated bursts 1 % look rough, and were then placed up to 140 ms late."""


def learn_rises(onsets: Sequence[Onset]) -> list[Onset]:
    """Place the onsets of one muscle anew, with what all lifts of a session tell of its rises.

    One burst hardly tells the duration and the shape of its rise; nine others do, and with a known rise its start is
    much better placed.

    Parameters
    ----------
    onsets : sequence of Onset
        Of one muscle in the lifts of a session, as the default method returns them; others stay as they are.

    Returns
    -------
    list of Onset
        In the same order, without their ``rise``; ``visible_s`` stays. ``smooth`` is raised where nearly all other
        lifts are smooth.

    Examples
    --------
    >>> [onset.time_s for onset in learn_rises([Onset(time_s=1.0, method="hmm")] * 5)]
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    rises = {k: onset.rise for k, onset in enumerate(onsets) if onset.rise is not None and onset.found}
    placed = [replace(onset, rise=None) for onset in onsets]
    together = list(rises.values())
    if sum(_tells(rise) for rise in together) < MIN_SMOOTH:
        return placed
    shares = [_usually(k, [rise.smooth for rise in together]) for k in range(len(together))]
    counted = [replace(rise, smooth=share) for rise, share in zip(together, shares, strict=True)]
    told = zip(_level_kinds(together), _network_kinds(together), _later_s(counted), strict=True)
    for k, share, what in zip(rises, shares, told, strict=True):
        placed[k] = replace(place_start(replace(onsets[k], smooth=share), *what), rise=None)
    return placed


def _tells(rise: Rise) -> float:
    """Return how much a lift tells of the rises of its muscle."""
    return rise.smooth if rise.smooth >= SMOOTH_FROM else 0.0


def _usually(k: int, smooth: Sequence[float]) -> float:
    """Return how much lift `k` counts as smooth, by itself or because the others are."""
    others = float(np.mean([share for other, share in enumerate(smooth) if other != k]))
    return max(smooth[k], min(max((others - USUAL_FROM) / (USUAL_SURE - USUAL_FROM), 0.0), 1.0))


def _later_s(rises: Sequence[Rise]) -> list[float]:
    """Return by how much what the onset network says of each start is moved; lags of rough rises tell nothing."""
    lags_s = np.array([_lag_s(rise) for rise in rises])
    usual_s = float(np.median(lags_s[[_tells(rise) > 0.0 for rise in rises]]))
    return [float(by_s) for by_s in SHARE * (lags_s - usual_s) - STRETCH * usual_s]


def _lag_s(rise: Rise) -> float:
    """Return how much later than it begins, as the onset network alone says, a rise becomes visible."""
    began = (1.0 - rise.smooth) * rise.visible / rise.visible.sum() + rise.smooth * rise.excited
    return Posterior(rise.grid_s, rise.visible).quantile(0.5) - Posterior(rise.grid_s, began).quantile(0.5)


def _level_kinds(rises: Sequence[Rise]) -> list[FloatArray]:
    """Return how likely each kind of rise is in each lift, given the other lifts: its logarithm."""
    lift = _lift_law()
    evidence = np.array([np.exp(rise.levels.fit).sum(axis=1) for rise in rises])  # how well each kind fits each lift
    log_evidence = np.log(evidence @ lift.T + np.finfo(float).tiny) * np.array([[_tells(rise)] for rise in rises])
    others = log_evidence.sum(axis=0) - log_evidence
    usual = USUAL * np.exp(others - others.max(axis=1, keepdims=True))
    return list(np.log(usual / usual.sum(axis=1, keepdims=True) @ lift))


def _lift_law() -> FloatArray:
    """Return the probability of each kind in a lift, given the one that is usual in the session: a row each."""
    durations_s, powers = np.array(KINDS).T
    log_s = np.log(durations_s + SHORTEST_S)
    law = np.exp(-0.5 * ((log_s[:, None] - log_s) / DURATION_SPREAD) ** 2)
    alike = (powers[:, None] == powers) | (durations_s[:, None] == 0.0) | (durations_s == 0.0)
    law *= np.where(alike, 1.0, OTHER_SHAPE)
    normed: FloatArray = law / law.sum(axis=1, keepdims=True)
    return normed


def _network_kinds(rises: Sequence[Rise]) -> list[FloatArray]:
    """Return the same for the kinds of the start network."""
    told = [_tells(rise) * evidence_of(rise.network) for rise in rises]
    together = np.sum(told, axis=0)
    return [usual_kinds(together - own) for own in told]


def lag_error_s(both: Sequence[tuple[Onset, Onset]]) -> float:
    """Return what the lags of two muscles leave uncertain of their typical difference, one standard deviation, s.

    Like muscles are hidden alike, so that the error is the same in both and cancels; it grows with how much later than
    the other the one is seen, and with how much smoother it looks.

    Parameters
    ----------
    both : sequence of (Onset, Onset)
        The two muscles in each lift.

    Examples
    --------
    >>> slow, fast = Onset(time_s=0.95, visible_s=1.00, smooth=1.0), Onset(time_s=0.99, visible_s=1.00, smooth=1.0)
    >>> round(lag_error_s([(slow, fast)] * 5), 3), lag_error_s([(slow, slow)] * 5), lag_error_s([])
    (0.02, 0.0, 0.0)
    >>> rough = Onset(time_s=1.00, visible_s=1.00, smooth=0.03)
    >>> round(lag_error_s([(slow, rough)] * 5), 3), lag_error_s([(rough, rough)] * 5)
    (0.035, 0.0)
    """
    told = np.array([[(o.visible_s - o.time_s, np.nan_to_num(o.smooth)) for o in pair] for pair in both])
    told = told.reshape(-1, 2, 2)
    told = told[np.isfinite(told).all(axis=(1, 2))]
    if not len(told):
        return 0.0
    (first_s, first_smooth), (second_s, second_smooth) = np.median(told, axis=0).tolist()
    return math.hypot(LAG_ERROR * (first_s - second_s), UNLIKE_ERROR_S * (first_smooth - second_smooth))
