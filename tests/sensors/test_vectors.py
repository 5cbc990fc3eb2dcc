"""The worked examples of the firmware notes are what the decoders read and what the commands write."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from emgorder.sensors import Chunk, Decoder, emgo1_control, make_decoder, sensors
from emgorder.sensors.shimmer3r import Shimmer3rDecoder
from scripts.firmware_vectors import field_bytes, read_field, vector_bytes, vector_sensors, vectors

ALL = [(sensor, name) for sensor in vector_sensors() for name in vectors(sensor)]
READERS = {
    "info": emgo1_control.read_info,
    "status": emgo1_control.read_status,
    "ctrl_reply": emgo1_control.read_ctrl_reply,
    "sync_reply": emgo1_control.read_sync_reply,
}


def of_kind(*kinds: str) -> list[tuple[str, str]]:
    return [(sensor, name) for sensor, name in ALL if vectors(sensor)[name]["kind"] in kinds]


def decoder_of(sensor: str, vector: dict[str, Any]) -> Decoder:
    settings = vector.get("decoder", {})
    decoder = Shimmer3rDecoder(**settings) if settings else make_decoder(sensor)
    for before in vector.get("after", []):
        decoder.decode(vector_bytes(sensor, before))
    return decoder


def plain(value: Any) -> Any:
    return [plain(v) for v in value] if isinstance(value, (tuple, list)) else value


def told(chunk: Chunk, volts_per_count: float) -> dict[str, Any]:
    counts = np.rint(chunk.values / volts_per_count)
    np.testing.assert_allclose(chunk.values, counts * volts_per_count, rtol=1e-12, atol=1e-18)
    return {
        "counter": chunk.counter,
        "device_us": chunk.device_us,
        "sequence": chunk.sequence,
        "acknowledged": plain(chunk.acknowledged),
        "flags": list(chunk.flags),
        "counts": counts.astype(int).tolist(),
    }


def test_every_sensor_has_vectors_and_every_vector_a_sensor() -> None:
    assert vector_sensors() == sorted(sensors())
    assert {vectors(s)[n]["kind"] for s, n in ALL} == {"data", "command", *READERS}


@pytest.mark.parametrize(("sensor", "name"), ALL)
def test_the_fields_of_a_vector_hold_the_values_that_it_tells(sensor: str, name: str) -> None:
    for field in vectors(sensor)[name]["fields"]:
        assert read_field(field["type"], field_bytes(field)) == field.get("value"), field["name"]


@pytest.mark.parametrize(("sensor", "name"), of_kind("data"))
def test_a_decoder_reads_the_samples_of_a_vector(sensor: str, name: str) -> None:
    vector = vectors(sensor)[name]
    empty = {"counter": None, "device_us": None, "sequence": None, "acknowledged": None, "flags": []}
    chunks = decoder_of(sensor, vector).decode(vector_bytes(sensor, name))
    assert [told(c, vector["volts_per_count"]) for c in chunks] == [empty | chunk for chunk in vector["chunks"]]


@pytest.mark.parametrize(("sensor", "name"), of_kind(*READERS))
def test_what_a_sensor_tells_beside_its_samples_is_read_whole(sensor: str, name: str) -> None:
    vector = vectors(sensor)[name]
    read = asdict(READERS[vector["kind"]](vector_bytes(sensor, name)))
    assert {key: plain(value) for key, value in read.items()} == vector["decoded"]


@pytest.mark.parametrize(("sensor", "name"), of_kind("command"))
def test_a_command_has_the_bytes_of_its_vector(sensor: str, name: str) -> None:
    vector = vectors(sensor)[name]
    made_by, arguments = vector["made_by"], vector["arguments"]
    if made_by in ("start", "stop"):
        (write,) = getattr(sensors()[sensor], made_by)
    else:
        write = getattr(emgo1_control, made_by)(*arguments)
    assert write.data == vector_bytes(sensor, name)
    assert write.characteristic == (emgo1_control.SYNC if made_by == "ping" else emgo1_control.CTRL)


def test_every_field_of_emgo1_has_a_vector_for_each_message() -> None:
    widths = {
        kind: [len(field_bytes(field)) for field in vectors("emgo1")[kind]["fields"]]
        for kind in ("info", "status", "ctrl_reply", "ping", "sync_reply")
    }
    assert widths == {
        "info": [1, 1, 1, 1, 4, 4, 4, 4, 4, 4, 4, 4],
        "status": [1, 1, 2, 4, 4, 2, 2, 4],
        "ctrl_reply": [1, 1, 4, 4, 4],
        "ping": [1, 1, 2, 4],
        "sync_reply": [1, 1, 2, 4, 4],
    }
    assert {f"{vectors('emgo1')[name]['fields'][0]['value']:02x}" for name in ("start", "stop", "set", "conn")} == {
        "01",
        "02",
        "03",
        "05",
    }


@pytest.mark.parametrize(
    ("kind", "data"), [("u16", b"\0"), ("u16", bytes(3)), ("i12[2]", bytes(2)), ("u7x", b"\0"), ("i16[2]", bytes(5))]
)
def test_a_field_whose_bytes_do_not_fit_its_type_is_refused(kind: str, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"are not|is no type"):
        read_field(kind, data)


@pytest.mark.parametrize(("sensor", "name"), ALL)
def test_each_field_has_a_name_to_be_read_by(sensor: str, name: str) -> None:
    assert all(field["name"] for field in vectors(sensor)[name]["fields"])
