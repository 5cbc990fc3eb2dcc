"""The onsets of all lifts at once: what is usual in the session helps each of them."""

from __future__ import annotations

from collections.abc import Sequence

from emgorder.analysis.channels import Pair
from emgorder.analysis.prepare import Prepared
from emgorder.analysis.settings import Settings
from emgorder.model import Lift, Onset, Recording
from emgorder.onset.detect import detect_each
from emgorder.order.hidden import learn_rises

__all__ = ["find_onsets"]


def find_onsets(
    recording: Recording, prepared: Prepared, lifts: Sequence[tuple[Pair, Lift]], settings: Settings
) -> list[tuple[Onset, ...]]:
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
    list of tuple of Onset
        In the order of `lifts`, one onset for each column of the pair; seconds from the first sample of the recording.
        How each muscle of a pair rises is learned over all lifts.
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
    for pair in {pair for pair, _ in lifts}:
        mine = [k for k, (other, _) in enumerate(lifts) if other == pair]
        for row in range(len(pair.columns)):
            for k, onset in zip(mine, learn_rises([seen[k][row] for k in mine]), strict=True):
                seen[k][row] = onset
    return [tuple(onsets) for onsets in seen]
