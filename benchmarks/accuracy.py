"""Accuracy of every onset method, of the order of two muscles, and of a session's verdict, side by side.

    EMGORDER_DATA=recordings python benchmarks/accuracy.py --write

Everything is drawn from one seed: the figures do not depend on the number of worker processes. Without the folder of
recordings that `EMGORDER_DATA` names, the hand-read bursts are left out.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pandas as pd
from _accuracy import cells, folds, order, plots, readings, sections, sessions, summary
from _accuracy.detectors import analysis_name, is_own
from _accuracy.scores import mean_error_s
from _accuracy.tables import MAE
from _table import DOCS, options, page, publish

from emgorder.onset.registry import DEFAULT_METHOD

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DATA_VARIABLE = "EMGORDER_DATA"
IMAGES = DOCS / "images"
SEED = 20
PACKAGES = ("numpy", "scipy", "pandas", "neurokit2", "biosppy", "scikit-learn")
SHOWN_BESIDE = 3  # best published methods in the plot of errors

Task = TypeVar("Task")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many of each are simulated; sessions by number of lifts."""

    grid: int
    disturbed: int
    gaps: int
    mixed: int
    quiet: int
    lifts: int
    sessions: dict[int, int]
    windows: tuple[str, ...]


FULL = Sizes(
    grid=800,
    disturbed=60,
    gaps=100,
    mixed=400,
    quiet=400,
    lifts=400,
    sessions={5: 35, 10: 63, 20: 35},
    windows=(readings.GIVEN, readings.PROLONGED),
)
COUNTED = ("grid", "disturbed", "gaps", "mixed", "quiet", "lifts")
QUICK = Sizes(
    grid=40, disturbed=4, gaps=8, mixed=30, quiet=30, lifts=20, sessions={5: 3, 10: 2}, windows=(readings.GIVEN,)
)


