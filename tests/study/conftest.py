"""Short sessions, workers that can die, and executors to try them on."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

import emgorder as eo

# What a worker does first: files that end in .fatal end its process each time they are read, .once the first time only.
FATAL = """
import os
from pathlib import Path
from emgorder.io.read import read_recording, register_reader

def fatal(path, **options):
    os._exit(9)

def once(path, **options):
    mark = Path(f"{path}.was-read")
    if not mark.exists():
        mark.touch()
        os._exit(9)
    return read_recording(path.with_suffix(".csv"))

register_reader(".fatal", fatal)
register_reader(".once", once)
"""


@pytest.fixture(scope="session")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("sessions")
    paths = [folder / f"s{seed}.csv" for seed in range(3)]
    for seed, path in enumerate(paths):
        eo.write_recording(
            eo.simulate_session(seed=seed, n_lifts=2, rest_s=2.5, baseline_s=2.5, sampling_frequency=500.0), path
        )
    return paths


@pytest.fixture
def copies(sessions: list[Path], tmp_path: Path) -> list[Path]:
    """Return a dozen files in a folder, three kinds."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    paths = [folder / f"p{number:02d}.csv" for number in range(12)]
    for number, path in enumerate(paths):
        source = sessions[number % len(sessions)]
        path.write_bytes(source.read_bytes())
        path.with_suffix(".json").write_bytes(source.with_suffix(".json").read_bytes())
    return paths


def quick_context() -> multiprocessing.context.BaseContext:
    """Return a way to start processes that do not import everything anew, where there is one."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["emgorder.study.outcome"])
    return context


@pytest.fixture
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=quick_context(), initializer=exec, initargs=(FATAL, {})) as executor:
        yield executor
