"""Simulated sensors of the kinds in the registry: volts at the electrodes in, the bytes of the real device out."""

from __future__ import annotations

from collections.abc import Sequence

from emgorder.acquisition.simulated_sensor import Answer, LinkFaults, SimulatedSensor, Source
from emgorder.acquisition.transport import EventKind, SensorInfo
from emgorder.errors import SettingsError
from emgorder.model import FloatArray
from emgorder.sensors.base import Write

__all__ = ["simulate_sensor"]


def simulate_sensor(
    key: str, id: str, volts: Source, *, name: str | None = None, faults: LinkFaults | None = None
) -> SimulatedSensor:
    """Return a simulated sensor of a kind.

    Parameters
    ----------
    key : str
        Of the registry; those that have an encoder in `emgorder.simulate.packets`.
    id : str
        Its address.
    volts : callable
        ``volts(time_s)``: shape (n,), true seconds since the transport's epoch, to (n, n_channels) in volts.
    name : str, optional
        Advertised; default: one of its kind.
    faults : LinkFaults, optional
        Of sensor and link.

    Returns
    -------
    SimulatedSensor
        It sends as many samples a notification as the real one. An EMGO-1 also has INFO and answers pings.

    Raises
    ------
    SettingsError
        There is no encoder for that kind.

    Examples
    --------
    >>> import numpy as np
    >>> sensor = simulate_sensor("npg_lite", "npg-1", lambda time_s: np.zeros((len(time_s), 3)))
    >>> sensor.info.name, sensor.samples_per_packet
    ('NPG-Lite', 10)
    """
    from emgorder.sensors.registry import sensors
    from emgorder.simulate.packets import PROFILES, to_counts

    if key not in PROFILES:
        raise SettingsError(f"{key!r} cannot be simulated; there are {', '.join(PROFILES)}", key="sensor")
    profile, kind, faults = PROFILES[key], sensors()[key], faults or LinkFaults()

    def encode(values: FloatArray, index: int, device_us: int) -> list[bytes]:
        return profile.encode(to_counts(profile, values), index)

    values: dict[str, bytes] = {}
    if kind.battery is not None and faults.battery is not None:
        values[kind.battery] = bytes([faults.battery])
    hello: tuple[tuple[EventKind, bytes], ...] = ()
    answer: Answer | None = None
    if key == "emgo1":
        from emgorder.sensors.emgo1_control import INFO
        from emgorder.simulate.packets.emgo1 import encode_info

        values[INFO] = encode_info(n_channels=profile.n_channels, uV_per_count=profile.volts_per_count * 1e6)
        hello, answer = (("info", values[INFO]),), _pong
    return SimulatedSensor(
        info=SensorInfo(id, name or kind.names[0], key),
        source=volts,
        encode=encode,
        sampling_frequency=kind.sampling_frequency,
        samples_per_packet=profile.frames,
        faults=faults,
        values=values,
        answer=answer,
        hello=hello,
    )


def _pong(write: Write, device_us: int) -> Sequence[tuple[EventKind, bytes]]:
    """Return what an EMGO-1 answers to a ping, at once."""
    from emgorder.sensors.emgo1_control import SYNC
    from emgorder.simulate.packets.emgo1 import encode_sync_reply, read_ping

    ping = read_ping(write.data) if write.characteristic == SYNC else None
    if ping is None:
        return ()
    return (("sync", encode_sync_reply(ping[0], received_us=device_us, sent_us=device_us)),)
