"""Accuracy of every onset method, of the order of two muscles, and of a session's verdict, side by side.

    EMGORDER_DATA=recordings python benchmarks/accuracy.py --write

Everything is drawn from one seed: the figures do not depend on the number of worker processes. Without the folder of
recordings that `EMGORDER_DATA` names, the hand-read bursts are left out.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pandas as pd
from _accuracy import cells, folds, order, plots, readings, sections, sessions, summary
from _accuracy.detectors import analysis_name, detectors, is_own
from _accuracy.scores import mean_error_s
from _accuracy.tables import MAE
from _table import DOCS, options, page, publish

from emgorder.onset.registry import DEFAULT_METHOD

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DATA_VARIABLE = "EMGORDER_DATA"
IMAGES = DOCS.parent / "images"
SEED = 20
PACKAGES = ("numpy", "scipy", "pandas", "neurokit2", "biosppy", "scikit-learn")
SHOWN_BESIDE = 4  # best published methods in the plot of errors

Task = TypeVar("Task")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many of each are simulated; sessions by number of lifts."""

    grid: int
    disturbed: int
    gaps: int
    mixed: int
    lifts: int
    sessions: dict[int, int]
    windows: tuple[str, ...]


FULL = Sizes(
    grid=800,
    disturbed=60,
    gaps=100,
    mixed=600,
    lifts=400,
    sessions={5: 63, 10: 63, 20: 63},
    windows=(readings.GIVEN, readings.PROLONGED),
)
QUICK = Sizes(grid=40, disturbed=4, gaps=8, mixed=30, lifts=25, sessions={5: 3, 10: 2}, windows=(readings.GIVEN,))


@dataclass(frozen=True, slots=True)
class Workers:
    """Where the work is done, and how far it is."""

    pool: Executor
    start_s: float

    def each(self, work: Callable[[Task], Row], tasks: Sequence[Task], what: str) -> list[Row]:
        """Return what `work` makes of each task, in order."""
        done = list(self.pool.map(work, tasks, chunksize=1))
        print(f"{time.monotonic() - self.start_s:6.0f} s  {what}: {len(tasks)}", file=sys.stderr, flush=True)
        return done

    def rows(self, work: Callable[[Task], list[dict[str, object]]], tasks: Sequence[Task], what: str) -> pd.DataFrame:
        """Return the rows of all tasks as one table."""
        return pd.DataFrame(_flat(self.each(work, tasks, what)))


