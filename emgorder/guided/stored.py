"""What a finished test left on disk: its results, and the report that is made of them and of what stands beside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from emgorder.analysis.result import SessionResult, read_result
from emgorder.errors import EmgOrderError
from emgorder.history import StoredVisit, read_history, trends_with
from emgorder.history.places import CUED, REPORT, RESULT, StoredTest
from emgorder.history.visits import read_test
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
    return render_html(result, beside_of(stored, result, cued))


def write_report(stored: StoredTest, result: SessionResult, cued: SessionResult | None) -> Iterator[Path]:
    """Write the result of a test with what its report says, then the report, and yield the path of each.

    Raises
    ------
    RecordingError
        One of the two cannot be written.
    """
    beside = beside_of(stored, result, cued)
    yield result.to_json(stored.path / RESULT, beside)
    yield write_html(result, stored.path / REPORT, beside)


def trends_until(stored: StoredTest, result: SessionResult | None = None) -> tuple[tuple[Trend, ...], StoredVisit]:
    """Return the trends of this person up to a test, and the test itself as a visit.

    `result` is that of the test, where its folder does not hold it yet.

    Raises
    ------
    RecordingError
        The folder of tests cannot be read.
    """
    visits = read_history(stored.path.parent).visits
    known = () if result is not None else (visit for visit in visits if visit.id == stored.id)
    now = next(iter(known), None) or read_test(stored.path, stored.about, result)
    return trends_with(visits, now), now


def beside_of(stored: StoredTest, result: SessionResult, cued: SessionResult | None) -> Beside:
    """Return what can be told beside the result of a test; what cannot be read is left out."""
    chosen = stored.about.get("exercises", ())
    exercises = tuple(str(name) for name in chosen) if isinstance(chosen, (list, tuple)) else ()
    try:
        trends, _ = trends_until(stored, result)
    except EmgOrderError:
        trends = ()
    return Beside(cued, trends, exercises)
