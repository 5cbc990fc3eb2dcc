"""Many sessions: one after the other, in a pool of processes, on a local Dask cluster; and what a killed worker costs.

    python benchmarks/batch.py --write

The ways take turns, a round of files each, so that whatever else the machine does meets all of them alike.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import psutil
from _table import markdown, options, page, publish

import emgorder as eo
from emgorder.study.executors import processes

N_SESSIONS, N_DISTINCT, N_ROUNDS, N_WORKERS = 2000, 40, 10, 2
N_KILLED = 40  # files of the runs in which a worker is killed
N_TYPICAL = 2
MILLION = 1_000_000
MIB = 2.0**20


@dataclass
class Way:
    """One way to work through the files, and what it took."""

    name: str
    executor: Executor | None
    workers: Callable[[], list[int]]
    wall_s: float = 0.0
    cpu_s: float = 0.0
    n: int = 0
    memory: list[float] = field(default_factory=list)

    def round(self, paths: list[Path], folder: Path) -> None:
        """Take the next files."""
        everybody = [os.getpid(), *self.workers()]
        cpu_s, began_s = used(everybody), time.perf_counter()
        report = eo.run_batch(paths, folder, executor=self.executor, resume=True)
        self.wall_s += time.perf_counter() - began_s
        self.cpu_s += used(everybody) - cpu_s
        self.n += report.n_analysed
        self.memory.append(psutil.Process().memory_info().rss / MIB)


def used(pids: list[int]) -> float:
    """Return processor time of some processes so far, s."""
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return sum(t.user + t.system for t in times)


def make_sessions(folder: Path, count: int) -> list[Path]:
    """Return paths of short sessions, links to `N_DISTINCT` different ones."""
    distinct = []
    for seed in range(min(N_DISTINCT, count)):
        path = folder / "distinct" / f"{seed}.csv"
        path.parent.mkdir(exist_ok=True)
        eo.write_recording(eo.simulate_session(seed=seed, n_lifts=3, rest_s=2.0, baseline_s=2.0), path)
        distinct.append(path)
    paths = [folder / "all" / f"session{number:05d}.csv" for number in range(count)]
    paths[0].parent.mkdir()
    for number, path in enumerate(paths):
        for suffix in (".csv", ".json"):
            source, target = distinct[number % len(distinct)].with_suffix(suffix), path.with_suffix(suffix)
            try:
                target.hardlink_to(source)
            except OSError:  # a file system without links
                shutil.copy(source, target)
    return paths


@contextlib.contextmanager
def local_cluster() -> Iterator[tuple[Executor, Callable[[], list[int]]]]:
    """Give the executor of a Dask cluster with two workers, and their process ids."""
    import dask
    from distributed import Client, LocalCluster

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(
            n_workers=N_WORKERS, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", silence_logs="CRITICAL"
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client.get_executor(), lambda: list(client.run(os.getpid).values())


def n_rounds(count: int) -> int:
    """Return how many rounds there are, so that each has work for all workers."""
    return max(1, min(N_ROUNDS, count // 40))


def compare(ways: list[Way], paths: list[Path], folder: Path) -> None:
    """Let the ways take turns."""
    size = -(-len(paths) // n_rounds(len(paths)))
    for start in range(0, len(paths), size):
        for way in ways:
            way.round(paths[start : start + size], folder / way.name)


def same_rows(folders: list[Path]) -> bool:
    """Return whether all ways gave the same numbers to the last bit."""
    for table in ("lifts", "order", "summary"):
        first, *others = (
            pd.read_parquet(folder / table).sort_values("path", kind="stable").reset_index(drop=True)
            for folder in folders
        )
        if not all(first.equals(other) for other in others):
            return False
    return True


def killed(way: Way, paths: list[Path]) -> list[object]:
    """Kill a worker when a quarter is done; return what became of the files."""
    outcomes = []
    for outcome in eo.analyse_many(paths, executor=way.executor, chunk_size=2):
        outcomes.append(outcome)
        if len(outcomes) == len(paths) // 4:
            os.kill(way.workers()[0], signal.SIGKILL)
    got = {outcome.path for outcome in outcomes if outcome.ok}
    failed = sum(not outcome.ok for outcome in outcomes)
    return [way.name, len(paths), len(got), len(paths) - len(got) - failed, failed]


def bytes_of_rows(folder: Path) -> int:
    """Return how much the tables hold beyond what a part without rows takes."""
    parts = list(folder.rglob("part-*.parquet"))
    empty = sum(path.stat().st_size for path in parts if path.stem == "part-00000")
    n_parts = len(list((folder / "sessions").iterdir()))
    return sum(path.stat().st_size for path in parts) - n_parts * empty


def typical(folder: Path, scratch: Path) -> tuple[float, float, float, float]:
    """Return minutes, processor seconds, bytes of recording and of tables of a session of ten lifts a leg."""
    paths = []
    minutes = 0.0
    for seed in range(N_TYPICAL):
        recording = eo.simulate_session(seed=seed, n_lifts=10, sides=("R", "L"))
        minutes += recording.duration_s / 60 / N_TYPICAL
        paths.append(folder / f"typical{seed}.csv")
        eo.write_recording(recording, paths[-1])
    began_s = time.process_time()
    eo.run_batch(paths, scratch / "typical")
    cpu_s = (time.process_time() - began_s) / N_TYPICAL
    n_bytes = sum(path.stat().st_size for path in paths) / N_TYPICAL
    return minutes, cpu_s, n_bytes, bytes_of_rows(scratch / "typical") / N_TYPICAL


def projection(cpu_s: float, parent_s: float, table_bytes: float, growth: float, folder: Path, scratch: Path) -> str:
    """Return what a million sessions would take, computed from what was measured."""
    minutes, typical_cpu_s, typical_bytes, typical_table = typical(folder, scratch)
    recording = next((folder / "distinct").glob("*.csv")).stat().st_size
    rows = []
    for name, cpu, source, table in (
        ("short, 3 lifts, 0.4 min", cpu_s, float(recording), table_bytes),
        (f"10 lifts a leg, {minutes:.1f} min", typical_cpu_s, typical_bytes, typical_table),
    ):
        hours = cpu * MILLION / 3600
        rows.append(
            [
                name,
                f"{cpu:.2f}",
                f"{hours:.0f}",
                f"{hours / 64:.1f}",
                f"{source * MILLION / 1e12:.1f}",
                f"{table / 1e3:.1f}",
                f"{table * MILLION / 1e9:.1f}",
            ]
        )
    header = ["session", "processor s each", "hours of one processor", "of 64", "recordings, TB", "tables each, kB"]
    header.append("tables, GB")
    return (
        "Nobody has run this: it is the measured cost of one session times a million, on processors like these that "
        "do nothing else and storage that keeps up.\n\n" + markdown(header, rows) + "\n\n"
        "The program that hands out the work keeps the rows of files under way and, to know on resuming what is done, "
        f"20 bytes a finished file: 20 MB for a million. Measured growth here: {growth:.1f} MiB from the first round "
        "to the last. Handing out a file, taking in its rows and writing them costs this program "
        f"{parent_s * 1e3:.1f} ms of processor (pool): one program can feed about {cpu_s / parent_s:.0f} workers with "
        f"sessions as short as these, {typical_cpu_s / parent_s:.0f} with those of ten lifts a leg."
    )


def introduction(count: int) -> str:
    """Say what was run, and on how busy a machine."""
    distinct = min(N_DISTINCT, count)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    said = (
        f"{count:,} sessions of {N_SESSIONS:,} ({count / N_SESSIONS:.0%}), read from CSV and written as Parquet: links "
        f"to {distinct} different simulated ones (seeds 0 to {distinct - 1}; 3 lifts, 0.4 min of 2 × 1 kHz, 0.8 MB). "
        f"The ways took turns in {n_rounds(count)} rounds; starting workers is not counted. "
        f"Load of the machine at the end: {load:.1f} on {os.cpu_count()} cores"
    )
    if load > 1.5 * N_WORKERS:
        said += (
            ": others worked on it, so times are longer than on an idle one, and the scaling is that of what was left"
        )
    return said + "."


def of_parent(executor: Executor, paths: list[Path], folder: Path) -> float:
    """Return processor time of this process alone, s a session: handing out, taking in, writing."""
    began_s = time.process_time()
    eo.run_batch(paths, folder, executor=executor)
    return (time.process_time() - began_s) / len(paths)


def main() -> None:
    """Run the benchmark."""
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, default=1.0, help="part of the 2,000 sessions that is run")
    chosen = parser.parse_args()
    count = 40 if chosen.quick else max(40, round(N_SESSIONS * chosen.share))
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        scratch = folder / "out"
        paths = make_sessions(folder, count)
        pool = stack.enter_context(processes(N_WORKERS))
        list(eo.analyse_many(paths[:8], executor=pool, chunk_size=1))  # its processes start
        parent_s = of_parent(pool, paths[:N_KILLED], scratch / "parent")  # before the scheduler is in this process too
        cluster, cluster_pids = stack.enter_context(local_cluster())
        list(eo.analyse_many(paths[:8], executor=cluster, chunk_size=1))
        serial = Way("one after the other", None, lambda: [])
        others = [
            Way(f"pool of {N_WORKERS} processes", pool, lambda: list(pool._processes)),
            Way(f"Dask cluster of {N_WORKERS} workers", cluster, cluster_pids),
        ]
        ways = [serial, *others]
        compare(ways, paths, scratch)
        equal = "the same to the last bit" if same_rows([scratch / way.name for way in ways]) else "NOT the same"
        rows = [
            [
                way.name,
                way.n,
                round(way.wall_s),
                way.n / way.wall_s,
                (way.n / way.wall_s) / (serial.n / serial.wall_s),
                way.cpu_s / way.n,
                round(way.memory[0]),
                round(way.memory[-1]),
            ]
            for way in ways
        ]
        losses = [killed(way, paths[:N_KILLED]) for way in others]
        growth = max(way.memory[-1] - way.memory[0] for way in ways)
        table_bytes = bytes_of_rows(scratch / serial.name) / count
        million = projection(serial.cpu_s / serial.n, parent_s, table_bytes, growth, folder, scratch)
    header = ["way", "sessions", "s", "sessions a second", "times serial", "processor s a session, all processes"]
    memory = ["memory of the parent after round 1, MiB", "after the last, MiB"]
    sections = [
        introduction(count),
        markdown([*header, *memory], rows),
        f"The numbers of the three are {equal}. One parent runs all by turns: its memory is theirs, "
        "and Dask's scheduler runs in it.",
        "## A worker is killed",
        "SIGKILL for one of two workers when a quarter is done.",
        markdown(["way", "sessions", "with a result", "lost", "error rows"], losses),
        "## A million sessions, on paper",
        million,
    ]
    text = page("Many sessions", sections, packages=("numpy", "scipy", "pyarrow", "dask"))
    publish(text, "batch", write=chosen.write)


if __name__ == "__main__":
    main()
