"""A batch from recordings to tables in a folder, which can go on after whatever stopped it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from emgorder.analysis import Settings
from emgorder.analysis.serialise import to_plain
from emgorder.analysis.settings import chosen_settings
from emgorder.errors import RecordingError
from emgorder.io.bids_inherited import sidecar_names
from emgorder.study.batch import analyse_many
from emgorder.study.columns import TABLES
from emgorder.study.efforts import check_patterns
from emgorder.study.log import read_log
from emgorder.study.outcome import BatchOutcome
from emgorder.study.parts import arrow, arrow_table, part_numbers, part_path, read_part, rows_of
from emgorder.study.stamps import Stamp, stamp_of
from emgorder.study.store import LOG, BatchStore, is_batch

__all__ = ["Batch", "BatchReport", "read_batch", "run_batch"]

_FOLDERS = 64  # that are remembered: those of the person at hand and of the dataset


@dataclass(frozen=True, slots=True)
class BatchReport:
    """How a run of a batch went.

    Attributes
    ----------
    folder : Path
        Where the tables are.
    n_analysed, n_failed, n_skipped : int
        Files of this run: with a result, with an error, and done before.
    """

    folder: Path
    n_analysed: int
    n_failed: int
    n_skipped: int


@dataclass(frozen=True, eq=False, slots=True)
class Batch:
    """The tables of a batch.

    Attributes
    ----------
    lifts, order, summary : DataFrame
        As those of a result, all files below each other, with their ``path``: a row per lift and muscle, per lift,
        per side.
    sessions, errors : DataFrame
        A row per file with a result, and per file without.
    """

    lifts: pd.DataFrame
    order: pd.DataFrame
    summary: pd.DataFrame
    sessions: pd.DataFrame
    errors: pd.DataFrame

    def with_people(self, table: Literal["lifts", "order", "summary"]) -> pd.DataFrame:
        """Return a table with who and when before it, as :func:`emgorder.lift_frame` and `side_frame` take it.

        ``person`` is the pseudonym in the sidecar (empty where there is none), ``session`` the path without its ending;
        a table of lifts gets ``sync_sd_ms`` and ``hamstring`` of its leg from ``summary``.
        """
        rows: pd.DataFrame = getattr(self, table)
        people = self.sessions.set_index("path")["person"]
        session = rows["path"].str.replace(r"\.[^./\\]*$", "", regex=True)
        found = rows.assign(person=rows["path"].map(people).fillna(""), session=session)
        legs = list(zip(self.summary["path"], self.summary["side"], strict=True))
        places = list(zip(rows["path"], rows["side"], strict=True))
        for name, kind in (("sync_sd_ms", "float64"), ("hamstring", "object")):
            if name not in found.columns:
                of_leg = dict(zip(legs, self.summary[name], strict=True))
                found[name] = pd.Series([of_leg.get(place) for place in places], index=found.index, dtype=kind)
        return found[["person", "session", *found.columns.drop(["person", "session"])]]


def run_batch(
    paths: Iterable[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    *,
    executor: Executor | None = None,
    settings: Settings | None = None,
    sampling_frequency: float | None = None,
    muscles: Mapping[str, str] | None = None,
    unit: str | None = None,
    mvc: str | Sequence[str] = (),
    resume: bool = False,
    retry_errors: bool = False,
    root: str | os.PathLike[str] | None = None,
    chunk_size: int = 4,
    window: int | None = None,
    part_size: int = 1000,
    progress: Callable[[BatchOutcome | None], None] | None = None,
) -> BatchReport:
    """Analyse many recordings and keep their tables as Parquet in a folder.

    ``pandas.read_parquet(folder / "lifts")`` (likewise ``order``, ``summary``, ``sessions``, ``errors``) or
    :func:`emgorder.read_batch` read them. What is finished is on disk, file by file: after a kill, a crash or a full
    disk the same call with ``resume=True`` goes on, without the files that are done. A file that has changed since
    (size or time of it or of what it is read with: its sidecar, files that a BIDS dataset has for it, full efforts) is
    analysed again, and its new rows replace the old ones.

    Parameters
    ----------
    paths : iterable of path
        Recordings; each only once.
    folder : path
        Made where it is not there; has to be empty, or to hold the batch that goes on.
    executor, settings, sampling_frequency, muscles, unit, mvc, chunk_size, window
        As in :func:`emgorder.analyse_many`.
    resume : bool
        Go on with the batch in `folder` if there is one. It has to be told the same settings.
    retry_errors : bool
        When it goes on, try files again that had an error.
    root : path, optional
        Paths in the tables count from here, so that recordings can be moved all together.
    part_size : int
        Files a part: the rows of so many are in memory together.
    progress : callable, optional
        Called with each outcome, with None for a file that is done already.

    Returns
    -------
    BatchReport
        How many were analysed, failed, and were done already.

    Raises
    ------
    SettingsError
        An argument makes no sense, or differs from what the batch was made with.
    RecordingError
        The folder cannot be written, holds something else, or another batch writes there.
    MissingExtraError
        pyarrow is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import emgorder as eo
    >>> place = Path(tempfile.mkdtemp())
    >>> _ = eo.write_recording(eo.simulate_session(seed=1, n_lifts=2), place / "one.csv")
    >>> report = eo.run_batch([place / "one.csv"], place / "out")
    >>> report.n_analysed, len(eo.read_batch(place / "out").lifts)
    (1, 4)
    """
    from emgorder import __version__

    efforts = check_patterns(mvc)
    told: dict[str, Any] = {
        "version": __version__,
        "settings": to_plain(chosen_settings(settings).to_dict()),
        "reading": to_plain(
            {"sampling_frequency": sampling_frequency, "muscles": muscles, "unit": unit, "mvc": efforts or None}
        ),
    }
    listed = lru_cache(_FOLDERS)(sidecar_names)  # else the folder of a dataset is listed again for each of its people
    base = None if root is None else Path(root)
    stamps: dict[int, Stamp] = {}  # of files that are under way
    counts = {"analysed": 0, "failed": 0, "skipped": 0}

    with BatchStore(Path(folder), told, resume=resume, retry_errors=retry_errors, part_size=part_size) as store:

        def open_paths() -> Iterator[str | os.PathLike[str]]:
            index = 0
            for path in paths:
                stamp = stamp_of(path, base, efforts, listed)
                if store.is_done(stamp):
                    counts["skipped"] += 1
                    if progress is not None:
                        progress(None)
                    continue
                stamps[index] = stamp
                index += 1
                yield path

        outcomes = analyse_many(
            open_paths(),
            executor=executor,
            settings=settings,
            sampling_frequency=sampling_frequency,
            muscles=muscles,
            unit=unit,
            mvc=efforts,
            chunk_size=chunk_size,
            window=window,
        )
        with closing(outcomes):
            for outcome in outcomes:
                store.add(outcome, stamps.pop(outcome.index))
                counts["analysed" if outcome.ok else "failed"] += 1
                if progress is not None:
                    progress(outcome)
    return BatchReport(Path(folder), counts["analysed"], counts["failed"], counts["skipped"])


def read_batch(folder: str | os.PathLike[str]) -> Batch:
    """Read the tables of a batch, also of one that runs or was stopped.

    Parameters
    ----------
    folder : path
        That :func:`run_batch` or ``emgorder batch`` has written.

    Returns
    -------
    Batch
        All five tables. For some columns of many files read a table alone:
        ``pandas.read_parquet(folder / "summary", columns=["path", "side", "verdict"])``.

    Raises
    ------
    RecordingError
        There is no batch, or a part of it cannot be read.
    MissingExtraError
        pyarrow is not installed.
    """
    pa = arrow()
    place = Path(folder)
    if not is_batch(place):
        raise RecordingError("is no batch: make one with `emgorder batch FOLDER -o OUT`", path=place)
    left = read_log(place / LOG)
    unfinished = None if left is None else left[0]
    numbers = [number for number in part_numbers(place) if number != unfinished]
    pieces = {table: [(n, read_part(part_path(place, table, n))) for n in numbers] for table in TABLES}
    if left is not None:
        for entry in left[1]:
            for table, rows in rows_of(entry).items():
                pieces[table].append((left[0], arrow_table(table, rows)))
    latest: dict[str, int] = {}
    for table in ("errors", "sessions"):
        for number, piece in pieces[table]:
            for path in piece["path"].to_pylist():
                latest[path] = max(number, latest.get(path, 0))
    frames = {}
    for table, found in pieces.items():
        kept = [_of_latest(piece, number, latest) for number, piece in found]
        frames[table] = pa.concat_tables(kept).to_pandas() if kept else arrow_table(table, _no_rows(table)).to_pandas()
    return Batch(**frames)


def _of_latest(piece: Any, number: int, latest: Mapping[str, int]) -> Any:
    """Leave out rows of files that were analysed again afterwards."""
    mask = [latest.get(path, number) <= number for path in piece["path"].to_pylist()]
    return piece if all(mask) else piece.filter(mask)


def _no_rows(table: str) -> dict[str, list[Any]]:
    return {name: [] for name, _, _ in TABLES[table]}
