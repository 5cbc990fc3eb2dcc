"""An hour of two sensors over bad links, as fast as it goes: what was delivered is kept, and what it costs.

    python benchmarks/soak.py --write

Two simulated EMGO-1 boards at 1 kHz, 40 ppm apart, with dropped packets, stalls, lost links and a host that jitters,
are recorded into a journal through the recorder, with the live status listening; then the journal is made a recording.
Every sample carries its own number, so that each can be looked up in the end.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from _table import markdown, options, page, publish

from emgorder.acquisition.assemble import assemble
from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.recorder import Delivery
from emgorder.acquisition.session import record_session
from emgorder.acquisition.simulated import SimulatedTransport
from emgorder.acquisition.simulated_kinds import simulate_sensor
from emgorder.acquisition.simulated_sensor import LinkFaults, SimulatedSensor
from emgorder.acquisition.status import LiveStatus
from emgorder.acquisition.stream_reading import read_streams
from emgorder.acquisition.transport import LinkEvent, Packet
from emgorder.io.journal import read_journal
from emgorder.model import FloatArray, IntArray
from emgorder.simulate.packets.emgo1 import FRAMES, encode

LABELS = {"glute": ("GMAX_R", "extra"), "hamstring": ("BF_R", "extra_2")}


def numbered(index: IntArray) -> IntArray:
    """Return the counts that sample `index` has, two channels."""
    return np.stack([index * 7919 % 20011 - 10000, index * 104729 % 30011 - 15000], axis=1)


def board(name: str, seconds: float, *, drift_ppm: float, seed: int) -> SimulatedSensor:
    """Return a sensor with about a stall in three minutes and a lost link in seven."""
    rng = np.random.default_rng(seed)
    stalls = tuple(
        (float(t), float(rng.uniform(0.5, 3.0))) for t in np.arange(60.0, seconds, 180.0) + rng.uniform(0, 60)
    )
    cuts = tuple(
        (float(t), float(rng.uniform(1.0, 8.0))) for t in np.arange(150.0, seconds, 420.0) + rng.uniform(0, 60)
    )
    faults = LinkFaults(
        drift_ppm=drift_ppm,
        loss=0.005,
        retransmission=0.05,
        interval_s=0.015,
        latency_s=0.005,
        jitter_s=0.001,
        stalls=stalls,
        cuts=cuts,
        battery=90,
    )

    def send(values: FloatArray, index: int, device_us: int) -> list[bytes]:
        return encode(numbered(index + np.arange(FRAMES)), index)

    def nothing(time_s: FloatArray) -> FloatArray:
        return np.zeros((time_s.size, 2))

    return replace(simulate_sensor("emgo1", name, nothing, faults=faults), encode=send)


def resident_MB() -> float:
    """Return the memory of this process, NaN where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return float("nan")
    return pages * 4096 / 1e6


@dataclass
class Watch:
    """Counts what is delivered, and looks at memory every minute of the session."""

    packets: dict[str, int] = field(default_factory=dict)
    lost_links: int = 0
    memory_MB: list[float] = field(default_factory=list)
    next_s: float = 0.0

    def __call__(self, item: Delivery) -> None:
        """Take what the recorder wrote."""
        if isinstance(item, Packet):
            self.packets[item.sensor] = self.packets.get(item.sensor, 0) + 1
            if item.t_host_s >= self.next_s:
                self.next_s = item.t_host_s + 60.0
                self.memory_MB.append(resident_MB())
        elif isinstance(item, LinkEvent) and item.kind == "down" and not item.requested:
            self.lost_links += 1


