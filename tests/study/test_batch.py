"""Many recordings: the numbers of one, in memory that does not grow, and one bad file costs one row."""

from __future__ import annotations

import itertools
import os
import pickle
import warnings
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

import emgorder as eo


def same_numbers(outcome: eo.BatchOutcome, path: Path, settings: eo.Settings | None = None) -> None:
    alone = eo.analyse(eo.read_recording(path), settings)
    assert outcome.ok, outcome.error
    for table in ("lifts", "order", "summary"):
        pd.testing.assert_frame_equal(getattr(outcome, table), getattr(alone, table), check_exact=True)


def test_without_an_executor_the_numbers_are_those_of_each_file_alone_in_order(sessions: list[Path]) -> None:
    settings = eo.Settings(rope_s=0.02)
    outcomes = list(eo.analyse_many(sessions, settings=settings))
    assert [o.index for o in outcomes] == [0, 1, 2]
    for outcome, path in zip(outcomes, sessions, strict=True):
        assert outcome.path == str(path)
        same_numbers(outcome, path, settings)


def test_threads_and_processes_give_the_same_numbers(sessions: list[Path], pool: ProcessPoolExecutor) -> None:
    with ThreadPoolExecutor(2) as threads:
        for executor in (threads, pool):
            outcomes = sorted(eo.analyse_many(sessions, executor=executor, chunk_size=1), key=lambda o: o.index)
            assert [o.path for o in outcomes] == [str(p) for p in sessions]
            for outcome, path in zip(outcomes, sessions, strict=True):
                same_numbers(outcome, path)


def test_what_comes_back_from_a_worker_is_small(sessions: list[Path]) -> None:
    (outcome,) = eo.analyse_many(sessions[:1])
    whole = eo.analyse(eo.read_recording(sessions[0]))
    assert len(pickle.dumps(outcome)) < len(pickle.dumps(whole)) / 5


def bad_files(folder: Path) -> dict[str, Path]:
    contents = {
        "empty.csv": b"",
        "header.csv": b"time_s,GMAX_R_uV,BF_R_uV\n",
        "bytes.csv": bytes(range(256)) * 20,
        "one_channel.csv": b"time_s,GMAX_R_uV\n" + b"".join(b"%.3f,1\n" % (i / 1000) for i in range(3000)),
        "too_slow.csv": b"time_s,GMAX_R_uV,BF_R_uV\n" + b"".join(b"%d,1,2\n" % i for i in range(40)),
        "torn.emgj": b"EMGJ\x00\x01torn",
        "wrong.ending": b"",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "folder.csv").mkdir()
    found = {name: folder / name for name in (*contents, "folder.csv", "missing.csv")}
    return {**found, "zero byte": Path("zero\0byte.csv")}


def test_each_bad_file_is_one_error_in_words_and_the_good_ones_between_are_analysed(
    sessions: list[Path], tmp_path: Path
) -> None:
    bad = bad_files(tmp_path)
    paths: list[Path] = [sessions[0], *bad.values(), sessions[1]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outcomes = list(eo.analyse_many(paths))
    assert [o.index for o in outcomes if o.ok] == [0, len(paths) - 1]
    for outcome in outcomes[1:-1]:
        assert outcome.kind in ("RecordingError", "ValueError"), outcome
        assert len(outcome.error) > 10
        assert str(tmp_path) not in outcome.error  # the path has its own place
        assert outcome.lifts.empty
        assert outcome.order.empty
        assert outcome.summary.empty


def test_what_is_no_path_is_an_error_of_its_own(sessions: list[Path]) -> None:
    outcomes = list(eo.analyse_many([None, 7, sessions[0]]))  # type: ignore[list-item]
    assert [o.ok for o in outcomes] == [False, False, True]


@pytest.mark.parametrize("paths", ["session.csv", Path("session.csv")])
def test_one_path_instead_of_many_is_refused(paths: str) -> None:
    with pytest.raises(eo.SettingsError, match="give a list of paths"):
        eo.analyse_many(paths)


@pytest.mark.parametrize(
    "options", [{"chunk_size": 0}, {"window": 0}, {"sampling_frequency": -1.0}, {"unit": "kV"}, {"chunk_size": 1.5}]
)
def test_options_that_make_no_sense_are_refused_before_anything_runs(options: dict[str, object]) -> None:
    with pytest.raises(eo.SettingsError):
        eo.analyse_many([], **options)  # type: ignore[arg-type]


class CountingPool(ThreadPoolExecutor):
    """Threads that count what was handed in."""

    handed_in = 0

    def submit(self, *arguments: object, **options: object) -> Future[object]:  # type: ignore[override]
        self.handed_in += 1
        return super().submit(*arguments, **options)  # type: ignore[arg-type]


def endless(path: Path) -> Iterator[Path]:
    endless.taken = 0  # type: ignore[attr-defined]
    for number in itertools.count():
        endless.taken += 1  # type: ignore[attr-defined]
        yield path.with_name(f"missing{number}.csv")


def test_an_endless_iterable_is_taken_only_as_fast_as_it_is_worked_off(sessions: list[Path]) -> None:
    with CountingPool(2) as threads:
        outcomes = eo.analyse_many(endless(sessions[0]), executor=threads, chunk_size=3, window=2)
        seen = list(itertools.islice(outcomes, 30))
        outcomes.close()
    assert len({o.index for o in seen}) == 30
    assert endless.taken <= 30 + 3 * 3  # type: ignore[attr-defined]
    assert threads.handed_in <= 10 + 3


def test_closing_takes_back_what_has_not_begun_and_leaves_the_executor_open(sessions: list[Path]) -> None:
    with ThreadPoolExecutor(1) as threads:
        outcomes = eo.analyse_many(itertools.repeat(sessions[0]), executor=threads, chunk_size=1, window=50)
        next(outcomes)
        outcomes.close()
        assert threads.submit(os.getpid).result() == os.getpid()  # soon: the rest was cancelled


def test_a_fault_of_the_iterable_itself_is_raised(sessions: list[Path]) -> None:
    def faulty() -> Iterator[Path]:
        yield sessions[0]
        raise LookupError("the list of paths is broken")

    with ThreadPoolExecutor(1) as threads:
        for executor in (None, threads):
            with pytest.raises(LookupError, match="broken"):
                list(eo.analyse_many(faulty(), executor=executor))


def test_reading_options_reach_every_file(tmp_path: Path, sessions: list[Path]) -> None:
    table = pd.read_csv(sessions[0])
    bare = tmp_path / "bare.csv"
    table[["GMAX_R_uV", "BF_R_uV"]].set_axis(["a", "b"], axis=1).to_csv(bare, index=False)
    options = {"sampling_frequency": 500.0, "muscles": {"GMAX": "a", "BF": "b"}, "unit": "uV"}
    (outcome,) = eo.analyse_many([bare], **options)  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(
        outcome.lifts,
        eo.analyse(eo.read_recording(bare, **options)).lifts,  # type: ignore[arg-type]
    )
