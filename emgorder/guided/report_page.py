"""The report of a guided test: its result, and what stands beside it, as far as it is known at that moment."""

from __future__ import annotations

from pathlib import Path

from emgorder.errors import EmgOrderError
from emgorder.guided.finish import load_cued, load_result
from emgorder.history import person_trends, read_history
from emgorder.history.places import REPORT, StoredTest
from emgorder.order.followup import Trend
from emgorder.report.beside import Beside
from emgorder.report.html import render_html, write_html

__all__ = ["render_report", "write_report"]


def render_report(stored: StoredTest) -> str:
    """Return the report of a finished test as a page, with earlier visits, a set with a cue, chosen exercises.

    Raises
    ------
    RecordingError
        Its result cannot be read.
    """
    return render_html(load_result(stored), _beside(stored))


def write_report(stored: StoredTest) -> Path:
    """Write the report of a finished test beside its result, and return its path.

    Raises
    ------
    RecordingError
        Its result cannot be read, or the file cannot be written.
    """
    return write_html(load_result(stored), stored.path / REPORT, _beside(stored))


def _beside(stored: StoredTest) -> Beside:
    """Return what can be told beside the result; what cannot be read is left out, the result does not need it."""
    chosen = stored.about.get("exercises", ())
    exercises = tuple(str(name) for name in chosen) if isinstance(chosen, (list, tuple)) else ()
    try:
        cued = load_cued(stored)
    except EmgOrderError:
        cued = None
    return Beside(cued, _trends(stored), exercises)


def _trends(stored: StoredTest) -> tuple[Trend, ...]:
    try:
        visits = [visit for visit in read_history(stored.path.parent).visits if visit.person == stored.pseudonym]
    except EmgOrderError:
        return ()
    now = next((visit for visit in visits if visit.id == stored.id), None)
    if now is None:
        return ()
    until = [visit for visit in visits if visit.time_s <= now.time_s]
    return tuple(person_trends(until))