def _flat(lists: Iterable[list[dict[str, object]]]) -> list[dict[str, object]]:
    return [row for rows in lists for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Scores of everything, a row a method; what could not be measured is empty, with the reason."""

    simulated: pd.DataFrame
    lifts: pd.DataFrame
    sessions: pd.DataFrame
    read: pd.DataFrame
    out_of_fold: pd.DataFrame
    no_folds: str

    def sections(self) -> list[str]:
        """Return the sections of the result page."""
        gaps = self.simulated["part"] == "gap"
        return [
            summary.summary_section(self._questions()),
            sections.HOW_TO_READ,
            sections.readings_section(self.read, self.out_of_fold, self.no_folds),
            sections.simulated_section(self.simulated[~gaps]),
            sections.gap_section(self.simulated[gaps]),
            sections.order_section(self.lifts),
            sections.session_section(self.sessions),
            sections.picture_section(list(self._plots())),
        ]

    def _questions(self) -> list[summary.Question]:
        """Return what the summary answers."""
        asked = []
        if len(self.read):
            for window, rows in pd.concat([self.read, self.out_of_fold]).groupby("window", sort=False):
                words = f"hand-read bursts, windows {window}"
                asked.append(summary.Question(words, rows, DEFAULT_METHOD, MAE))
                if len(self.out_of_fold):
                    unseen = folds.out_of_fold(DEFAULT_METHOD)
                    asked.append(summary.Question(f"{words}, recordings not learnt from", rows, unseen, MAE))
        mixed = self.simulated[self.simulated["part"] == "mixed"]
        asked.append(summary.Question("simulated bursts, mixed set", mixed, DEFAULT_METHOD, MAE))
        whole = analysis_name(DEFAULT_METHOD)
        for part, rows in self.lifts.groupby("part", sort=False):
            ours = DEFAULT_METHOD if part == order.READ else whole
            asked.append(summary.Question(f"order in one lift, {part}", rows, ours, sections.ORDER_RIGHT))
        for n_lifts, rows in self.sessions.groupby("n_lifts"):
            asked.append(summary.Question(f"mean difference over {n_lifts} lifts", rows, whole, MAE))
        return asked

    def plot(self, folder: Path) -> None:
        """Write the pictures of the result page."""
        for name, figure in self._plots().items():
            plots.save(figure, folder / name)

    def _plots(self) -> dict[str, Figure]:
        """Return each picture by its file name."""
        mixed = self.simulated[self.simulated["part"] == "mixed"]
        coverage = {"simulated, mixed set": _of(mixed, DEFAULT_METHOD)}
        if len(self.read):
            given = self.read[self.read["window"] == readings.GIVEN]
            coverage["hand-read"] = _of(given, DEFAULT_METHOD)
        if len(self.out_of_fold):
            unseen = self.out_of_fold[self.out_of_fold["window"] == readings.GIVEN]
            coverage["hand-read, out of fold"] = _of(unseen, folds.out_of_fold(DEFAULT_METHOD))
        whole = analysis_name(DEFAULT_METHOD)
        coverage["difference in a lift"] = _of(self.lifts, whole)
        coverage["difference in a session"] = _of(self.sessions, whole)
        reliability = {
            str(part): _of(rows, DEFAULT_METHOD if part == order.READ else whole)
            for part, rows in self.lifts.groupby("part", sort=False)
        }
        drawn = {
            "accuracy_coverage.svg": plots.coverage_plot(coverage),
            "accuracy_order.svg": plots.reliability_plot(reliability),
        }
        if len(self.read):
            drawn["accuracy_errors.svg"] = plots.error_plot(given, _default_and_best(given))
        return drawn


def measure(sizes: Sizes, workers: Workers, networks: Path | None) -> Measured:
    """Simulate and read as much as `sizes` says, and score every method on it."""
    bursts = [
        *cells.grid_tasks(sizes.grid, SEED),
        *cells.disturbed_tasks(sizes.disturbed, SEED),
        *cells.gap_tasks(sizes.gaps, SEED),
        *cells.mixed_tasks(sizes.mixed, SEED),
    ]
    simulated = workers.rows(cells.score_burst, bursts, "simulated bursts")
    lifts = [task for part in (order.EQUAL, order.UNEQUAL) for task in order.lift_tasks(sizes.lifts, SEED, part)]
    ordered = workers.rows(order.score_lift, lifts, "simulated lifts")
    people = [task for n_lifts, n in sizes.sessions.items() for task in sessions.session_tasks(n, n_lifts, SEED)]
    judged = workers.rows(sessions.score_session, people, "simulated sessions")
    read, pairs, unseen = pd.DataFrame(), pd.DataFrame(), pd.DataFrame()
    no_folds = folds.why_not(networks)
    folder = os.environ.get(DATA_VARIABLE)
    if folder:
        stretches = [t for window in sizes.windows for t in readings.reading_tasks(Path(folder), window)]
        found = workers.each(readings.find_reading, stretches, "hand-read bursts")
        read = readings.score_readings(stretches, found)
        if networks is not None and not no_folds:
            held_out = folds.find_out_of_fold(networks, stretches)
            unseen = readings.score_readings(stretches, held_out)
            found = [{**every, **own} for every, own in zip(found, held_out, strict=True)]
        given = [k for k, task in enumerate(stretches) if task.window == readings.GIVEN]
        pairs = order.read_pairs([stretches[k] for k in given], [found[k] for k in given], SEED)
    return Measured(
        simulated=simulated,
        lifts=pd.concat([ordered, pairs]),
        sessions=judged,
        read=read,
        out_of_fold=unseen,
        no_folds=no_folds,
    )


def _of(frame: pd.DataFrame, method: str) -> pd.DataFrame:
    return frame[frame["method"] == method]


def _default_and_best(frame: pd.DataFrame) -> dict[str, str]:
    """Return the default method and the published ones with the smallest mean errors, with what to call them."""
    errors = {str(name): mean_error_s(rows) for name, rows in frame.groupby("method")}
    published = sorted((name for name in errors if not is_own(name)), key=lambda name: errors[name])
    names = [DEFAULT_METHOD, *published[:SHOWN_BESIDE]]
    return {name: f"{detectors()[name].title} (`{name}`)".replace("`", "") for name in names}


def main() -> None:
    """Measure and print."""
    parser = options("Accuracy of onsets, order and verdicts beside published methods")
    parser.add_argument("--folds", type=Path, help="folder with fold0.npz, fold1.npz: networks trained without a fold")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="processes (default: 2)")
    chosen = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # read when the workers, started afresh, import numpy
    afresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(chosen.workers, mp_context=afresh) as pool:
        measured = measure(QUICK if chosen.quick else FULL, Workers(pool, time.monotonic()), chosen.folds)
    publish(page("Accuracy", measured.sections(), packages=PACKAGES), "accuracy", write=chosen.write)
    if chosen.write:
        measured.plot(IMAGES)


if __name__ == "__main__":
    main()
