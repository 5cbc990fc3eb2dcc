"""What a finished test left on disk: its results, and the report that is made of them and of what stands beside."""

from __future__ import annotations

from pathlib import Path

from emgorder.analysis.result import SessionResult, read_result
from emgorder.errors import EmgOrderError
from emgorder.history import StoredVisit, person_trends, read_history
from emgorder.history.places import CUED, REPORT, RESULT, StoredTest
from emgorder.order.followup import Trend
from emgorder.report.beside import Beside
from emgorder.report.html import render_html, write_html

__all__ = ["beside_of", "load_cued", "load_result", "named", "render_report", "trends_until", "write_report"]


def named(path: Path, *, cued: bool) -> Path:
    """Return the name of a file that a set with a cue has beside the one without."""
    return path.with_name(path.stem + CUED + path.suffix) if cued else path


def load_result(stored: StoredTest) -> SessionResult:
    """Return the result of a finished test; raise RecordingError where it cannot be read."""
    return read_result(stored.path / RESULT)


def load_cued(stored: StoredTest) -> SessionResult | None:
    """Return the result of a test's set with a cue, None where there is none."""
    path = named(stored.path / RESULT, cued=True)
    return read_result(path) if path.is_file() else None


def render_report(stored: StoredTest) -> str:
    """Return the report of a finished test as a page, with earlier visits, a set with a cue, chosen exercises.

    Raises
    ------
    RecordingError
        Its result cannot be read.
    """
    result = load_result(stored)
    try:
        cued = load_cued(stored)
    except EmgOrderError:  # the result does not need it
        cued = None
    return render_html(result, beside_of(stored, cued))


def write_report(stored: StoredTest, result: SessionResult, cued: SessionResult | None) -> Path:
    """Write the report of a test beside its results, what it says into the result, and return the report's path.

    Raises
    ------
    RecordingError
        One of the two cannot be written.
    """
    beside = beside_of(stored, cued)
    result.to_json(stored.path / RESULT, beside)
    return write_html(result, stored.path / REPORT, beside)


def trends_until(stored: StoredTest) -> tuple[tuple[Trend, ...], StoredVisit | None]:
    """Return the trends of this person up to a test, and the test itself as a visit; None where it has no result.

    Raises
    ------
    RecordingError
        The folder of tests cannot be read.
    """
    visits = [visit for visit in read_history(stored.path.parent).visits if visit.person == stored.pseudonym]
    now = next((visit for visit in visits if visit.id == stored.id), None)
    if now is None:
        return (), None
    return tuple(person_trends([visit for visit in visits if visit.time_s <= now.time_s])), now


def beside_of(stored: StoredTest, cued: SessionResult | None) -> Beside:
    """Return what can be told beside the result; what cannot be read is left out."""
    chosen = stored.about.get("exercises", ())
    exercises = tuple(str(name) for name in chosen) if isinstance(chosen, (list, tuple)) else ()
    try:
        trends, _ = trends_until(stored)
    except EmgOrderError:
        trends = ()
    return Beside(cued, trends, exercises)
