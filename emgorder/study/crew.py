"""Tasks through any executor: few at a time, and none is lost when a worker dies.

A worker that dies tells nobody which file it was at. So whatever was under way is tried again where every file has a
worker to itself: one that ends two of those is to blame, and all others get their result.
"""

from __future__ import annotations

import os
import queue
import uuid
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from dataclasses import replace
from typing import Any

from emgorder.errors import EmgOrderError
from emgorder.study.outcome import BatchOutcome, Task, analyse_task, lost_with_its_worker, ping

__all__ = ["count_workers", "new_token", "run_tasks"]

_LISTEN_S = 1.0  # an endless wait could not be interrupted on every system
_UNGUARDED = (
    'the workers end before they do anything. In a script, make the executor below `if __name__ == "__main__":`; '
    "otherwise look at what the workers print"
)


def run_tasks(executor: Executor, tasks: Iterable[Task], window: int) -> Generator[BatchOutcome, None, None]:
    """Yield the outcomes of tasks as they are done, with at most `window` tasks under way.

    Nothing is left under way when the iteration ends, however it ends, but for what already runs.

    Raises
    ------
    EmgOrderError
        The executor takes no tasks, or runs none.
    """
    crew = _Crew(executor)
    try:
        yield from crew.run(iter(tasks), window)
    finally:
        crew.leave()


def count_workers(executor: Executor) -> int:
    """Return how many tasks an executor runs at once, as far as it tells."""
    told = getattr(executor, "_max_workers", None)
    if isinstance(told, int) and told > 0:
        return told
    client: Any = getattr(executor, "_client", None)  # of a Dask cluster
    if client is not None:
        return max(1, int(sum(client.ncores().values())))
    return os.cpu_count() or 1


def new_token() -> str:
    """Return a text that was never used before: a cluster answers an equal task with what it remembers."""
    return uuid.uuid4().hex


