"""A real cluster of two workers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import distributed
import pytest

import emgorder as eo
from emgorder.cli import main
from tests.study.conftest import FATAL


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    def begin() -> None:
        exec(FATAL, {})

    # One death of a worker is enough for the scheduler to give a task up: the second try is ours.
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0, "distributed.comm.timeouts.tcp": "60s"}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", silence_logs="CRITICAL"
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        client.register_worker_callbacks(setup=begin)
        yield client


def test_a_cluster_gives_the_numbers_of_this_machine(client: Any, copies: list[Path]) -> None:
    here = list(eo.analyse_many(copies))
    there = sorted(
        eo.analyse_many(copies, executor=client.get_executor(), chunk_size=2), key=lambda outcome: outcome.index
    )
    assert [o.path for o in there] == [o.path for o in here]
    for table in ("lifts", "order", "summary"):
        assert all(getattr(a, table).equals(getattr(b, table)) for a, b in zip(here, there, strict=True))


def test_a_worker_killed_by_a_file_costs_this_file_alone(client: Any, copies: list[Path]) -> None:
    paths = [*copies[:2], copies[0].with_name("d.fatal"), *copies[2:4]]
    outcomes = {o.path: o for o in eo.analyse_many(paths, executor=client.get_executor(), chunk_size=1)}
    assert len(outcomes) == len(paths)
    assert [(Path(o.path).name, o.kind) for o in outcomes.values() if not o.ok] == [("d.fatal", "WorkerDied")]


def test_the_command_works_on_a_cluster(client: Any, copies: list[Path], tmp_path: Path, capsys: Any) -> None:
    command = ["batch", str(copies[0].parent), "-o", str(tmp_path / "out"), "--scheduler", client.scheduler.address]
    assert main(command) == 1  # two lifts are too few for a verdict
    assert "12 recordings analysed." in capsys.readouterr().out
    assert len(eo.read_batch(tmp_path / "out").order) == 2 * len(copies)
