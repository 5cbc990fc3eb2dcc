"""Many recordings through the analysis, one outcome a path, in memory that does not grow."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from itertools import islice

from emgorder.analysis import Settings
from emgorder.analysis.settings import chosen_settings
from emgorder.arguments import require_kind
from emgorder.errors import SettingsError
from emgorder.io.channels import check_muscles, read_unit
from emgorder.io.timecolumn import check_rate
from emgorder.study.crew import count_workers, new_token, run_tasks
from emgorder.study.efforts import check_patterns
from emgorder.study.outcome import BatchOutcome, File, Reading, Task, analyse_file

__all__ = ["analyse_many"]

_TASKS_A_WORKER = 4  # under way or waiting: enough that no worker waits for the next


def analyse_many(
    paths: Iterable[str | os.PathLike[str]],
    *,
    executor: Executor | None = None,
    settings: Settings | None = None,
    sampling_frequency: float | None = None,
    muscles: Mapping[str, str] | None = None,
    unit: str | None = None,
    mvc: str | Sequence[str] = (),
    chunk_size: int = 4,
    window: int | None = None,
) -> Generator[BatchOutcome, None, None]:
    """Analyse many recordings, here or on any executor, and yield one outcome a path as each is done.

    The numbers are those of ``analyse(read_recording(path), settings, mvc=...)``. Paths are taken from the iterable
    only as fast as they are worked off, and between processes go tables, not results: a million paths need no more
    memory than a hundred.

    Parameters
    ----------
    paths : iterable of path
        May be endless. On a cluster each has to name the same file for every worker.
    executor : concurrent.futures.Executor, optional
        Where the work is done: a ``ProcessPoolExecutor``, a ``ThreadPoolExecutor``,
        ``dask.distributed.Client(...).get_executor()``. It is not shut down. None: here, one after the other.
    settings : Settings, optional
        Of the analysis.
    sampling_frequency, muscles, unit
        How all files are read; as in :func:`emgorder.read_recording`.
    mvc : str or sequence of str
        Which recordings of full efforts belong to each file, with the electrodes left where they are: patterns of names
        as seen from its folder, in which ``{stem}`` is its own name without the ending. ``"{stem}_mvc*.csv"`` finds
        ``heron_mvc1.csv`` for ``heron.csv``, ``"../mvc/*.bdf"`` whatever a folder beside holds. They are read as the
        file is, and what they mean is as in :func:`emgorder.analyse`.
    chunk_size : int
        Files that a worker gets at a time.
    window : int, optional
        Chunks that are under way or waiting; by default four a worker that the executor has now. Give more for a
        cluster that will grow.

    Yields
    ------
    BatchOutcome
        Tables of one file, or in words why there are none. Without an executor in the order of `paths`; else in the
        order in which they are done: ``outcome.index`` counts the paths.

    Raises
    ------
    SettingsError
        An argument makes no sense.
    EmgOrderError
        The executor is closed or cannot run anything, or has another version of emgorder.

    Notes
    -----
    A file that cannot be read or analysed is one outcome with an ``error``. When a worker dies, the files that were
    under way are tried again, each with a worker to itself; the one that ends its worker again gets the error
    ``WorkerDied``. A process pool breaks with its first dead worker, so the work then goes on in a new pool like it.
    An interrupt, or closing the generator, takes back all tasks that have not begun.

    Examples
    --------
    >>> import tempfile
    >>> import emgorder as eo
    >>> path = f"{tempfile.mkdtemp()}/one.csv"
    >>> _ = eo.write_recording(eo.simulate_session(seed=1, n_lifts=2), path)
    >>> [(outcome.ok, len(outcome.order)) for outcome in eo.analyse_many([path, "no.csv"])]
    [(True, 2), (False, 0)]
    """
    if isinstance(paths, str | bytes | os.PathLike):
        raise SettingsError(f"{paths!r} is one path: give a list of paths", key="paths")
    require_kind(paths, Iterable, key="paths", what="list", remedy="give a list of paths")
    for key, value in (("chunk_size", chunk_size), ("window", window)):
        if value is not None and not (isinstance(value, int) and value >= 1):
            raise SettingsError(f"{value!r}: give a whole number from 1", key=key)
    check_rate(sampling_frequency)
    read_unit(unit)
    check_muscles(muscles)
    reading = Reading(sampling_frequency, None if muscles is None else dict(muscles), unit, check_patterns(mvc))
    told = chosen_settings(settings)
    if executor is None:
        return (analyse_file(file, told, reading) for file in _files(paths, here=True))
    tasks = _tasks(_files(paths, here=False), told, reading, chunk_size)
    return run_tasks(executor, tasks, window or _TASKS_A_WORKER * count_workers(executor))


def _files(paths: Iterable[str | os.PathLike[str]], *, here: bool) -> Iterator[File]:
    """Yield each path as text, and as a worker in another folder finds it; what is no path is left to the reader."""
    for index, path in enumerate(paths):
        try:
            given = os.fsdecode(path)
            where = given if here else os.path.abspath(given)  # noqa: PTH100 (Path.absolute keeps the ..)
        except (TypeError, ValueError):
            given = where = str(path)
        yield File(index, given, where)


def _tasks(files: Iterator[File], settings: Settings, reading: Reading, size: int) -> Iterator[Task]:
    from emgorder import __version__

    while chunk := tuple(islice(files, size)):
        yield Task(chunk, settings, reading, __version__, new_token())
