"""What becomes of one file of a batch: the rows of its tables, or why there are none."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from emgorder.analysis import SessionResult, Settings, analyse
from emgorder.errors import EmgOrderError
from emgorder.history.visits import pseudonym_of
from emgorder.io import read_recording
from emgorder.io.remarks import noting_only
from emgorder.model import Recording
from emgorder.study.efforts import efforts_of

__all__ = ["BatchOutcome", "File", "Reading", "Task", "analyse_file", "analyse_task", "lost_with_its_worker", "ping"]

WORKER_DIED = "WorkerDied"
_MESSAGE_LIMIT = 2000  # characters


@dataclass(frozen=True, eq=False, slots=True)
class BatchOutcome:
    """What :func:`emgorder.analyse_many` yields for one path.

    Attributes
    ----------
    index : int
        Place of the path among those given, from 0.
    path : str
        As it was given.
    session : mapping
        The row of the file in the table of sessions (name, person, rate, number of lifts, findings, notes ...); empty
        where there is an error.
    columns : mapping of str to mapping of str to list
        The tables ``lifts``, ``order`` and ``summary`` as plain lists, a list a column.
    error : str
        Why there is no result, in words; empty where there is one.
    kind : str
        Name of the error's class; ``"WorkerDied"`` where the file has ended its worker twice.
    """

    index: int
    path: str
    session: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, list[Any]]] = field(default_factory=dict)
    error: str = ""
    kind: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is a result."""
        return not self.kind

    @property
    def lifts(self) -> pd.DataFrame:
        """``lifts`` of the result: a row per lift and muscle; empty where there is an error."""
        return pd.DataFrame(dict(self.columns.get("lifts", {})))

    @property
    def order(self) -> pd.DataFrame:
        """``order`` of the result: a row per lift; empty where there is an error."""
        return pd.DataFrame(dict(self.columns.get("order", {})))

    @property
    def summary(self) -> pd.DataFrame:
        """``summary`` of the result: a row per side; empty where there is an error."""
        return pd.DataFrame(dict(self.columns.get("summary", {})))


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: the options of :func:`emgorder.read_recording`, and which full efforts belong to them."""

    sampling_frequency: float | None = None
    muscles: Mapping[str, str] | None = None
    unit: str | None = None
    mvc: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A path as it was given, and where a worker in any folder finds it."""

    index: int
    given: str
    where: str


@dataclass(frozen=True, slots=True)
class Task:
    """Some files for one worker; ``token`` tells it from every other task, also from the same files tried again."""

    files: tuple[File, ...]
    settings: Settings
    reading: Reading
    version: str
    token: str


def ping(token: str) -> str:
    """Return `token`: whoever answers can import this package."""
    return token


def analyse_task(task: Task) -> list[BatchOutcome]:
    """Analyse the files of a task, wherever this runs.

    Raises
    ------
    EmgOrderError
        This is another version of emgorder than the one that asks.
    """
    from emgorder import __version__

    if task.version != __version__:
        raise EmgOrderError(
            f"a worker has emgorder {__version__}, this program {task.version}, and their numbers may differ: "
            "install the same version where the workers run"
        )
    return [analyse_file(file, task.settings, task.reading) for file in task.files]


def analyse_file(file: File, settings: Settings, reading: Reading) -> BatchOutcome:
    """Read and analyse one file; whatever is wrong with it is in the outcome."""
    began_s = time.perf_counter()
    try:
        with noting_only():
            recording = _read(file.where, reading)
            efforts = [_read(path, reading) for path in efforts_of(Path(file.where), reading.mvc)]
            result = analyse(recording, settings, mvc=efforts)
            columns = {
                "lifts": result.lifts.to_dict("list"),
                "order": result.order.to_dict("list"),
                "summary": result.summary.to_dict("list"),
            }
    except Exception as error:  # any fault of a reader or a method costs one file, not the batch
        said = _words(error).removeprefix(f"{file.where}: ").removeprefix(f"{file.where}, ")  # the outcome has the path
        return BatchOutcome(file.index, file.given, error=said, kind=type(error).__name__)
    session = _session_row(result, time.perf_counter() - began_s)
    return BatchOutcome(file.index, file.given, session, columns)  # type: ignore[arg-type]


def _read(path: str | Path, reading: Reading) -> Recording:
    return read_recording(
        path, sampling_frequency=reading.sampling_frequency, muscles=reading.muscles, unit=reading.unit
    )


def lost_with_its_worker(file: File, failure: BaseException) -> BatchOutcome:
    """Return the outcome of a file whose workers died."""
    return BatchOutcome(
        file.index,
        file.given,
        error=f"its worker died twice ({_words(failure)}): perhaps too little memory, or a fault in a library; "
        "try `emgorder analyse` with this file alone",
        kind=WORKER_DIED,
    )


def _words(error: BaseException) -> str:
    said = str(error).strip() or type(error).__name__
    if not isinstance(error, EmgOrderError | OSError):
        said = f"{type(error).__name__}: {said}" if said != type(error).__name__ else said
    return said[:_MESSAGE_LIMIT]


def _session_row(result: SessionResult, seconds: float) -> dict[str, Any]:
    return {
        "name": result.name,
        "person": pseudonym_of(result.meta),
        "duration_s": float(result.duration_s),
        "sampling_frequency": float(result.sampling_frequency),
        "n_channels": len(result.channels),
        "n_lifts": len(result.lift_results),
        "n_valid": sum(r.valid for r in result.lift_results),
        "verdict_possible": any(side.possible for side in result.sides),
        "findings": "\n".join(f"{f.severity}: {f.channel}: {f.message}" for f in result.quality),
        "notes": "\n".join(result.notes),
        "seconds": seconds,
        "version": result.version,
    }
