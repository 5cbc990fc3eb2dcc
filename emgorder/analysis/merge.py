"""Several results of one test, such as a recording a leg, as one: for a report on both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from emgorder.analysis.activity import CROSSTALK_LEFT
from emgorder.analysis.result import Origin, SessionResult
from emgorder.errors import RecordingError
from emgorder.model import Channel, Finding, LiftResult, SideResult
from emgorder.order.reference import MvcReference

__all__ = ["merge_results"]


def merge_results(results: Sequence[SessionResult], *, name: str = "") -> SessionResult:
    """Return one result that holds the sides of several, each as it was; nothing is pooled anew.

    Parameters
    ----------
    results : sequence of SessionResult
        Of recordings of one person, analysed with the same settings. Of a side that is in several, the one with the
        most lifts that count is taken, and a note says so.
    name : str
        Of the whole; default: that of the first.

    Raises
    ------
    RecordingError
        There are none, or their settings differ.

    Examples
    --------
    >>> import emgorder as eo
    >>> one = eo.analyse(eo.simulate_session(seed=1, n_lifts=2))
    >>> merge_results([one], name="both").name
    'both'
    """
    if not results:
        raise RecordingError("there is no result to merge: analyse a recording first")
    first = results[0]
    if any(result.settings != first.settings for result in results):
        raise RecordingError("the results were made with different settings: analyse the recordings alike")
    best: dict[str, int] = {}
    for number, result in enumerate(results):
        for side in result.sides:
            if side.side not in best or side.n_valid > _valid(results[best[side.side]], side.side):
                best[side.side] = number
    notes: list[str] = []
    sides: list[SideResult] = []
    lifts: list[LiftResult] = []
    channels: list[Channel] = []
    quality: list[Finding] = []
    references: list[MvcReference] = []
    leaking: list[str] = []
    sensors: list[object] = []
    for number, result in enumerate(results):
        kept = [side for side in result.sides if best[side.side] == number]
        left = [side.side for side in result.sides if best[side.side] != number]
        notes += [note if len(results) == 1 else f"{result.name}: {note}" for note in result.notes]
        notes += [f"{result.name}: another recording of side {side} has more lifts that count" for side in left]
        sides += kept
        lifts += [r for r in result.lift_results if not left or r.lift.side not in left]
        labels = {channel.label for channel in channels}
        channels += [channel for channel in result.channels if channel.label not in labels]
        quality += result.quality
        references += [r for r in result.references if r.channel not in labels]
        sensors += _sensors(result, named=len(results) > 1)
        leaking += [c for c in result.conditioning.get(CROSSTALK_LEFT) or () if c not in labels]
    return replace(
        first,
        lift_results=tuple(lifts),
        sides=tuple(sides),
        channels=tuple(channels),
        quality=tuple(dict.fromkeys(quality)),
        references=tuple(references),
        meta={**first.meta, "Sensors": sensors} if sensors else first.meta,
        conditioning={**first.conditioning, CROSSTALK_LEFT: leaking},
        duration_s=sum(result.duration_s for result in results),
        notes=tuple(notes),
        name=name or first.name,
        origin=Origin(),  # several recordings; and of one, a report needs the numbers only
    )


def _sensors(result: SessionResult, *, named: bool) -> list[object]:
    """Return what the recording tells of its sensors, each with the recording's name where there are several."""
    told = result.meta.get("Sensors")
    sensors = list(told) if isinstance(told, list | tuple) else []
    if not named:
        return sensors
    return [{**s, "recording": result.name} if isinstance(s, Mapping) else s for s in sensors]


def _valid(result: SessionResult, side: str) -> int:
    return next((found.n_valid for found in result.sides if found.side == side), -1)
