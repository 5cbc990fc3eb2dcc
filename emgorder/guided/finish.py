"""From journals to the result: CSV first, then the analysis of what the CSV holds, then the report."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from emgorder.acquisition.journal_recording import read_journal_recording
from emgorder.analysis import Settings, analyse
from emgorder.analysis.merge import merge_results
from emgorder.analysis.result import SessionResult
from emgorder.analysis.segment import LIFT_EVENTS, split_trial_type
from emgorder.errors import EmgOrderError, EmgOrderWarning
from emgorder.guided import texts as t
from emgorder.guided.screens import SideView
from emgorder.guided.stored import named, write_report
from emgorder.history.places import CUED, REPORT, RESULT, StoredTest
from emgorder.io import read_recording, write_recording
from emgorder.model import Recording
from emgorder.report.figures import difference_limits, dot_chart
from emgorder.report.words import verdict_words

__all__ = ["Finished", "finish_test", "has_lifts", "is_cued", "side_views"]


@dataclass(frozen=True, eq=False, slots=True)
class Finished:
    """A finished test: its result (None where there were no lifts), the files, and what could not be done, in words.

    ``cued`` is the result of a set with a cue to the glute.
    """

    result: SessionResult | None
    files: tuple[Path, ...]
    problems: tuple[str, ...] = ()
    cued: SessionResult | None = None


def finish_test(stored: StoredTest, settings: Settings) -> Finished:
    """Write the CSV of every journal of a test, analyse each, and write result and report of all of them.

    A journal that cannot be read, or holds no lifts, keeps none of the others from being finished. The numbers are
    those of ``emgorder analyse`` on each CSV.
    """
    files: list[Path] = []
    problems: list[str] = []
    results: dict[bool, list[SessionResult]] = {False: [], True: []}
    for journal in stored.journals:
        files.append(journal)
        try:
            written, result = _finish_one(journal, settings)
        except EmgOrderError as error:
            problems.append(f"{journal.name}: {error}")
            continue
        files.extend(written)
        if result is not None:
            results[is_cued(journal.stem)].append(result)
    merged: dict[bool, SessionResult | None] = {False: None, True: None}
    for cued, found in results.items():
        if not found:
            continue
        merged[cued] = merge_results(found, name=stored.pseudonym)
    try:
        for path in _write_results(stored, merged):
            files.append(path)
    except EmgOrderError as error:
        problems.append(str(error))
    return Finished(merged[False], tuple(files), tuple(problems), merged[True])


def _write_results(stored: StoredTest, merged: Mapping[bool, SessionResult | None]) -> Iterator[Path]:
    """Write the results before the reports, and yield all paths: the report without a cue shows the set with one."""
    result, cued = merged[False], merged[True]
    if cued is not None:
        yield cued.to_json(named(stored.path / RESULT, cued=True))
    if result is not None:
        yield from write_report(stored, result, cued)
    if cued is not None:
        yield cued.to_html(named(stored.path / REPORT, cued=True))


def is_cued(name: str) -> bool:
    """Return whether a recording of this name is of a set with a cue to the glute."""
    return CUED in name


def side_views(result: SessionResult, *, cued: bool = False) -> tuple[SideView, ...]:
    """Return the verdict of each side as the result screen shows it."""
    limits_s = difference_limits(result.lift_results, result.sides)
    views = []
    for side in result.sides:
        words = verdict_words(side, task=result.settings.task)
        lifts = [r for r in result.lift_results if len(result.sides) == 1 or r.lift.side == side.side]
        chart = dot_chart(lifts, side, limits_s).text if lifts else ""
        headline = words.headline[:1].upper() + words.headline[1:] + "."
        label = t.WITH_CUE.format(label=words.label) if cued else words.label
        views.append(SideView(label, headline, words.details, side.verdict, chart, side.possible))
    return tuple(views)


def _finish_one(journal: Path, settings: Settings) -> tuple[tuple[Path, ...], SessionResult | None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmgOrderWarning)  # they are in the notes of the recording
        recording = replace(read_journal_recording(journal), name=journal.stem)
        csv, sidecar = write_recording(recording, journal.with_suffix(".csv"))
        if not has_lifts(recording):
            return (csv, sidecar), None
        return (csv, sidecar), analyse(read_recording(csv), settings)


def has_lifts(recording: Recording) -> bool:
    """Return whether lifts were asked for in a recording."""
    return any(split_trial_type(str(name))[0] in LIFT_EVENTS for name in recording.events["trial_type"])
