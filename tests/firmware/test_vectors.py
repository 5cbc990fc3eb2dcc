"""The worked examples of the profile's page, made by the firmware's core."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest

from emgorder.sensors import emgo1_control as control
from tests.firmware.core import COMPACT, I24, SOURCES, START, STOP, Core

Boot = Callable[..., Core]
VECTORS = SOURCES.parents[2] / "vectors" / "emgo1.json"
SYNC_EDGE = 1 << 7


@pytest.fixture(scope="module")
def examples() -> dict[str, bytes]:
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
    return {v["name"]: bytes.fromhex("".join(f["hex"] for f in v["fields"]).replace(" ", "")) for v in vectors}


def test_a_full_packet_with_an_acknowledgement(boot: Boot, examples: dict[str, bytes]) -> None:
    core = boot(bits=24, first_index=91, first_sequence=256, mtu=23)
    core.write(START)
    core.take([60_000, 61_000, 62_000, 63_000, 64_000], np.zeros((5, 2), int))
    assert len(core.packets()) == 2  # numbers 256 and 257, of two frames: more does not fit
    core.acknowledge(1, 79_500)
    core.change_link(247)
    core.take(np.array([101_000, 102_000, 103_000]), np.array([[1, -1], [256, -256], [32767, -32768]]))
    core.write(STOP)
    assert core.packets() == [examples["full"]]


def test_a_compact_packet(boot: Boot, examples: dict[str, bytes]) -> None:
    core = boot(n_inputs=1, bits=16, format=COMPACT, first_index=15, first_sequence=7)
    core.write(START)
    counts = np.array([0, 1, -1, 2047, -2048, 0, 0, 0, 0, 0])[:, None]
    core.take(320_000 + 1000 * np.arange(-1, 9), counts)
    assert core.packets() == [examples["compact"]]


def test_a_packet_of_24_bits_with_every_mark(boot: Boot, examples: dict[str, bytes]) -> None:
    core = boot(n_inputs=1, bits=24, format=I24, first_index=2**32 - 5, first_sequence=0xFFFF)
    core.write(START)
    core.lose(3)
    core.take(np.array([0, 1000]), np.array([[2**23 - 1], [-(2**23)]]), np.array([0, SYNC_EDGE]))
    core.write(STOP)
    assert core.packets() == [examples["i24"]]


def test_info(boot: Boot, examples: dict[str, bytes]) -> None:
    assert boot(bits=24, rate=(2000, 3), uV_per_count=0.5, skew_ns=20_000).ask("I") == examples["info"]


def test_replies(boot: Boot, examples: dict[str, bytes]) -> None:
    core = boot(first_index=96, can=0)
    now = (101_000).to_bytes(4, "little")
    assert core.ask("C", now + examples["set"]) == examples["ctrl_reply"]
    assert core.ask("C", now + examples["pulse"]) == examples["ctrl_refused"]
    assert core.ping(examples["ping"], 101_000, 101_100) == examples["sync_reply"]


def test_every_command_is_understood(boot: Boot, examples: dict[str, bytes]) -> None:
    core = boot()
    for name in ("set", "conn", "test", "pulse", "start", "stop"):
        assert core.write(examples[name]).done, name
    assert core.write(control.set_test_signal(False).data).done
