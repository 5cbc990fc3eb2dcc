"""Encoders: what they refuse, and counts made from volts."""

from __future__ import annotations

import numpy as np
import pytest

from emgorder.errors import SettingsError
from emgorder.simulate.packets import PROFILES, bitalino, emgo1, ganglion, to_counts


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_volts_become_counts_of_the_converter_and_saturate(key: str) -> None:
    profile = PROFILES[key]
    counts = to_counts(profile, np.array([0.0, 2.2 * profile.volts_per_count, 1e3, -1e3]))
    assert counts.tolist() == [profile.middle, profile.middle + 2, profile.highest, profile.lowest]


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_counts_outside_the_converter_are_refused(key: str) -> None:
    profile = PROFILES[key]
    counts = np.full((profile.frames, profile.n_channels), profile.highest + 1)
    with pytest.raises(SettingsError, match="outside"):
        profile.encode(counts, 0)


@pytest.mark.parametrize("key", sorted(key for key, profile in PROFILES.items() if profile.frames > 1))
def test_half_a_notification_is_refused(key: str) -> None:
    profile = PROFILES[key]
    counts = np.full((profile.frames + 1, profile.n_channels), profile.middle)
    with pytest.raises(SettingsError, match="no multiple"):
        profile.encode(counts, 0)


def test_a_wrong_number_of_channels_is_refused() -> None:
    with pytest.raises(SettingsError, match="shape"):
        PROFILES["myo"].encode(np.zeros((2, 7), np.intp), 0)


def test_what_a_packet_cannot_carry_is_refused() -> None:
    with pytest.raises(SettingsError, match="acknowledged"):
        emgo1.encode_packet(np.zeros((1, 1), np.intp), index=0, sequence=0, device_us=0, acknowledged=(1, 1 << 24))
    with pytest.raises(SettingsError, match="8 frames"):
        emgo1.encode_compact(np.zeros((8, 1), np.intp), index=0, sequence=0, device_us=0)
    with pytest.raises(SettingsError, match="odd"):
        ganglion.encode(np.zeros((2, 4), np.intp), 1)
    with pytest.raises(SettingsError, match="does not fit 18 bits"):
        ganglion.encode_2(np.array([[0] * 4, [1 << 18] * 4, [0] * 4]), bits=18)
    with pytest.raises(SettingsError, match="two samples"):
        ganglion.encode_2(np.zeros((2, 4), np.intp))
    with pytest.raises(SettingsError, match="outside 0 to 63"):
        bitalino.encode_frame(np.array([0, 0, 0, 0, 64]), 0)


def test_no_acknowledgement_is_told_before_there_was_a_packet() -> None:
    packets = emgo1.encode(np.zeros((23 * 3, 1), np.intp), 0)
    assert [packet[0] & 16 for packet in packets] == [0, 0, 16]


@pytest.mark.parametrize("data", [b"", b"\x02" + bytes(7), bytes(8), b"\x01" + bytes(6)])
def test_what_is_no_ping_is_none(data: bytes) -> None:
    assert emgo1.read_ping(data) is None
