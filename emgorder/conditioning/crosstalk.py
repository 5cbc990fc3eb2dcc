"""Cross-talk: what one muscle's electrodes pick up from the other muscle, found over a session's lifts and removed.

Two muscles have independent waveforms whose power changes from moment to moment; into each channel a filtered copy of
the other may leak. Muscles that merely work together share their rise and fall but not their waveform, so that true
co-activation is left alone. The direction shows where one muscle is active without the other: the taps of a leak stay
the same then, while those of the reverse path would have to change with the ratio of the two powers.

Measured on simulated sessions of ten lifts (glute 12 dB, hamstring 22 dB and 80 ms earlier; mean + 3 SD detector, whose
bias without any leak is +3 ms): leaks of 3, 6, 10 and 20 % move the glute's onset to 0, -26, -51 and -73 ms; with the
leak removed it is at +3 ms each time, four lifts suffice from 6 % upwards, and where nothing leaks nothing is removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from emgorder.conditioning.leaks import TAPS, TINY, Pair, cut_pair, fit_leaks, leak, moving_power
from emgorder.errors import RecordingError
from emgorder.model import FloatArray, IntArray

__all__ = ["CrosstalkModel", "fit_crosstalk", "fit_crosstalk_both_ways", "remove_crosstalk"]

FOLDS = 5
FEWEST_LIFTS = 4
MOST_LIFTS = 16
"""Lifts looked at, spread evenly over the session: a leak is a property of the electrodes and stays."""

CHANCE = 0.005
"""Probability that lifts left out of the fit show such a gain by chance: one-sided t test over pieces of 0.5 s."""

CHANCE_BESIDE = 0.0005
LEFT_BESIDE = 0.1
"""For leaks both ways, each must still gain beside the other: more than by this chance, and this share of what it gains
alone. The bar is higher because the errors of the two fits feed each other: where the leak went one way, the gain that
remained had a median t of 1.5 (90 % below 3.0) and, from a leak of 6 % upwards, a share of 0.02."""

_DB_PER_NEPER = 10 / np.log(10)


@dataclass(frozen=True, eq=False, slots=True)
class CrosstalkModel:
    """How one muscle leaks into another's channel.

    Attributes
    ----------
    taps : ndarray of float64, shape (5,)
        Weights of the source two samples later, one later, at the same time, one and two samples earlier.
    share : float
        RMS of what leaks in over RMS of the source, while one of them is active (0.1 is 10 %).
    held_out_gain_dB : float
        How far removing it lowers the target in lifts left out of the fit, mean over active moments.
    helps : bool
        Whether that gain is more than chance, and the leak goes this way.
    reason : str
        Why, in words.
    """

    taps: FloatArray
    share: float
    held_out_gain_dB: float
    helps: bool
    reason: str


def fit_crosstalk(
    source: FloatArray,
    target: FloatArray,
    sampling_frequency: float,
    windows_s: Sequence[tuple[float, float]],
) -> CrosstalkModel:
    """Estimate how `source` leaks into `target`, and check on lifts left out of the fit that removing it helps.

    Parameters
    ----------
    source, target : ndarray of float64, shape (n_samples,)
        Both muscles, conditioned alike (band-passed, mains removed); NaN is a lost sample.
    sampling_frequency : float
        Hz.
    windows_s : sequence of (start, stop)
        The session's lifts with some rest before each, in seconds.

    Returns
    -------
    CrosstalkModel
        For :func:`remove_crosstalk`. With fewer than four lifts, or where nothing leaks, ``helps`` is False.

    Raises
    ------
    RecordingError
        The two signals are not of one length.

    Notes
    -----
    Each direction's five taps solve ``sum(own * other(t - k) / power(own)) = 0`` for k = -2 ... 2, where own and other
    are the two signals with the leaks taken out: second-order blind separation of sources of changing power after Pham
    & Cardoso 2001, 10.1109/78.942614, which differs in that it has one tap and diagonalises all blocks jointly.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> active = np.tile(np.repeat([0.1, 1.0], 500), 6)
    >>> hamstring, glute = rng.normal(size=(2, 6000)) * [active, np.roll(active, 80)]
    >>> lifts = [(start, start + 1.0) for start in range(6)]
    >>> model = fit_crosstalk(hamstring, glute + 0.2 * hamstring, 1000, lifts)
    >>> model.helps, round(model.share, 1)
    (True, 0.2)
    """
    return fit_crosstalk_both_ways(source, target, sampling_frequency, windows_s)[0]


def fit_crosstalk_both_ways(
    first: FloatArray,
    second: FloatArray,
    sampling_frequency: float,
    windows_s: Sequence[tuple[float, float]],
) -> tuple[CrosstalkModel, CrosstalkModel]:
    """Do what :func:`fit_crosstalk` does for both directions, at the cost of one.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n_samples,)
        Both muscles, conditioned alike; NaN is a lost sample.
    sampling_frequency : float
        Hz.
    windows_s : sequence of (start, stop)
        The session's lifts with some rest before each, in seconds.

    Returns
    -------
    tuple of CrosstalkModel
        From `first` into `second`, and back.

    Raises
    ------
    RecordingError
        The two signals are not of one length.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> active = np.tile(np.repeat([0.1, 1.0], 500), 6)
    >>> hamstring, glute = rng.normal(size=(2, 6000)) * [active, np.roll(active, 80)]
    >>> lifts = [(start, start + 1.0) for start in range(6)]
    >>> [model.helps for model in fit_crosstalk_both_ways(hamstring, glute + 0.2 * hamstring, 1000, lifts)]
    [True, False]
    """
    first, second = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape:
        raise RecordingError(
            f"signals of shape {first.shape} and {second.shape} are no pair: give two arrays of shape (n_samples,)"
        )
    pair = cut_pair(first, second, sampling_frequency, _spread(windows_s))
    lifts = np.unique(pair.lift[pair.counted])
    if lifts.size < FEWEST_LIFTS:
        reason = f"too few lifts with activity to tell cross-talk: {lifts.size}, at least {FEWEST_LIFTS} are needed"
        nothing = CrosstalkModel(np.zeros(TAPS), np.nan, np.nan, helps=False, reason=reason)
        return nothing, nothing
    here, _ = _fit_and_check(pair, lifts, here=True, back=False)
    _, back = _fit_and_check(pair, lifts, here=False, back=True)
    alone = here, back
    if all(_above_chance(way.gains, CHANCE) for way in alone):
        beside = _fit_and_check(pair, lifts, here=True, back=True)
        if all(
            _above_chance(way.gains, CHANCE_BESIDE) and way.gains.sum() > LEFT_BESIDE * single.gains.sum()
            for way, single in zip(beside, alone, strict=True)
        ):
            return _model(pair, pair.source, beside[0]), _model(pair, pair.target, beside[1])
    return (
        _model(pair, pair.source, here, _why_not(here, back, lifts.size)),
        _model(pair, pair.target, back, _why_not(back, here, lifts.size)),
    )


def remove_crosstalk(source: FloatArray, target: FloatArray, model: CrosstalkModel) -> FloatArray:
    """Return `target` without what leaks into it from `source`.

    Looks two samples ahead (2 ms at 1 kHz) because the two electrodes see a potential at slightly different times.

    Parameters
    ----------
    source, target : ndarray of float64, shape (n_samples,)
        Conditioned as for :func:`fit_crosstalk`. Where both directions leak, give both calls the signals as they were.
    model : CrosstalkModel
        Of this direction. Nothing is removed where it says that this does not help.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        NaN where the target is lost, or the source within two samples: there the leak is not known.

    Examples
    --------
    >>> import numpy as np
    >>> model = CrosstalkModel(np.array([0, 0, 0.1, 0, 0]), share=0.1, held_out_gain_dB=1.0, helps=True, reason="")
    >>> remove_crosstalk(np.array([10.0, 0, 0, 0]), np.array([1.5, 1, 1, 1]), model)
    array([0.5, 1. , 1. , 1. ])
    """
    target = np.array(target, dtype=np.float64)
    return target - leak(np.asarray(source, dtype=np.float64), model.taps) if model.helps else target


@dataclass(frozen=True, eq=False, slots=True)
class _Checked:
    """Taps one way from all lifts, and what such taps gain in lifts that had no part in their fit.

    ``gains`` are falls of the logarithm of power by taking the leak out, summed over each piece.
    """

    taps: FloatArray
    gains: FloatArray


def _spread(windows_s: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    if len(windows_s) <= MOST_LIFTS:
        return windows_s
    chosen = np.linspace(0, len(windows_s) - 1, MOST_LIFTS).round().astype(np.intp)
    return [windows_s[k] for k in chosen.tolist()]


def _fit_and_check(pair: Pair, lifts: IntArray, *, here: bool, back: bool) -> tuple[_Checked, _Checked]:
    """Fit the directions asked for together; the other has no taps and gains nothing."""
    taps = fit_leaks(pair, pair.counted, here=here, back=back)
    start = None if here and back else taps  # so near to its end only one way that the lifts left out do not show
    into_target, into_source = np.zeros_like(pair.target), np.zeros_like(pair.source)
    fold_of = np.full(int(pair.lift.max()) + 1, -1)
    fold_of[lifts] = np.arange(lifts.size) % FOLDS
    fold = fold_of[pair.lift]
    for left_out in range(min(FOLDS, lifts.size)):
        held_out = fold == left_out
        there, again = fit_leaks(pair, pair.counted & ~held_out, here=here, back=back, start=start)
        if here:
            own_source = pair.source - leak(pair.target, again) if back else pair.source
            into_target[held_out] = leak(own_source, there)[held_out]
        if back:
            own_target = pair.target - leak(pair.source, there) if here else pair.target
            into_source[held_out] = leak(own_target, again)[held_out]
    return (
        _Checked(taps[0], _gains(pair, pair.target, into_target)),
        _Checked(taps[1], _gains(pair, pair.source, into_source)),
    )


def _gains(pair: Pair, samples: FloatArray, leaked: FloatArray) -> FloatArray:
    fall = np.log(moving_power(samples, pair.width) / moving_power(samples - leaked, pair.width))
    _, place = np.unique(pair.piece[pair.counted], return_inverse=True)
    gains: FloatArray = np.bincount(place, fall[pair.counted]).astype(np.float64, copy=False)
    return gains


def _why_not(way: _Checked, opposite: _Checked, n_lifts: int) -> str:
    """Say why one of two leaks, of which one at most is there, is not; empty where it is."""
    this, that = (_above_chance(x.gains, CHANCE) for x in (way, opposite))
    gain, opposite_gain = way.gains.sum(), opposite.gains.sum()
    if this and gain > opposite_gain:
        return ""
    if that and opposite_gain > gain:
        return "what the two channels share leaks the other way"
    if this or that:
        return "the two channels share something, but which way it leaks cannot be told"
    return f"nothing above chance leaks in, judged on {n_lifts} lifts"


def _model(pair: Pair, source: FloatArray, way: _Checked, why_not: str = "") -> CrosstalkModel:
    at = pair.counted
    share = _rms(leak(source, way.taps)[at]) / max(_rms(source[at]), TINY)
    gain_dB = _DB_PER_NEPER * float(way.gains.sum()) / np.count_nonzero(at)
    found = f"{share:.0%} leaks in; without it lifts that had no part in the fit are {gain_dB:.2f} dB lower"
    return CrosstalkModel(way.taps, share, gain_dB, helps=not why_not, reason=why_not or found)


def _above_chance(gains: FloatArray, chance: float) -> bool:
    mean, n = float(gains.mean()), gains.size
    return mean > 0 and mean > float(stats.t.isf(chance, n - 1)) * float(gains.std(ddof=1)) / n**0.5


def _rms(samples: FloatArray) -> float:
    return float(np.sqrt(np.mean(samples**2)))
