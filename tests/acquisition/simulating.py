"""Recording simulated sensors in virtual time, for several test modules."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.session import record_session
from emgorder.acquisition.simulated import SimulatedTransport
from emgorder.acquisition.simulated_sensor import SimulatedSensor
from emgorder.acquisition.simulated_session import SimulatedSession
from emgorder.model import Recording


def record(
    path: Path,
    sensors: Sequence[SimulatedSensor],
    *,
    duration_s: float,
    labels: Mapping[str, Sequence[str]] | None = None,
    names: Sequence[str] = (),
    marks: Recording | None = None,
    seed: int = 1,
) -> SimulatedTransport:
    """Record sensors for some virtual seconds into the journal at `path`; return their transport."""
    clock = FastClock(start_s=50.0)
    transport = SimulatedTransport(sensors, clock=clock, seed=seed)

    async def run() -> None:
        chosen = await transport.discover(0.0)
        await record_session(
            transport, chosen, path, labels=labels or {}, names=names, clock=clock, duration_s=duration_s, marks=marks
        )

    asyncio.run(run())
    return transport


def record_whole(path: Path, session: SimulatedSession, *, seed: int = 1) -> SimulatedTransport:
    """Record a simulated session with its marks."""
    return record(
        path,
        session.sensors,
        duration_s=session.truth.duration_s,
        labels=session.labels,
        marks=session.truth,
        seed=seed,
    )
