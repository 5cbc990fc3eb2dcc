"""Workers that die, and executors that are of no use."""

from __future__ import annotations

import os
import signal
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

import emgorder as eo
from tests.study.conftest import quick_context


def test_a_file_that_ends_its_worker_twice_is_one_error_and_no_other_file_is_lost(
    copies: list[Path], pool: ProcessPoolExecutor
) -> None:
    folder = copies[0].parent
    deadly, deadly_once = folder / "d.fatal", folder / "p03.once"
    paths = [*copies[:5], deadly, *copies[5:], deadly_once]
    outcomes = {o.path: o for o in eo.analyse_many(paths, executor=pool, chunk_size=2)}
    assert set(outcomes) == {str(p) for p in paths}
    assert [(o.path, o.kind) for o in outcomes.values() if not o.ok] == [(str(deadly), "WorkerDied")]
    assert "died twice" in outcomes[str(deadly)].error
    assert outcomes[str(deadly_once)].order.equals(outcomes[str(copies[3])].order)


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_workers_killed_from_outside_lose_nothing(copies: list[Path], pool: ProcessPoolExecutor) -> None:
    seen = []
    for outcome in eo.analyse_many(copies, executor=pool, chunk_size=1):
        if len(seen) == 2:
            for process in pool._processes:  # type: ignore[attr-defined]
                os.kill(process, signal.SIGKILL)
        seen.append(outcome)
    assert sorted(o.index for o in seen) == list(range(len(copies)))
    assert all(o.ok for o in seen)


def test_a_pool_that_was_broken_before_is_replaced(sessions: list[Path], pool: ProcessPoolExecutor) -> None:
    assert pool.submit(os._exit, 1).exception() is not None
    assert [o.ok for o in eo.analyse_many(sessions, executor=pool)] == [True] * 3


def test_a_closed_executor_is_told_in_words(sessions: list[Path]) -> None:
    threads = ThreadPoolExecutor(1)
    threads.shutdown()
    with pytest.raises(eo.EmgOrderError, match="takes no more tasks"):
        list(eo.analyse_many(sessions, executor=threads))


class Unable(Executor):
    """Fails at everything, as a cluster does whose workers lack the package."""

    def submit(self, *arguments: object, **options: object) -> Future[object]:  # type: ignore[override]
        future: Future[object] = Future()
        future.set_exception(ModuleNotFoundError("No module named 'emgorder'"))
        return future


def test_an_executor_that_can_run_nothing_is_no_fault_of_the_files(sessions: list[Path]) -> None:
    with pytest.raises(eo.EmgOrderError, match=r"workers run nothing .*No module named 'emgorder'"):
        list(eo.analyse_many(sessions, executor=Unable()))


def test_workers_that_end_at_once_are_told_in_words(sessions: list[Path]) -> None:
    with (
        ProcessPoolExecutor(1, mp_context=quick_context(), initializer=os._exit, initargs=(3,)) as pool,
        pytest.raises(eo.EmgOrderError, match="before they do anything"),
    ):
        list(eo.analyse_many(sessions, executor=pool))


def test_a_worker_of_another_version_stops_everything(sessions: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    class OtherVersion(ThreadPoolExecutor):
        def submit(self, *arguments: object, **options: object) -> Future[object]:  # type: ignore[override]
            monkeypatch.setattr(eo, "__version__", "9.9")  # between asking and answering
            return super().submit(*arguments, **options)  # type: ignore[arg-type]

    with OtherVersion(1) as threads, pytest.raises(eo.EmgOrderError, match=r"a worker has emgorder 9\.9"):
        list(eo.analyse_many(sessions, executor=threads))


def test_an_interrupt_takes_back_what_has_not_begun(sessions: list[Path]) -> None:
    with ThreadPoolExecutor(1) as threads:
        outcomes = eo.analyse_many(sessions * 20, executor=threads, chunk_size=1, window=60)
        next(outcomes)
        with pytest.raises(KeyboardInterrupt):
            outcomes.throw(KeyboardInterrupt())
        left = [threads._work_queue.get_nowait() for _ in range(threads._work_queue.qsize())]
        assert len(left) > 30
        assert all(item.future.cancelled() for item in left if item is not None)
