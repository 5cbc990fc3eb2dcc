"""How long a rise is hidden in the noise: in all lifts of a session a muscle rises alike, and is seen equally late.

The *lag* of an onset is how much later than it begins it becomes visible, ``visible_s - time_s``.
"""

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
"""What unequal lags leave uncertain of the typical difference: its standard deviation as a share of the difference
between the two muscles' lags. In 120 simulated sessions of ten lifts, half of them with unequal muscles, the 90 %
interval of the mean covers .85 to .92 with 0.3."""

UNLIKE_ERROR_S = 0.025
"""The same where the rises of only one muscle look smooth: its onsets are placed where they began, those of the other
where they are seen. In 80 simulated sessions with wavering rests the interval of the mean covers .86 with it and .80
without; 0.02 and 0.04 do as well."""

DURATION_SPREAD = 0.3
"""How much the durations of a muscle's rises vary within a session: standard deviation of their logarithm. On 4,200
simulated pairs 0.18 is a little worse and 0.35 as good."""

SHORTEST_S = 0.012
"""Durations below it can hardly be told apart."""

OTHER_SHAPE = 0.1
"""How likely it is, relative to the usual shape of its muscle, that a lift rises with another one. With 0.01 intervals
are a little too short, with 0.15 unequal muscles are placed a little worse."""

SHARE = 0.5
"""How far the excitation that the onset network sees in a lift is moved towards the lag that is usual in its session:
0 leaves it where it is, 1 gives every lift the usual lag."""

STRETCH = 0.4
"""Share of the usual lag by which all lifts are moved earlier on top of that: from a single lift the network takes a
slow rise for a faster, more common one."""

SMOOTH_FROM = 0.1
"""Least smoothness from which a lift tells anything about the rises of its muscle. Of rougher lifts the start counts a
little too, but for themselves alone."""

MIN_SMOOTH = 4.0
"""Smooth lifts (their smoothness summed) that are needed until the session tells more than each lift alone (judged)."""

USUAL_FROM, USUAL_SURE = 0.6, 0.8
"""Mean smoothness of the other lifts from which a lift begins to count as smooth too, and from which it surely does
(judged): 1 % of 4,000 simulated bursts look rough, and were placed up to 140 ms late on their own."""


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
    """Return how much a lift tells about the rises of its muscle, 0 to 1."""
    return rise.smooth if rise.smooth >= SMOOTH_FROM else 0.0


def _usually(k: int, smooth: Sequence[float]) -> float:
    """Return how much lift `k` counts as smooth, by itself or because the others are."""
    others = float(np.mean([share for other, share in enumerate(smooth) if other != k]))
    return max(smooth[k], min(max((others - USUAL_FROM) / (USUAL_SURE - USUAL_FROM), 0.0), 1.0))


def _later_s(rises: Sequence[Rise]) -> list[float]:
    """Return how much later the excitation that the onset network sees is taken to be in each lift.

    Mostly negative, that is earlier. The usual lag is the median over smooth lifts; those of rough ones tell nothing.
    """
    lags_s = np.array([_lag_s(rise) for rise in rises])
    usual_s = float(np.median(lags_s[[_tells(rise) > 0.0 for rise in rises]]))
    return [float(by_s) for by_s in SHARE * (lags_s - usual_s) - STRETCH * usual_s]


def _lag_s(rise: Rise) -> float:
    """Return the lag of a rise as the onset network alone sees it."""
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

    Muscles that rise alike are hidden equally long: the error is the same in both and cancels. It grows with the
    difference of their lags, and where one of them looks smoother than the other.

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
