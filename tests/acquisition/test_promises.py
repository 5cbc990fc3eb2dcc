"""Each promise of EMGO-1 is found kept by a board that keeps it, and broken by a board that breaks that one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgorder.acquisition.checks import Check
from emgorder.acquisition.checkup import check_sensor, judge
from emgorder.acquisition.clocks import FastClock
from emgorder.acquisition.simulated import SimulatedTransport
from emgorder.acquisition.simulated_boards import BOARDS, simulated_board
from emgorder.acquisition.simulated_sensor import SimulatedSensor
from emgorder.acquisition.transport import LinkEvent, Packet, SensorInfo
from emgorder.errors import SettingsError
from emgorder.sensors.emgo1_control import ping
from emgorder.simulate.packets.emgo1 import encode_compact, encode_info, encode_status, encode_sync_reply
from scripts.firmware_vectors import vector_bytes

SENSOR = SensorInfo("a", "EMGO a", "emgo1")

# board: how each check that must fail begins
BROKEN = {
    "good": (),
    "fast-crystal": ("rate 1002", "clock by pings: +20"),
    "two-crystals": ("device clock: runs +100.0 ppm",),
    "late-stamps": ("sampling jitter: ",),
    "stalls": ("jitter ", "pings: 32 of 32 answered"),
    "slow": ("latency: ", "pings: "),
    "drops": ("483 samples lost", "drops: none promised, 19 packets"),
    "hidden-losses": ("483 samples lost", "losses told: 437 samples missing while STATUS told of 0"),
    "overruns": ("63 samples lost", "overruns: none promised, 57 conversions"),
    "full-queue": ("queue: at most 14 packets waited, 322 ms",),
    "reboots": ("reboots: none promised, 1 seen (boot id 00000002)",),
    "test-signal": ("test signal: off expected, on in 10 of 10 STATUS",),
    "no-info": ("INFO: promised, but there is none",),
    "no-status": ("STATUS: once a second promised, 0 in",),
    "deaf": ("pings: answers promised, none to ",),
    "wrong-answers": ("pings: 32 of 32 answered",),
    "two-clocks": ("one clock: pings are answered +9.0",),
    "one-channel": ("channels: 2 promised, 1 sent",),
    "aliasing": ("band: up to 900 Hz told, half the rate is 500 Hz",),
    "flat-battery": ("battery 4 %",),
    "lost-link": ("the link was lost after 5.0 s",),
    "silent": ("no samples came",),
}


def examine(board: SimulatedSensor, seconds: float = 10.0) -> tuple[Check, ...]:
    clock = FastClock()
    transport = SimulatedTransport([board], clock=clock, seed=1)
    return asyncio.run(check_sensor(transport, board.info, clock=clock, seconds=seconds, thorough=True)).checks


def test_every_board_is_examined() -> None:
    assert set(BROKEN) == set(BOARDS)


@pytest.mark.parametrize("name", BROKEN)
def test_a_board_is_told_what_it_breaks_and_nothing_else(name: str) -> None:
    bad = [check for check in examine(simulated_board(name)) if not check.good]
    assert [check.text.startswith(begin) for check, begin in zip(bad, BROKEN[name], strict=True)] == [True] * len(bad)
    assert all(check.remedy for check in bad)


def test_a_good_board_is_told_all_of_its_promises() -> None:
    said = [check.text.split(":")[0] for check in examine(simulated_board("good"))]
    assert {"INFO", "channels", "band", "device clock", "sampling jitter", "STATUS", "overruns", "drops"} <= set(said)
    assert {"queue", "losses told", "latency", "pings", "one clock", "clock by pings", "reboots"} <= set(said)


def test_only_a_thorough_look_asks_for_promises_beyond_rate_and_losses() -> None:
    clock = FastClock()
    board = simulated_board("deaf")
    transport = SimulatedTransport([board], clock=clock, seed=1)
    looked = asyncio.run(check_sensor(transport, board.info, clock=clock, seconds=10.0))
    assert all(check.good for check in looked.checks)
    assert not any("pings" in check.text for check in looked.checks)


def test_a_short_look_blames_no_board_for_what_it_could_not_see() -> None:
    bad = [check.text for check in examine(simulated_board("good"), seconds=0.3) if not check.good]
    assert [text.split(" in ")[0] for text in bad] == ["276 samples", "STATUS: once a second promised, 0"]


def test_what_a_board_tells_may_be_anything() -> None:
    events = [("info", "zz"), ("info", "00"), ("status", "01"), ("sync", "ping x"), ("sync", "0107"), ("battery", "?")]
    heard: list[Packet | LinkEvent] = [LinkEvent("a", 0.0, kind, False, text) for kind, text in events]  # type: ignore[arg-type]
    heard += [Packet("a", 0.1 * n, data) for n, data in enumerate((b"", b"\xff" * 30, vector_bytes("emgo1", "full")))]
    checks = judge(SENSOR, heard, thorough=True).checks
    assert [check.text for check in checks if check.text.startswith("INFO cannot be read")]


VALID = {name: vector_bytes("emgo1", name) for name in ("full", "compact", "i24", "info", "status", "sync_reply")}
KINDS = {"info": "info", "status": "status", "sync_reply": "sync"}


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(VALID)), st.integers(0, 40), st.binary(max_size=4), st.floats(0, 2)),
        min_size=1,
        max_size=25,
    )
)
@settings(max_examples=60)
def test_damaged_bytes_of_a_board_never_break_the_doctor(sent: list[tuple[str, int, bytes, float]]) -> None:
    heard: list[Packet | LinkEvent] = []
    now_s = 0.0
    for name, at, new, step_s in sent:
        now_s += step_s
        data = VALID[name][:at] + new + VALID[name][at + len(new) :]
        if name in KINDS:
            heard.append(LinkEvent("a", now_s, KINDS[name], False, data.hex()))  # type: ignore[arg-type]
            heard.append(LinkEvent("a", now_s, "sync", False, f"ping {at}"))
        else:
            heard.append(Packet("a", now_s, data))
    assert all(check.text for check in judge(SENSOR, heard, thorough=True).checks)


def test_compact_packets_keep_the_promises_of_the_clock() -> None:
    board = simulated_board("good")
    compact = replace(
        board,
        encode=lambda values, index, us: [
            encode_compact((values[:, :1] * 1e7).astype(int), index=index, sequence=index // 9, device_us=us)
        ],
        samples_per_packet=9,
        hello=(("info", encode_info(n_channels=1, uV_per_count=0.1)),),
    )
    checks = examine(compact)
    assert [check.text for check in checks if not check.good] == []
    assert any("does not tell when its packets were acknowledged" in check.text for check in checks)
    assert not any("one clock" in check.text for check in checks)


def test_counts_of_status_that_begin_anew_after_a_reboot_are_not_taken_for_progress() -> None:
    heard: list[Packet | LinkEvent] = [LinkEvent("a", 0.0, "info", False, encode_info(boot_id=7).hex())]
    packet = bytearray(vector_bytes("emgo1", "full"))
    for n in range(300):
        packet[4:8] = (96 + 3 * n).to_bytes(4, "little")
        packet[8:12] = (101_000 + 3000 * n).to_bytes(4, "little")
        heard.append(Packet("a", 0.003 * n, bytes(packet)))
    status = [encode_status(adc_overruns=90, boot_id=7), encode_status(adc_overruns=1, boot_id=8)]
    heard += [LinkEvent("a", 0.9 + n, "status", False, data.hex()) for n, data in enumerate(status)]
    said = [check.text for check in judge(SENSOR, heard, thorough=True).checks]
    assert "overruns: none promised, 1 conversions lost by the converter's driver" in said
    assert "reboots: none promised, 1 seen (boot id 00000008)" in said


def test_an_answer_without_its_ping_is_no_answer() -> None:
    heard: list[Packet | LinkEvent] = [Packet("a", 0.0, vector_bytes("emgo1", "full"))]
    heard.append(LinkEvent("a", 0.1, "sync", False, "ping 3"))
    answer = encode_sync_reply(4, received_us=1, sent_us=2)
    assert ping(3).data[1] != answer[1]
    heard.append(LinkEvent("a", 0.2, "sync", False, answer.hex()))
    heard.append(LinkEvent("a", 5.0, "down", True))
    said = [check.text for check in judge(SENSOR, heard, thorough=True).checks]
    assert "pings: answers promised, none to 1 pings" in said


def test_a_board_that_nobody_knows_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SettingsError, match="two-crystals"):
        simulated_board("perfect")
