"""Five-tap leaks between two signals of changing power: their windows, and the fit of both directions together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, ndimage

from emgorder.model import BoolArray, FloatArray, IntArray

__all__ = ["TAPS", "TINY", "Pair", "cut_pair", "fit_leaks", "leak", "moving_power"]

REACH = 2
"""Samples before and after: five taps. Twenty-one, fitted lift by lift, take the muscle's own signal away as well."""

TAPS = 2 * REACH + 1

POWER_OVER_S = 0.05
"""Stretch over which a muscle's power is taken: shorter than the usual lead of one muscle. 0.1 s trebles the error."""

ACTIVE_OVER_REST = 4.0
REST_QUANTILE = 0.1
"""Moments count in which one of the muscles has four times the power of its quietest tenth: what both have in common
in rest (mains, heart, reference electrode) is no cross-talk."""

RIDGE = 1e-3
"""Share of each tap's own weight that is added to it: keeps taps small at frequencies that EMG does not have."""

STEPS = 6
"""Newton steps of a fit: one way the last moves taps by 1e-6, both ways by 1e-3."""

STEPS_AGAIN = 2
"""The same where a fit one way starts from that of all lifts and some of them are left out: the gain in those is within
0.0003 dB of that from scratch. Both ways it would be up to 0.08 dB too high."""

PIECE_S = 0.5
"""Stretch after which EMG has long forgotten itself: such pieces are independent evidence."""

QUIETEST = 1e-6
"""Share of the mean power below which power never falls: a channel of whole counts can be silent for a while."""

TINY = 1e-300
"""Keeps a dead channel divisible."""


@dataclass(frozen=True, eq=False, slots=True)
class Pair:
    """What of the windows of both signals is near moments that count, one after the other.

    ``counted`` marks those moments; there is a margin around each, so that filters do not see across the joins.
    """

    source: FloatArray
    target: FloatArray
    counted: BoolArray
    lift: IntArray
    piece: IntArray
    width: int


def cut_pair(
    source: FloatArray, target: FloatArray, sampling_frequency: float, windows_s: Sequence[tuple[float, float]]
) -> Pair:
    """Cut the windows out of both signals; moments count where one of them is active and none is lost nearby."""
    width = max(1, round(POWER_OVER_S * sampling_frequency))
    margin = width + 3 * REACH
    padded = [np.pad(x, margin, constant_values=np.nan) for x in (source, target)]
    parts: list[tuple[FloatArray, FloatArray, BoolArray, IntArray]] = []
    for number, (start_s, stop_s) in enumerate(windows_s):
        start, stop = (min(max(round(t * sampling_frequency), 0), source.size) for t in (start_s, stop_s))
        n = max(stop - start, 0) + 2 * margin
        inside = np.zeros(n, dtype=bool)
        inside[margin : n - margin] = True
        parts.append((padded[0][start : start + n], padded[1][start : start + n], inside, np.full(n, number)))
    if not parts:
        nothing = np.empty(0)
        return Pair(nothing, nothing, nothing > 0, nothing.astype(np.intp), nothing.astype(np.intp), width)
    cut_source, cut_target, inside, lift = (np.concatenate(part) for part in zip(*parts, strict=True))
    lost = np.isnan(cut_source) | np.isnan(cut_target)
    inside &= ndimage.maximum_filter1d(lost.astype(np.uint8), 2 * margin + 1) == 0
    cut_source[lost] = cut_target[lost] = 0.0
    active = np.zeros_like(inside)
    for cut in (cut_source, cut_target):
        power = moving_power(cut, width)
        if inside.any():
            active |= power > ACTIVE_OVER_REST * np.quantile(power[inside], REST_QUANTILE)
    piece = np.arange(lift.size) // max(1, round(PIECE_S * sampling_frequency))
    counted = inside & active
    near = ndimage.maximum_filter1d(counted.astype(np.uint8), 2 * margin + 1) > 0
    return Pair(cut_source[near], cut_target[near], counted[near], lift[near], piece[near], width)


def fit_leaks(
    pair: Pair, at: BoolArray, *, here: bool, back: bool, start: tuple[FloatArray, FloatArray] | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return the taps from source to target and back, of the directions asked for, from the marked moments.

    With the taps of a fit to more moments as `start`, fewer steps are taken.
    """
    free = np.repeat([here, back], TAPS)
    taps = np.zeros(2 * TAPS) if start is None else np.concatenate(start)
    for _ in range(STEPS if start is None else STEPS_AGAIN):
        target = pair.target - leak(pair.source, taps[:TAPS]) if here else pair.target
        source = pair.source - leak(pair.target, taps[TAPS:]) if back else pair.source
        slopes, scores = np.zeros((2 * TAPS, 2 * TAPS)), np.zeros(2 * TAPS)
        if here:
            slopes[:TAPS, :TAPS], slopes[:TAPS, TAPS:], scores[:TAPS] = _equations(target, source, at, pair.width)
        if back:
            slopes[TAPS:, TAPS:], slopes[TAPS:, :TAPS], scores[TAPS:] = _equations(source, target, at, pair.width)
        slopes += np.diag(RIDGE * slopes.diagonal() + TINY)
        taps[free] += np.linalg.solve(slopes[np.ix_(free, free)], scores[free])
    return taps[:TAPS], taps[TAPS:]


def _equations(
    own: FloatArray, other: FloatArray, at: BoolArray, width: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return ``sum(own * other(t - k) / power(own))``, last, after its slopes by the taps into own and out of it."""
    reach = 2 * REACH
    n = own.size - 2 * reach
    now = slice(reach, reach + n)  # marked moments have a margin, so that none is left out
    weight = np.where(at[now], 1 / moving_power(own, width)[now], 0.0)
    late = [other[reach - k : reach - k + n] for k in range(-REACH, REACH + 1)]
    weighted = [weight * samples for samples in late]
    into = np.empty((TAPS, TAPS))
    for k, one in enumerate(weighted):
        into[k, : k + 1] = into[: k + 1, k] = [one @ samples for samples in late[: k + 1]]
    weighted_own = weight * own[now]
    own_late = np.array([weighted_own @ own[reach - k : reach - k + n] for k in range(-reach, reach + 1)])
    out_of = linalg.hankel(own_late[:TAPS], own_late[TAPS - 1 :])
    return into, out_of, np.array([samples @ weighted_own for samples in late])


def leak(source: FloatArray, taps: FloatArray) -> FloatArray:
    """Return what of `source` arrives through `taps`; NaN within two samples of a NaN."""
    leaked: FloatArray = ndimage.convolve1d(source, taps, mode="constant")
    return leaked


def moving_power(samples: FloatArray, width: int) -> FloatArray:
    """Return the mean square over `width` samples around each, never quite zero."""
    square = samples**2
    lowest = max(QUIETEST * float(square.mean()), TINY)
    power: FloatArray = np.maximum(ndimage.uniform_filter1d(square, width, mode="constant"), lowest)
    return power
