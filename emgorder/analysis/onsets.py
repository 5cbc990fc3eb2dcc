"""The onsets of all lifts at once, moved from where they are seen to where they began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emgorder.analysis.channels import Pair
from emgorder.analysis.prepare import Prepared
from emgorder.analysis.settings import Settings
from emgorder.model import Lift, Onset, Recording
from emgorder.onset.detect import detect_each
from emgorder.order.hidden import Lags, estimate_lags, reveal

__all__ = ["LiftOnsets", "find_onsets"]


@dataclass(frozen=True, slots=True)
class LiftOnsets:
    """The onsets of one lift, one for each column of its pair, and the lags that were taken out of them."""

    onsets: tuple[Onset, ...]
    lags: Lags


def find_onsets(
    recording: Recording, prepared: Prepared, lifts: Sequence[tuple[Pair, Lift]], settings: Settings
) -> list[LiftOnsets]:
    """Find the onsets of every muscle in every lift.

    Parameters
    ----------
    recording : Recording
        On the time base of `prepared`.
    prepared : Prepared
        Conditioned signals that hold the columns of every pair.
    lifts : sequence of (Pair, Lift)
        Which columns to look at, and where.
    settings : Settings
        The method.

    Returns
    -------
    list of LiftOnsets
        In the order of `lifts`; seconds from the first sample of the recording. How late each muscle is seen is
        estimated over all lifts of its pair.
    """
    fs = prepared.sampling_frequency
    first = [round(lift.start_s * fs) for _, lift in lifts]
    windows = [
        prepared.signal(column)[start : round(lift.stop_s * fs)]
        for (pair, lift), start in zip(lifts, first, strict=True)
        for column in pair.columns
    ]
    detected = iter(detect_each(windows, fs, method=settings.method, conditioned=True))
    seen = [
        [next(detected).shifted(start / fs - recording.channels[column].delay_s) for column in pair.columns]
        for (pair, _), start in zip(lifts, first, strict=True)
    ]
    lags = {pair: _lags(pair, lifts, seen) for pair in {pair for pair, _ in lifts}}
    return [_revealed(onsets, lags[pair]) for (pair, _), onsets in zip(lifts, seen, strict=True)]


def _lags(pair: Pair, lifts: Sequence[tuple[Pair, Lift]], seen: Sequence[Sequence[Onset]]) -> Lags:
    mine = [onsets for (other, _), onsets in zip(lifts, seen, strict=True) if other == pair]
    whole = [onsets for onsets in mine if onsets[0].found and onsets[1].found]
    return estimate_lags([onsets[0] for onsets in whole], [onsets[1] for onsets in whole])


def _revealed(onsets: Sequence[Onset], lags: Lags) -> LiftOnsets:
    glute, hamstring, *extras = onsets
    return LiftOnsets((reveal(glute, lags.glute_s), reveal(hamstring, lags.hamstring_s), *extras), lags)
