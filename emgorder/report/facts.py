"""Who, when and how: what the head of a report says of a recording, as far as its sidecar tells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from emgorder.io.moments import parse_moment
from emgorder.report import texts as t
from emgorder.report.display import display_text, lifts_word, muscle_name, number

if TYPE_CHECKING:
    from emgorder.analysis.result import SessionResult

from emgorder.sidecar_keys import DATE, DEVICE, INSTRUCTION, PERSON, POSTURE

__all__ = ["header_facts"]

_PAIN = ("pain",)


def header_facts(result: SessionResult) -> tuple[tuple[str, str], ...]:
    """Return pairs of what and value, each safe to show, in the order of the page; unknown ones are left out.

    Examples
    --------
    >>> from emgorder.analysis.result import SessionResult
    >>> from emgorder.analysis.settings import Settings
    >>> header_facts(SessionResult((), (), (), Settings(), meta={"pseudonym": "runner-07", "pain": 0}))[0]
    ('Person', 'runner-07')
    """
    meta = result.meta
    hamstrings = dict.fromkeys(muscle_name(s.hamstring) for s in result.sides)
    n_lifts = len(result.lift_results)
    recording = t.RECORDING_FACT.format(
        duration=number(result.duration_s, 0),
        rate=number(result.sampling_frequency),
        lifts=n_lifts,
        lifts_word=lifts_word(n_lifts),
    )
    facts = (
        (t.FACT_PERSON, _first(meta, PERSON)),
        (t.FACT_DATE, _moment(_first(meta, DATE))),
        (t.FACT_DEVICE, " ".join(x for key in DEVICE if (x := _first(meta, (key,))))),
        (t.FACT_HAMSTRING, t.AND.join(hamstrings)),
        (t.FACT_RECORDING, recording),
        (t.FACT_CLOCK, _clock(result)),
        (t.FACT_POSTURE, _first(meta, POSTURE)),
        (t.FACT_INSTRUCTION, _first(meta, INSTRUCTION)),
        (t.FACT_PAIN, _first(meta, _PAIN)),
    )
    return tuple((name, value) for name, value in facts if value)


def _first(meta: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    known = (meta[key] for key in keys if meta.get(key) is not None)
    return next((shown for value in known if (shown := display_text(value))), "")


def _moment(text: str) -> str:
    """Return an ISO date or time to the minute in its own zone, and what is none as it is."""
    moment = parse_moment(text)
    if moment is None or len(text) <= len("2026-11-27"):
        return text
    zone = t.UTC if moment.utcoffset() == timedelta(0) else moment.strftime("%z")
    return f"{moment:%Y-%m-%d %H:%M} {zone}".strip()


def _clock(result: SessionResult) -> str:
    syncs = dict.fromkeys(s.sync for s in result.sides)
    return "; ".join(
        t.CLOCK_FACT.format(
            method=display_text(sync.method), offset=number(1e3 * sync.offset_s), sd=number(1e3 * sync.sd_s)
        )
        if sync.offset_s or sync.sd_s
        else display_text(sync.method)
        for sync in syncs
    )
