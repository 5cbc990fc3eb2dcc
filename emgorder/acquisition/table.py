"""The table with its sensors: those in reach, or simulated ones on a person who does what the session asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from emgorder.acquisition.recorder import Delivery, Listener, Mark
from emgorder.acquisition.simulated import SimulatedTransport
from emgorder.acquisition.simulated_sensor import LinkFaults, SimulatedSensor, Source
from emgorder.acquisition.simulated_session import ORDINARY_LINK, emgo1_board
from emgorder.acquisition.transport import Clock, RealClock, Transport
from emgorder.model import FloatArray, Side
from emgorder.simulate.live import LivePerson

__all__ = ["SIMULATED_SENSORS", "Table", "real_table", "simulated_table"]

SIMULATED_SENSORS: Mapping[str, str] = {
    "emgo1-board": "Simulated board (4 channels)",
    "emgo1-a": "Simulated sensor A",
    "emgo1-b": "Simulated sensor B",
}
"""Ids and names of the sensors on a simulated table."""

_PLACED: Mapping[str, tuple[str, ...]] = {
    "emgo1-board": ("GMAX_R", "BF_R", "GMAX_L", "BF_L"),
    "emgo1-a": ("GMAX_R",),
    "emgo1-b": ("BF_R",),
}
_LINKS: Mapping[str, LinkFaults] = {
    "emgo1-board": ORDINARY_LINK,
    "emgo1-a": replace(ORDINARY_LINK, drift_ppm=20.0, latency_s=0.009),
    "emgo1-b": replace(ORDINARY_LINK, drift_ppm=-20.0, battery=64),
}


def _deaf(item: Delivery) -> None:
    """Hear nothing: a person of flesh and blood is spoken to by others."""


def _by_hand(labels: Mapping[str, Sequence[str]]) -> None:
    """Move nothing: real electrodes are placed by hand."""


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """Where a test takes place.

    Attributes
    ----------
    transport : Transport
        Where the sensors are.
    clock : Clock
        Its time.
    simulated : bool
        Whether it is a simulation.
    hear : Listener
        To be given to the recorder as a listener: tells a simulated person of its marks. Does nothing on a real table.
    place : callable
        ``place({sensor id: labels})`` moves the electrodes of simulated sensors to muscles, in the order of their
        channels (more or fewer labels than channels are allowed). Does nothing on a real table.
    person : LivePerson or None
        Who lies on a simulated table.
    """

    transport: Transport
    clock: Clock
    simulated: bool
    hear: Listener = _deaf
    place: Callable[[Mapping[str, Sequence[str]]], None] = _by_hand
    person: LivePerson | None = None


def real_table(clock: Clock | None = None) -> Table:
    """Return the sensors in reach of this machine's Bluetooth.

    Examples
    --------
    >>> real_table().simulated
    False
    """
    from emgorder.acquisition.bleak import BleakTransport

    clock = clock or RealClock()
    return Table(BleakTransport(clock=clock), clock, simulated=False)


def simulated_table(
    seed: int,
    *,
    clock: Clock | None = None,
    sides: Sequence[Side] = ("R", "L"),
    false_start_share: float = 0.0,
    faults: Mapping[str, LinkFaults] | None = None,
    person: LivePerson | None = None,
) -> Table:
    """Return a person with simulated EMGO-1 sensors: a board of four channels, and a pair of one channel each.

    Parameters
    ----------
    seed : int
        Of person and links.
    clock : Clock, optional
        The machine's by default.
    sides : sequence of {"R", "L"}
        Sides that the person lifts.
    false_start_share : float
        Share of lifts that begin before the tone.
    faults : mapping of sensor id to LinkFaults, optional
        In place of the ordinary links; the pair's are 40 ppm and 5 ms apart.
    person : LivePerson, optional
        Another one, in place of what `sides` and `false_start_share` ask for.

    Examples
    --------
    >>> table = simulated_table(1)
    >>> table.simulated, table.person.labels
    (True, ('GMAX_R', 'BF_R', 'GMAX_L', 'BF_L'))
    """
    clock = clock or RealClock()
    lying = person or LivePerson(seed, sides=sides, false_start_share=false_start_share)
    electrodes = {id: _Electrodes(lying, labels) for id, labels in _PLACED.items()}
    links = {**_LINKS, **(faults or {})}
    sensors = [_board(id, electrodes[id], len(labels), links[id]) for id, labels in _PLACED.items()]
    transport = SimulatedTransport(sensors, clock=clock, seed=seed)

    def hear(item: Delivery) -> None:
        if isinstance(item, Mark) and transport.epoch_s is not None:
            lying.hear(item.trial_type, item.t_host_s - transport.epoch_s, item.duration_s)

    def place(labels: Mapping[str, Sequence[str]]) -> None:
        for id in electrodes.keys() & labels.keys():
            electrodes[id].place(labels[id])

    return Table(transport, clock, True, hear, place, lying)


def _board(id: str, volts: Source, n_channels: int, faults: LinkFaults) -> SimulatedSensor:
    board = emgo1_board(id, volts, n_channels=n_channels, faults=faults)
    return replace(board, info=replace(board.info, name=SIMULATED_SENSORS[id]))


class _Electrodes:
    """The electrodes of one sensor, which can be moved."""

    def __init__(self, person: LivePerson, labels: Sequence[str]) -> None:
        self._person = person
        self._n_channels = len(labels)
        self._labels: tuple[str, ...] = ()
        self._see: Source | None = None
        self.place(labels)

    def place(self, labels: Sequence[str]) -> None:
        """Move them; channels without a label see noise."""
        placed = tuple(labels)[: self._n_channels]
        placed += ("",) * (self._n_channels - len(placed))
        if placed != self._labels:
            self._labels, self._see = placed, None

    def __call__(self, time_s: FloatArray) -> FloatArray:
        if self._see is None:  # made when it is needed: a minute of noise a channel
            self._see = self._person.electrodes(self._labels)
        return np.asarray(self._see(time_s), dtype=np.float64)
