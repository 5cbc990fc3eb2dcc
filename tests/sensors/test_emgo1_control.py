"""EMGO-1 beside its samples: the simulated firmware makes the vectors, and round trips against it."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgorder.errors import PacketError, SensorError, SettingsError
from emgorder.sensors import emgo1_control as control
from emgorder.simulate.packets import emgo1
from scripts.firmware_vectors import vector_bytes

INFO, STATUS, REPLY = (vector_bytes("emgo1", name) for name in ("info", "status", "ctrl_reply"))
U16, U32 = st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1)


def test_the_firmware_makes_the_vector_of_info() -> None:
    made = emgo1.encode_info(
        boot_id=0xDEADBEEF, frequency=(2000, 3), uV_per_count=0.5, group_delay_us=1500, channel_skew_ns=20_000
    )
    assert made == INFO


def test_the_firmware_makes_the_other_vectors() -> None:
    status = emgo1.encode_status(queue_high_water=3, adc_overruns=2, tx_drops=5, temperature_C=-0.9, boot_id=0xDEADBEEF)
    assert status == STATUS
    assert emgo1.encode_ctrl_reply(3, 0, boot_id=0xDEADBEEF, index=96, device_us=101_000) == REPLY
    refused = emgo1.encode_ctrl_reply(7, 4, boot_id=0xDEADBEEF, index=96, device_us=101_000)
    assert refused == vector_bytes("emgo1", "ctrl_refused")
    assert emgo1.encode_sync_reply(7, received_us=101_000, sent_us=101_100) == vector_bytes("emgo1", "sync_reply")
    assert emgo1.read_ping(vector_bytes("emgo1", "ping")) == (7, 0x01020304)


@given(U16, U32, U32, st.integers(6, 3200), st.integers(-4000, 8500), U32, st.booleans(), st.booleans(), st.booleans())
def test_status_survives_its_bytes(
    queue: int, over: int, drops: int, interval: int, centi: int, boot: int, on: bool, test: bool, pulse: bool
) -> None:
    status = control.Status(on, test, pulse, queue, over, drops, interval * 1.25 / 1000, centi / 100, boot)
    made = emgo1.encode_status(
        streaming=on,
        test_signal=test,
        pulse=pulse,
        queue_high_water=queue,
        adc_overruns=over,
        tx_drops=drops,
        connection_interval_s=status.connection_interval_s,
        temperature_C=status.temperature_C,
        boot_id=boot,
    )
    assert control.read_status(made) == status


@given(st.integers(1, 7), st.integers(0, 4), U32, U32, U32)
def test_a_reply_survives_its_bytes(operation: int, result: int, boot: int, index: int, device_us: int) -> None:
    made = emgo1.encode_ctrl_reply(operation, result, boot_id=boot, index=index, device_us=device_us)
    reply = control.read_ctrl_reply(made)
    assert (reply.operation, reply.boot_id, reply.index, reply.device_us) == (operation, boot, index, device_us)
    assert reply.done == (result == 0)


@given(st.integers(0, 255), U32, U32, U32, U16)
def test_a_ping_and_its_answer_survive_their_bytes(number: int, nonce: int, came: int, left: int, flags: int) -> None:
    assert emgo1.read_ping(control.ping(number, nonce).data) == (number, nonce)
    made = emgo1.encode_sync_reply(number, received_us=came, sent_us=left, flags=flags)
    assert control.read_sync_reply(made) == control.SyncReply(number, flags, came, left)


def test_the_firmware_understands_each_command() -> None:
    assert emgo1.read_command(control.set_sampling(1000, 3, "compact").data) == (3, (1000, 3, 3), 0)
    assert emgo1.read_command(control.set_connection(0.015, 0.030).data) == (5, (12, 24), 0)
    assert emgo1.read_command(control.set_test_signal(True).data) == (6, (1,), 0)
    assert emgo1.read_command(control.pulse(20).data) == (7, (20,), 0)


def test_a_refused_command_says_why() -> None:
    reply = control.read_ctrl_reply(emgo1.encode_ctrl_reply(3, 2, boot_id=1, index=0, device_us=0))
    with pytest.raises(SensorError, match="0x03: bad argument"):
        reply.check()
    control.read_ctrl_reply(REPLY).check()


def test_what_no_command_can_carry_is_refused() -> None:
    with pytest.raises(SettingsError, match="sampling_frequency"):
        control.set_sampling(70_000, 3, "i16")
    with pytest.raises(SettingsError, match="channels"):
        control.set_sampling(1000, 0, "i16")
    with pytest.raises(SettingsError, match="i13"):
        control.set_sampling(1000, 3, "i13")
    with pytest.raises(SettingsError, match="longest_s"):
        control.set_connection(0.030, 0.015)
    with pytest.raises(SettingsError, match="length_ms"):
        control.pulse(0)


@pytest.mark.parametrize(
    "read", [control.read_info, control.read_status, control.read_ctrl_reply, control.read_sync_reply]
)
def test_another_length_is_refused(read: object) -> None:
    for length in (0, 11, 13, 15, 19, 21, 35, 37):
        with pytest.raises(PacketError, match=f"{length} bytes"):
            read(bytes(length))  # type: ignore[operator]


@pytest.mark.parametrize(
    "change",
    [
        (0, b"\x02"),
        (1, b"\0"),
        (1, b"\x09"),
        (8, bytes(4)),
        (8, struct.pack("<II", 100_001, 1)),
        (8, struct.pack("<II", 0xFFFFFFFF, 1)),
        (8, struct.pack("<II", 1, 2)),
        (12, bytes(4)),
        (16, struct.pack("<f", float("nan"))),
    ],
)
def test_info_that_cannot_be_is_refused(change: tuple[int, bytes]) -> None:
    at, new = change
    with pytest.raises(PacketError):
        control.read_info(INFO[:at] + new + INFO[at + len(new) :])


@pytest.mark.parametrize("start", ["0300", "8305"])
def test_no_reply_is_refused(start: str) -> None:
    with pytest.raises(PacketError, match="no reply"):
        control.read_ctrl_reply(bytes.fromhex(start) + REPLY[2:])


def test_another_version_or_kind_is_refused() -> None:
    with pytest.raises(PacketError, match="STATUS of version 2"):
        control.read_status(b"\x02" + STATUS[1:])
    with pytest.raises(PacketError, match="kind 2"):
        control.read_sync_reply(b"\x02" + bytes(11))


def test_uuids_end_in_the_name() -> None:
    assert control.SERVICE == "e0a50001-6d67-4f72-b1e5-656d676f7264"
    assert bytes.fromhex(control.STATUS[-12:]) == b"emgord"
