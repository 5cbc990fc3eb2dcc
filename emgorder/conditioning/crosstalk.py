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

__all__ = ["CrosstalkModel", "fit_crosstalk", "remove_crosstalk"]

FOLDS = 5
FEWEST_LIFTS = 4
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
    source, target = np.asarray(source, dtype=np.float64), np.asarray(target, dtype=np.float64)
    if source.ndim != 1 or source.shape != target.shape:
        raise RecordingError(
            f"signals of shape {source.shape} and {target.shape} are no pair: give two arrays of shape (n_samples,)"
        )
    pair = cut_pair(source, target, sampling_frequency, windows_s)
    lifts = np.unique(pair.lift[pair.counted])
    if lifts.size < FEWEST_LIFTS:
        return CrosstalkModel(
            np.zeros(TAPS),
            np.nan,
            np.nan,
            helps=False,
            reason=f"too few lifts with activity to tell cross-talk: {lifts.size}, at least {FEWEST_LIFTS} are needed",
        )
    gains = _held_out_gains(pair, lifts)
    here, back = gains.here.sum(), gains.back.sum()
    both = (
        all(_above_chance(gain, CHANCE) for gain in (gains.here, gains.back))
        and all(_above_chance(gain, CHANCE_BESIDE) for gain in (gains.here_beside_back, gains.back_beside_here))
        and gains.here_beside_back.sum() > LEFT_BESIDE * here
        and gains.back_beside_here.sum() > LEFT_BESIDE * back
    )
    helps = both or bool(_above_chance(gains.here, CHANCE) and here > back)
    taps, _ = fit_leaks(pair, pair.counted, here=True, back=both)
    at = pair.counted
    share = _rms(leak(pair.source, taps)[at]) / max(_rms(pair.source[at]), TINY)
    gain_dB = _DB_PER_NEPER * float(gains.here_beside_back.sum() if both else here) / np.count_nonzero(at)
    if helps:
        reason = f"{share:.0%} leaks in; without it lifts that had no part in the fit are {gain_dB:.2f} dB lower"
    elif _above_chance(gains.back, CHANCE) and back > here:
        reason = "what the two channels share leaks the other way"
    elif _above_chance(gains.back, CHANCE) or _above_chance(gains.here, CHANCE):
        reason = "the two channels share something, but which way it leaks cannot be told"
    else:
        reason = f"nothing above chance leaks in, judged on {lifts.size} lifts"
    return CrosstalkModel(taps, share, gain_dB, helps, reason)


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
class _Gains:
    """Fall of the logarithm of power by taking a leak out, summed over each piece of the held-out lifts."""

    here: FloatArray
    back: FloatArray
    here_beside_back: FloatArray
    back_beside_here: FloatArray


def _held_out_gains(pair: Pair, lifts: IntArray) -> _Gains:
    fold_of = np.full(int(pair.lift.max()) + 1, -1)
    fold_of[lifts] = np.arange(lifts.size) % FOLDS
    pieces, place = np.unique(pair.piece, return_inverse=True)
    gains = [np.zeros(pieces.size) for _ in range(4)]
    for fold in range(min(FOLDS, lifts.size)):
        held_out = pair.counted & (fold_of[pair.lift] == fold)
        rest = pair.counted & ~held_out
        here, _ = fit_leaks(pair, rest, here=True, back=False)
        _, back = fit_leaks(pair, rest, here=False, back=True)
        here_beside, back_beside = fit_leaks(pair, rest, here=True, back=True)
        own_target = pair.target - leak(pair.source, here_beside)
        own_source = pair.source - leak(pair.target, back_beside)
        for total, before, leaked in (
            (gains[0], pair.target, leak(pair.source, here)),
            (gains[1], pair.source, leak(pair.target, back)),
            (gains[2], pair.target, leak(own_source, here_beside)),
            (gains[3], pair.source, leak(own_target, back_beside)),
        ):
            fall = np.log(moving_power(before, pair.width) / moving_power(before - leaked, pair.width))
            total += np.bincount(place[held_out], fall[held_out], minlength=pieces.size)
    judged = np.bincount(place[pair.counted], minlength=pieces.size) > 0
    return _Gains(*(gain[judged] for gain in gains))


def _above_chance(gains: FloatArray, chance: float) -> bool:
    mean, n = float(gains.mean()), gains.size
    return mean > 0 and mean > float(stats.t.isf(chance, n - 1)) * float(gains.std(ddof=1)) / n**0.5


def _rms(samples: FloatArray) -> float:
    return float(np.sqrt(np.mean(samples**2)))