class _Crew:
    """An executor and what is under way in it, and its successor when it breaks."""

    def __init__(self, executor: Executor) -> None:
        self._given = executor
        self._now = executor
        self._pending: dict[Future[list[BatchOutcome]], Task] = {}
        self._done: queue.SimpleQueue[Future[list[BatchOutcome]]] = queue.SimpleQueue()
        self._own: list[Executor] = []

    def run(self, tasks: Iterator[Task], window: int) -> Iterator[BatchOutcome]:
        held: Task | None = None
        while True:
            broken = False
            while len(self._pending) < window and not broken:
                task = held or next(tasks, None)
                if task is None:
                    break
                broken = not self._begin(task)
                held = task if broken else None
            if not self._pending and not broken:
                return
            suspects: list[Task] = []
            while self._pending:  # once round, unless something died: then until nothing is under way
                task, failure, outcomes = self._next()
                yield from outcomes
                if failure is not None:
                    suspects.append(task)
                    broken = broken or isinstance(failure, BrokenExecutor)
                if not (suspects or broken):
                    break
            if broken:
                self._succeed()
            if suspects:
                yield from self._alone(suspects, apart=broken)

    def leave(self) -> None:
        """Take back what has not begun, and let own executors end."""
        for future in self._pending:
            future.cancel()
        for executor in self._own:
            executor.shutdown(wait=False, cancel_futures=True)

    def _begin(self, task: Task) -> bool:
        """Hand in a task; False where the executor is broken."""
        try:
            future = _submitted(self._now, task)
        except BrokenExecutor:
            return False
        self._pending[future] = task
        future.add_done_callback(self._done.put)
        return True

    def _next(self) -> tuple[Task, BaseException | None, list[BatchOutcome]]:
        """Wait for a task to end; return it with why it failed, or with its outcomes."""
        future = _listen(self._done)
        task = self._pending.pop(future)
        failure = _failure(future)
        return task, failure, [] if failure is not None else future.result()

    def _succeed(self) -> None:
        """Go on with a new executor like the broken one."""
        if self._now is not self._given:
            self._now.shutdown(wait=False, cancel_futures=True)
            self._own.remove(self._now)
        self._now = self._another(count_workers(self._given))

    def _another(self, n_workers: int) -> Executor:
        """Return a new pool with what is known of the given one: how it starts processes, and what they do first."""
        if not isinstance(self._given, ProcessPoolExecutor):
            raise EmgOrderError(f"the executor broke down ({type(self._given).__name__}): give a new one")
        like: Any = self._given
        executor = ProcessPoolExecutor(
            n_workers,
            mp_context=getattr(like, "_mp_context", None),
            initializer=getattr(like, "_initializer", None),
            initargs=getattr(like, "_initargs", ()),
        )
        self._own.append(executor)
        return executor

    def _alone(self, suspects: list[Task], *, apart: bool) -> Iterator[BatchOutcome]:
        """Try the files of `suspects` again, each the only one that a worker could die of.

        `apart` gives every file a process of its own pool; else one after the other in the executor there is.
        """
        waiting = deque(replace(task, files=(file,)) for task in suspects for file in task.files)
        n_rooms = min(count_workers(self._given), len(waiting)) if apart else 1
        idle = [self._room(self._now, apart=apart, new=True) for _ in range(n_rooms)]
        under_way: dict[Future[list[BatchOutcome]], tuple[Executor, Task]] = {}
        ended: queue.SimpleQueue[Future[list[BatchOutcome]]] = queue.SimpleQueue()
        # A cluster knows which task its worker died of; of a broken pool nobody knows.
        died = {task.files[0].index for task in suspects if not apart and len(task.files) == 1}
        try:
            while waiting or under_way:
                while waiting and idle:
                    room, task = idle.pop(), replace(waiting.popleft(), token=new_token())
                    try:
                        future = _submitted(room, task)
                    except BrokenExecutor:  # its process died while it had nothing to do
                        room = self._room(room, apart=apart)
                        future = _submitted(room, task)
                    under_way[future] = (room, task)
                    future.add_done_callback(ended.put)
                future = _listen(ended)
                room, task = under_way.pop(future)
                failure = _failure(future)
                if failure is None:
                    yield from future.result()
                else:
                    room = self._room(room, apart=apart)
                    if task.files[0].index in died:
                        yield lost_with_its_worker(task.files[0], failure)
                    else:
                        died.add(task.files[0].index)
                        waiting.append(task)
                idle.append(room)
        finally:
            for future in under_way:
                future.cancel()
        if apart:
            for room in idle:
                self._close(room)

    def _room(self, executor: Executor, *, apart: bool, new: bool = False) -> Executor:
        """Return where one task may die alone, seen to work: a new pool of one for a broken one, or what there is."""
        if apart:
            if not new:
                self._close(executor)
            executor = self._another(1)
        _greet(executor)
        return executor

    def _close(self, executor: Executor) -> None:
        executor.shutdown(wait=False, cancel_futures=True)
        self._own.remove(executor)


def _submitted(executor: Executor, task: Task) -> Future[list[BatchOutcome]]:
    try:
        return executor.submit(analyse_task, task)
    except BrokenExecutor:
        raise
    except Exception as error:
        raise EmgOrderError(f"the executor takes no more tasks ({_named(error)}): give one that is open") from error


def _listen(done: queue.SimpleQueue[Future[list[BatchOutcome]]]) -> Future[list[BatchOutcome]]:
    while True:
        try:
            return done.get(timeout=_LISTEN_S)
        except queue.Empty:
            continue


def _failure(future: Future[Any]) -> BaseException | None:
    """Return what kept a task from ending; none of this is about what a file holds.

    Raises
    ------
    EmgOrderError
        Every worker would fail like this.
    KeyboardInterrupt
        The user has interrupted the worker, and so everything.
    """
    if future.cancelled():
        return CancelledError("it was cancelled")
    failure = future.exception()
    if failure is not None and (isinstance(failure, EmgOrderError) or not isinstance(failure, Exception)):
        raise failure
    return failure


def _greet(executor: Executor) -> None:
    """Raise where an executor can run nothing at all: then no file is to blame."""
    token = new_token()
    try:
        executor.submit(ping, token).result()
    except BrokenExecutor as error:
        raise EmgOrderError(_UNGUARDED) from error
    except Exception as error:
        raise EmgOrderError(
            f"the executor's workers run nothing ({_named(error)}): see that they are alive, "
            "and that the same emgorder is installed where they run"
        ) from error


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
