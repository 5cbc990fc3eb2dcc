"""Executors that ``emgorder batch`` works with: processes of this machine, or a Dask cluster."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection, wait
from typing import Any

from emgorder.errors import EmgOrderError, MissingExtraError, SettingsError

__all__ = ["cluster", "n_processors", "processes"]

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_PATIENCE_S = 20
_ORPHANED = 1
_ELSEWHERE = ("inproc://", "ucx://", "ucxx://")  # schemes with addresses of their own


def n_processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def processes(n_workers: int) -> Iterator[Executor]:
    """Give a pool of processes that each use one processor and ignore Ctrl-C.

    They end at once when the block is left by an error or an interrupt, and when this process is gone.
    """
    before = {name: os.environ.get(name) for name in _THREADS}
    for name in _THREADS:
        os.environ.setdefault(name, "1")  # read by the workers when they start; one a file keeps all busy
    heard, held = Pipe(duplex=False)  # nothing is said: its end is what the workers wait for
    pool = ProcessPoolExecutor(n_workers, mp_context=get_context("spawn"), initializer=_begin_worker, initargs=(heard,))
    try:
        yield pool
        pool.shutdown()
    finally:
        held.close()
        pool.shutdown(cancel_futures=True)
        heard.close()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Give the executor of the Dask cluster whose scheduler is at `address`.

    Raises
    ------
    MissingExtraError
        dask.distributed is not installed.
    SettingsError
        `address` is no address of a scheduler.
    EmgOrderError
        Nobody answers there.
    """
    try:
        import distributed
    except ImportError as error:
        raise MissingExtraError("dask.distributed", "study") from error
    connect: Any = distributed.Client
    try:
        _check_address(address)
        client = connect(address, timeout=_PATIENCE_S, set_as_default=False)
    except ValueError as error:
        raise SettingsError(
            f"{address!r}: write for example tcp://10.0.0.5:8786 ({error})", key="--scheduler"
        ) from error
    except OSError as error:  # TimeoutError is one
        raise EmgOrderError(
            f"no scheduler answers at {address} ({error}): start one with `dask scheduler`, "
            f"and workers with `dask worker {address}`"
        ) from error
    with client:
        yield client.get_executor()


def _check_address(address: str) -> None:
    """Raise ValueError for what is no host and port: a client that was given it would wait for itself when it ends."""
    from distributed.comm.addressing import get_address_host_port

    if not address.startswith(_ELSEWHERE):
        get_address_host_port(address if "://" in address else f"tcp://{address}", strict=True)


def _begin_worker(parent: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and stops in order
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Connection) -> None:
    wait([parent])
    os._exit(_ORPHANED)
