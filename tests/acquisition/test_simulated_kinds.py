"""Every kind of sensor, simulated: its own decoder gets back what the electrodes saw."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.simulated import LinkFaults, SimulatedTransport
from emgorder.acquisition.simulated_kinds import simulate_sensor
from emgorder.acquisition.transport import LinkEvent, Packet
from emgorder.errors import SettingsError
from emgorder.model import FloatArray
from emgorder.sensors.emgo1_control import INFO, ping, read_info, read_sync_reply
from emgorder.sensors.registry import find_sensor, make_decoder
from emgorder.simulate.packets import PROFILES, to_counts


def volts(key: str) -> Any:
    n = PROFILES[key].n_channels

    def source(time_s: FloatArray) -> FloatArray:
        frequency_Hz = 3.0 + np.arange(n)
        return 1e-4 * np.sin(2 * np.pi * time_s[:, None] * frequency_Hz)

    return source


def record(key: str, seconds: float, **faults: Any) -> list[Packet | LinkEvent]:
    clock, got = FastClock(), []
    sensor = simulate_sensor(key, "one", volts(key), faults=LinkFaults(**faults))

    async def run() -> None:
        transport = SimulatedTransport([sensor], clock=clock)
        (info,) = await transport.discover(0.0)
        kind = find_sensor(info.name)
        assert kind is not None
        assert kind.key == key == info.key
        link = await transport.open(info)
        await link.start(got.append)
        await clock.sleep(seconds)
        if key == "emgo1":
            assert read_info(await link.read(INFO)).n_channels == 2
            await link.command(ping(7, 1234))
            await clock.sleep(0.1)
        await link.close()

    asyncio.run(run())
    return got


@pytest.mark.parametrize("key", [key for key in PROFILES if key not in ("myoware_uart", "gforce")])
def test_what_a_decoder_gets_is_what_the_electrodes_saw(key: str) -> None:
    decoder, profile = make_decoder(key), PROFILES[key]
    packets = [item for item in record(key, 2.0) if isinstance(item, Packet) and item.t_host_s <= 2.0]
    decoded = np.concatenate([chunk.values for p in packets for chunk in decoder.decode(p.data)])
    rate_Hz = decoder.descriptor.sampling_frequency
    assert len(decoded) == pytest.approx(2.0 * rate_Hz, abs=2 * profile.frames + 20)
    counts = to_counts(profile, volts(key)(np.arange(len(decoded)) / rate_Hz)).astype(float)
    for channel in range(profile.n_channels):
        if np.ptp(counts[:, channel]):
            assert np.corrcoef(decoded[:, channel], counts[:, channel])[0, 1] > 0.99


def test_an_emgo1_tells_what_it_is_and_answers_pings_on_its_own_clock() -> None:
    got = record("emgo1", 2.0, drift_ppm=100.0, latency_s=0.004, command_latency_s=0.010, battery=71)
    events = {item.kind: item for item in got if isinstance(item, LinkEvent)}
    assert events["battery"].detail == "71"
    assert read_info(bytes.fromhex(events["info"].detail)).n_channels == 2
    reply = read_sync_reply(bytes.fromhex(events["sync"].detail))
    assert events["sync"].t_host_s == pytest.approx(2.014, abs=1e-9)
    assert reply.received_us == pytest.approx(2.010e6 * (1 + 100e-6), abs=1001)  # told to the sample


def test_a_kind_without_an_encoder_is_refused() -> None:
    with pytest.raises(SettingsError, match="'toaster' cannot be simulated"):
        simulate_sensor("toaster", "one", volts("emgo1"))