def record(path: Path, seconds: float) -> tuple[Watch, float]:
    """Record; return what was seen, and the CPU seconds of it all (simulating included)."""
    clock, watch = FastClock(), Watch()
    boards = [board("glute", seconds, drift_ppm=40.0, seed=1), board("hamstring", seconds, drift_ppm=0.0, seed=2)]
    transport = SimulatedTransport(boards, clock=clock, seed=3)

    async def run() -> None:
        chosen = await transport.discover(0.0)
        await record_session(
            transport,
            chosen,
            path,
            labels=LABELS,
            clock=clock,
            duration_s=seconds,
            listeners=[LiveStatus(chosen, LABELS), watch],
        )

    before = time.process_time()
    asyncio.run(run())
    return watch, time.process_time() - before


def simulating_alone(seconds: float) -> float:
    """Return the CPU seconds that the simulated sensors take by themselves."""
    boards = [board("glute", seconds, drift_ppm=40.0, seed=1), board("hamstring", seconds, drift_ppm=0.0, seed=2)]
    clock = FastClock()
    transport = SimulatedTransport([replace(b, faults=replace(b.faults, cuts=())) for b in boards], clock=clock, seed=3)

    async def run() -> None:
        links = [await transport.open(info) for info in await transport.discover(0.0)]
        for link in links:
            await link.start(lambda item: None)
        await clock.sleep(seconds)
        for link in links:
            await link.close()

    before = time.process_time()
    asyncio.run(run())
    return time.process_time() - before


def main() -> None:
    """Run."""
    given = options(__doc__.splitlines()[0]).parse_args()
    seconds = 300.0 if given.quick else 3600.0
    alone_s = simulating_alone(min(seconds, 300.0)) / min(seconds, 300.0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "soak.emgj"
        watch, record_s = record(path, seconds)
        size_MB = path.stat().st_size / 1e6
        journal = read_journal(path)
    before = time.process_time()
    recording = assemble(journal)
    assemble_s = time.process_time() - before
    rows, wrong = [], 0
    for stream in read_streams(journal.records, dict.fromkeys(watch.packets, "emgo1")):
        n = sum(piece.index.size for piece in stream.pieces)
        for piece in stream.pieces:
            counts = np.rint(piece.values * 1e6).astype(np.intp)
            wrong += int((counts != numbered(piece.index)).any(axis=1).sum())
        missing = watch.packets[stream.sensor] * FRAMES - n
        wrong += abs(missing)
        rows.append([stream.sensor, watch.packets[stream.sensor], n, missing, stream.n_lost, stream.n_duplicates])
    memory = np.array(watch.memory_MB)
    early, late = float(memory[2:5].max()), float(memory[-3:].max())
    table = markdown(
        ["sensor", "packets delivered", "samples kept", "missing of these", "never sent", "duplicates"], rows
    )
    costs = markdown(
        ["what", "measured"],
        [
            ["links lost and found again", watch.lost_links],
            ["damaged records", journal.n_damaged],
            ["samples with a wrong value or place", wrong],
            ["memory after 3 to 5 minutes, MB", early],
            ["memory in the last 3 minutes, MB", late],
            ["journal, MB", size_MB],
            [
                "CPU, recording with live status and simulated sensors, ms per second of signal",
                1e3 * record_s / seconds,
            ],
            ["of that, the simulated sensors by themselves", 1e3 * alone_s],
            ["CPU, journal to recording, ms per second of signal", 1e3 * assemble_s / seconds],
            ["clocks", f"{recording.clock.method}, {recording.clock.sd_s * 1e3:.2f} ms"],
        ],
    )
    text = page(
        "Soak",
        [
            f"{seconds / 60:.0f} minutes of two simulated sensors at 1 kHz over bad links (see the script's head). "
            "*Never sent*: dropped inside the sensor, or while the link was lost.",
            table,
            costs,
        ],
        packages=("numpy",),
    )
    publish(text, "soak", write=given.write)
    grown = late > early + 10.0
    if wrong or journal.n_damaged or grown:
        sys.exit(f"{wrong} samples wrong, {journal.n_damaged} records damaged, memory {early:.0f} to {late:.0f} MB")


if __name__ == "__main__":
    main()