def scaled(sizes: Sizes, share: float) -> Sizes:
    """Return sizes with a share of the simulations, at least a few of each."""
    counts = {name: max(4, round(share * getattr(sizes, name))) for name in COUNTED}
    sessions = {n_lifts: max(2, round(share * n)) for n_lifts, n in sizes.sessions.items()}
    return replace(sizes, **counts, sessions=sessions)


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
    no_folds: str

    def sections(self) -> list[str]:
        """Return the sections of the result page."""
        gaps = self.simulated["part"] == "gap"
        return [
            summary.summary_section(self._questions()),
            sections.HOW_TO_READ,
            sections.readings_section(self.read, self.no_folds),
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
            for window, rows in self.read.groupby("window", sort=False):
                words = f"hand-read bursts, windows {window}"
                asked += [summary.Question(words, rows, ours, MAE) for ours in self._ours_read()]
        for part, words in (("quiet", "simulated bursts, quiet rest"), ("mixed", "simulated bursts, mixed set")):
            rows = self.simulated[self.simulated["part"] == part]
            asked.append(summary.Question(words, rows, DEFAULT_METHOD, MAE))
        whole = analysis_name(DEFAULT_METHOD)
        for part, rows in self.lifts.groupby("part", sort=False):
            words = f"order in one lift, {part}"
            names = self._ours_read() if part == order.READ else [whole]
            asked += [summary.Question(words, rows, ours, sections.ORDER_RIGHT) for ours in names]
        for n_lifts, rows in self.sessions.groupby("n_lifts"):
            words = f"typical difference over {n_lifts} lifts (published: median of the lifts)"
            asked.append(summary.Question(words, rows, whole, MAE, sections.MAE_OF_MEDIAN))
        return asked

    def _ours_read(self) -> list[str]:
        """Return this package's rows of hand-read bursts, the one that has seen the least last."""
        unseen = not self.no_folds
        return [DEFAULT_METHOD, folds.OUT_OF_FOLD] if unseen else [DEFAULT_METHOD]

    def plot(self, folder: Path) -> None:
        """Write the pictures of the result page."""
        for name, figure in self._plots().items():
            plots.save(figure, folder / name)

    def _plots(self) -> dict[str, Figure]:
        """Return each picture by its file name."""
        mixed = self.simulated[self.simulated["part"] == "mixed"]
        quiet = self.simulated[self.simulated["part"] == "quiet"]
        coverage = {
            "simulated, quiet rest": _of(quiet, DEFAULT_METHOD),
            "simulated, mixed set": _of(mixed, DEFAULT_METHOD),
        }
        if len(self.read):
            given = self.read[self.read["window"] == readings.GIVEN]
            coverage |= {f"hand-read, {name}": _of(given, name) for name in self._ours_read()}
        whole = analysis_name(DEFAULT_METHOD)
        coverage["difference in a lift"] = _of(self.lifts, whole)
        coverage["difference in a session"] = _of(self.sessions, whole)
        reliability = {
            str(part): _of(rows, self._ours_read()[-1] if part == order.READ else whole)
            for part, rows in self.lifts.groupby("part", sort=False)
        }
        drawn = {
            "accuracy_coverage.svg": plots.coverage_plot(coverage),
            "accuracy_order.svg": plots.reliability_plot(reliability),
        }
        if len(self.read):
            drawn["accuracy_errors.svg"] = plots.error_plot(given, [*self._ours_read(), *_best_published(given)])
        return drawn


def measure(sizes: Sizes, workers: Workers, networks: Path | None) -> Measured:
    """Simulate and read as much as `sizes` says, and score every method on it."""
    bursts = [
        *cells.grid_tasks(sizes.grid, SEED),
        *cells.disturbed_tasks(sizes.disturbed, SEED),
        *cells.gap_tasks(sizes.gaps, SEED),
        *cells.mixed_tasks(sizes.mixed, SEED),
        *cells.quiet_tasks(sizes.quiet, SEED),
    ]
    simulated = workers.rows(cells.score_burst, bursts, "simulated bursts")
    parts = (order.EQUAL_QUIET, order.UNEQUAL_QUIET, order.EQUAL, order.UNEQUAL)
    lifts = [task for part in parts for task in order.lift_tasks(sizes.lifts, SEED, part)]
    ordered = workers.rows(order.score_lifts, lifts, "sessions of ten simulated lifts")
    people = [task for n_lifts, n in sizes.sessions.items() for task in sessions.session_tasks(n, n_lifts, SEED)]
    judged = workers.rows(sessions.score_session, people, "simulated sessions")
    read, pairs = pd.DataFrame(), pd.DataFrame()
    no_folds = folds.why_not(networks)
    folder = os.environ.get(DATA_VARIABLE)
    if folder:
        stretches = [t for window in sizes.windows for t in readings.reading_tasks(Path(folder), window)]
        found = workers.each(readings.find_reading, stretches, "hand-read bursts")
        if networks is not None and not no_folds:
            held_out = folds.find_out_of_fold(networks, stretches)
            found = [every | own for every, own in zip(found, held_out, strict=True)]
        read = readings.score_readings(stretches, found)
        given = [k for k, task in enumerate(stretches) if task.window == readings.GIVEN]
        pairs = order.read_pairs([stretches[k] for k in given], [found[k] for k in given], SEED)
    return Measured(
        simulated=simulated,
        lifts=pd.concat([ordered, pairs]),
        sessions=judged,
        read=read,
        no_folds=no_folds,
    )


def _of(frame: pd.DataFrame, method: str) -> pd.DataFrame:
    return frame[frame["method"] == method]


def _best_published(frame: pd.DataFrame) -> list[str]:
    """Return the published methods with the smallest mean errors."""
    errors = {str(name): mean_error_s(rows) for name, rows in frame.groupby("method") if not is_own(str(name))}
    return sorted(errors, key=lambda name: errors[name])[:SHOWN_BESIDE]


def main() -> None:
    """Measure and print."""
    parser = options("Accuracy of onsets, order and verdicts beside published methods")
    parser.add_argument("--folds", type=Path, help="folder with fold0.npz, fold1.npz: networks trained without a fold")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep the scores (a pickle) for tables of your own")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="processes (default: 2)")
    parser.add_argument("--share", type=float, default=1.0, help="of the simulations: 0.25 takes a quarter of the time")
    chosen = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # read when the workers, started afresh, import numpy
    afresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(chosen.workers, mp_context=afresh) as pool:
        measured = measure(
            QUICK if chosen.quick else scaled(FULL, chosen.share), Workers(pool, time.monotonic()), chosen.folds
        )
    if chosen.keep:
        chosen.keep.write_bytes(pickle.dumps(measured))  # half an hour of work
    text = page("Accuracy", measured.sections(), packages=PACKAGES)
    if chosen.folds:
        text = text.replace(str(chosen.folds), chosen.folds.name)  # where the folder lies is nobody's business
    if chosen.keep:
        text = text.replace(str(chosen.keep), chosen.keep.name)
    publish(text, "accuracy", write=chosen.write)
    if chosen.write:
        measured.plot(IMAGES)


if __name__ == "__main__":
    main()
