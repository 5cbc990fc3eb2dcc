"""A person on the simulated table: a whole session for simulated sensors, with the marks that belong to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from emgorder.acquisition.simulated_kinds import simulate_sensor
from emgorder.acquisition.simulated_sensor import LinkFaults, SimulatedSensor, Source
from emgorder.clock.resample import interpolate
from emgorder.model import FloatArray, Recording, Side
from emgorder.simulate import TwoSensors, simulate_session

__all__ = ["ORDINARY_LINK", "SimulatedSession", "electrodes", "emgo1_board", "simulated_session"]

ORDINARY_LINK = LinkFaults(interval_s=0.015, retransmission=0.05, latency_s=0.004, jitter_s=0.0005, battery=87)
"""A Bluetooth link as it usually is."""

_UV_PER_COUNT = 0.1
_MARGIN = 24  # samples around a block, so that interpolating it does not see its edges
_ON_A_SAMPLE = 1e-6


@dataclass(frozen=True, eq=False, slots=True)
class SimulatedSession:
    """Sensors, the labels of their channels, and the truth that they sample; marks are the truth's events."""

    sensors: tuple[SimulatedSensor, ...]
    labels: Mapping[str, tuple[str, ...]]
    truth: Recording


def electrodes(signals: FloatArray, sampling_frequency: float) -> Source:
    """Return what electrodes see at any time: `signals` (n_samples, n_channels) between its samples, 0 V beyond it.

    Examples
    --------
    >>> see = electrodes(np.arange(100.0)[:, None], 1000.0)
    >>> see(np.array([0.005, 0.0505, 0.2])).ravel().round(3).tolist()
    [5.0, 50.5, 0.0]
    """

    def see(time_s: FloatArray) -> FloatArray:
        place = np.asarray(time_s, dtype=np.float64) * sampling_frequency
        out = np.zeros((place.size, signals.shape[1]))
        inside = (place >= 0) & (place <= len(signals) - 1)
        if not inside.any():
            return out
        where = place[inside]
        whole = np.rint(where).astype(np.intp)
        if np.abs(where - whole).max() < _ON_A_SAMPLE:
            out[inside] = signals[whole]
            return out
        first = max(int(where[0]) - _MARGIN, 0)
        block = signals[first : int(where[-1]) + 2 + _MARGIN]
        out[inside] = np.column_stack([interpolate(column, where - first) for column in block.T])
        return out

    return see


def emgo1_board(
    id: str,
    volts: Source,
    *,
    n_channels: int = 2,
    sampling_frequency: int = 1000,
    faults: LinkFaults | None = None,
) -> SimulatedSensor:
    """Return a simulated EMGO-1 with any number of channels up to 8, one count being 0.1 µV.

    Parameters
    ----------
    id : str
        Its address.
    volts : callable
        As in :func:`emgorder.acquisition.simulated_kinds.simulate_sensor`.
    n_channels : int
        That `volts` gives.
    sampling_frequency : int
        Hz, as it tells in INFO.
    faults : LinkFaults, optional
        Of sensor and link.
    """
    from emgorder.sensors.emgo1_control import INFO
    from emgorder.simulate.packets.emgo1 import encode, encode_info

    board = simulate_sensor("emgo1", id, volts, name=f"EMGO {id}", faults=faults)
    info = encode_info(n_channels=n_channels, uV_per_count=_UV_PER_COUNT, frequency=(sampling_frequency, 1))

    def send(values: FloatArray, index: int, device_us: int) -> list[bytes]:
        counts = np.rint(values * (1e6 / _UV_PER_COUNT))
        return encode(
            np.clip(counts, -32768, 32767).astype(np.intp), index, sampling_frequency=float(sampling_frequency)
        )

    return replace(
        board,
        encode=send,
        sampling_frequency=float(sampling_frequency),
        values={**board.values, INFO: info},
        hello=(("info", info),),
    )


def simulated_session(
    *,
    seed: int,
    n_lifts: int = 10,
    sides: tuple[Side, ...] = ("R",),
    two_sensors: bool = False,
    faults: Sequence[LinkFaults] | None = None,
    truth: Recording | None = None,
) -> SimulatedSession:
    """Return a session on simulated EMGO-1 boards.

    Parameters
    ----------
    seed : int
        Of the person, as in :func:`emgorder.simulate_session`.
    n_lifts : int
        Lifts a side.
    sides : tuple of {"R", "L"}
        Sides that are lifted.
    two_sensors : bool
        Glute and hamstring on a board each, whose clocks drift apart; the session then begins with a tap test.
    faults : sequence of LinkFaults, optional
        One a board; by default ordinary links, with two boards 40 ppm and 5 ms of latency apart.
    truth : Recording, optional
        Another session to sample, in place of the one that `seed`, `n_lifts` and `sides` ask for.

    Examples
    --------
    >>> session = simulated_session(seed=1, n_lifts=1, two_sensors=True)
    >>> dict(session.labels)
    {'emgo1-glute': ('GMAX_R',), 'emgo1-hamstring': ('BF_R',)}
    """
    if truth is None:
        truth = simulate_session(
            seed=seed,
            n_lifts=n_lifts,
            sides=sides,
            # Its clocks are right and only its taps reach two sensors apart: what the boards make of it is theirs.
            sensors=TwoSensors() if two_sensors else None,
            extras=("tap",) if two_sensors else (),
        )
    fs = truth.sampling_frequency
    if not two_sensors:
        labels = {"emgo1": tuple(channel.label for channel in truth.channels)}
        board = emgo1_board(
            "emgo1",
            electrodes(truth.data, fs),
            n_channels=len(truth.channels),
            faults=faults[0] if faults else ORDINARY_LINK,
        )
        return SimulatedSession((board,), labels, truth)
    links = faults or (
        replace(ORDINARY_LINK, drift_ppm=20.0, latency_s=0.009),
        replace(ORDINARY_LINK, drift_ppm=-20.0, battery=64),
    )
    boards, labels = [], {}
    for name, muscle, link in (("glute", "GMAX", links[0]), ("hamstring", "BF", links[1])):
        columns = [i for i, channel in enumerate(truth.channels) if channel.target_muscle == muscle]
        id = f"emgo1-{name}"
        labels[id] = tuple(truth.channels[i].label for i in columns)
        see = electrodes(truth.data[:, columns], fs)
        boards.append(emgo1_board(id, see, n_channels=len(columns), faults=link))
    return SimulatedSession(tuple(boards), labels, truth)
