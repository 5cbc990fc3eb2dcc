"""The worked examples of the firmware notes, read from ``firmware_notes/vectors``.

A vector is a list of fields, each with its bytes and what they mean; one behind the other they are the bytes of a
notification, a value or a command. Beside them stands what a decoder makes of these.
"""

from __future__ import annotations

import json
import re
import struct
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

VECTORS = Path(__file__).resolve().parents[1] / "firmware_notes" / "vectors"

Vector: TypeAlias = dict[str, Any]
Value: TypeAlias = int | float

_TYPE = re.compile(r"([uif])(\d+)(be)?(?:\[(\d+)\])?")


@cache
def vectors(sensor: str) -> dict[str, Vector]:
    """Return the vectors of a sensor by name, in the order of its file."""
    said = json.loads((VECTORS / f"{sensor}.json").read_text(encoding="utf-8"))
    if said["sensor"] != sensor:
        raise ValueError(f"{sensor}.json speaks of {said['sensor']!r}: give it the name of its sensor")
    return {vector["name"]: vector for vector in said["vectors"]}


def vector_sensors() -> list[str]:
    """Return the sensors that have vectors."""
    return sorted(path.stem for path in VECTORS.glob("*.json"))


def vector_bytes(sensor: str, name: str) -> bytes:
    """Return the bytes of a vector: its fields, one behind the other."""
    return b"".join(field_bytes(field) for field in vectors(sensor)[name]["fields"])


def field_bytes(field: dict[str, Any]) -> bytes:
    """Return the bytes of one field."""
    return bytes.fromhex(field["hex"])


def read_field(kind: str, data: bytes) -> Value | list[Value] | str | None:
    """Return what the bytes of a field hold; None for a field of odd bits.

    `kind` is u, i or f, the number of bits, "be" if big-endian, and how many in brackets; or "text" or "bits".
    """
    if kind == "text":
        return data.decode("ascii")
    if kind == "bits":
        return None
    found = _TYPE.fullmatch(kind)
    if found is None:
        raise ValueError(f"{kind!r} is no type of a field")
    letter, bits, big, count = found[1], int(found[2]), found[3] is not None, int(found[4] or 1)
    if 8 * len(data) < bits * count or len(data) > (bits * count + 7) // 8:
        raise ValueError(f"{len(data)} bytes are not {kind}")
    if letter == "f":
        return float(struct.unpack(">f" if big else "<f", data)[0])
    whole = int.from_bytes(data, "big" if big else "little")
    shifts = [bits * (count - 1 - i if big else i) for i in range(count)]
    values: list[Value] = [(whole >> shift) & ((1 << bits) - 1) for shift in shifts]
    if letter == "i":
        values = [int(v) - (1 << bits) if int(v) >> (bits - 1) else v for v in values]
    return values[0] if found[4] is None else values
