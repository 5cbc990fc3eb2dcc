"""Which muscle, side and unit each column is: from its header, the sidecar, and what the caller says."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from emgorder.arguments import require_kind
from emgorder.errors import RecordingError, SettingsError
from emgorder.io.headers import PER_VOLT, Header, signal_unit, unique_labels
from emgorder.io.remarks import Remarks, shown
from emgorder.io.sidecar import Sidecar
from emgorder.model import Channel, Side
from emgorder.model.parts import LONGEST_DELAY_S
from emgorder.muscles import MUSCLES, parse_label

__all__ = ["check_muscles", "name_channels", "read_unit"]


def read_unit(unit: str | None) -> str:
    """Return the canonical unit of the argument ``unit=``, empty for None.

    Raises
    ------
    SettingsError
        It is no unit of a signal.
    """
    if unit is None:
        return ""
    known = signal_unit(unit) if isinstance(unit, str) else ""
    if not known:
        raise SettingsError(f"{unit!r} is no unit: give one of V, mV, uV, au", key="unit")
    return known


def check_muscles(muscles: Mapping[str, str] | None) -> None:
    """Refuse what cannot be the argument ``muscles=``.

    Raises
    ------
    SettingsError
        It is no mapping, or a column is no name.
    """
    if muscles is None:
        return
    remedy = 'give a dict such as {"GMAX": "ch1", "BF": "ch2"}'
    require_kind(muscles, Mapping, key="muscles", what="mapping", remedy=remedy)
    for key, column in muscles.items():
        require_kind(key, str, key="muscles", what="muscle", remedy=remedy)
        require_kind(column, (str, int), key="muscles", what=f"column for {key}", remedy=remedy)


def name_channels(
    headers: Sequence[Header],
    sidecar: Sidecar,
    *,
    muscles: Mapping[str, str] | None,
    unit: str | None,
    path: Path,
    remarks: Remarks,
) -> tuple[list[Channel], list[float]]:
    """Return a channel for each signal column, and by what its numbers are divided to get volts.

    A unit is taken from the argument, else the header, else the sidecar; a muscle from the argument, else the
    sidecar, else the label.

    Raises
    ------
    RecordingError
        `muscles` names a column that is not there.
    SettingsError
        `muscles` names no muscle, or `unit` is none.
    """
    given_unit = read_unit(unit)
    labels = unique_labels([header.label for header in headers])
    for header, label in zip(headers, labels, strict=True):
        if label != header.label:
            remarks.warn("duplicate", f"{shown(header.label)} is there before: named {label}", column=header.text)
        if len(header.text) > len(header.label) + 16:
            remarks.warn("long header", f"a name of {len(header.text)} characters: cut", column=header.text[:40] + "…")
    _compare_with_sidecar(labels, sidecar, remarks)
    chosen = None if muscles is None else _chosen(muscles, headers, labels, path)
    channels, divisors = [], []
    for header, label in zip(headers, labels, strict=True):
        entry = sidecar.channels.get(label, {})
        file_unit = _file_unit(header, entry, given_unit, remarks)
        muscle, side = _muscle(label, entry, chosen, remarks)
        channels.append(
            Channel(
                label,
                target_muscle=muscle,
                side=side,
                unit="V" if file_unit in PER_VOLT else "a.u.",
                kind=_kind(label, entry, remarks),
                delay_s=_number(label, entry, "delay_s", remarks, default=0.0, largest=LONGEST_DELAY_S),
                true_rate_Hz=_number(label, entry, "true_rate_Hz", remarks, default=math.nan),
                display_unit=file_unit,
            )
        )
        divisors.append(PER_VOLT.get(file_unit, 1.0))
    return channels, divisors


def _compare_with_sidecar(labels: list[str], sidecar: Sidecar, remarks: Remarks) -> None:
    absent = [name for name in sidecar.channels if name not in labels]
    if absent:
        remarks.warn(
            "sidecar names others",
            f"the sidecar describes {shown(absent[0])}, which is no column of this file "
            f"({shown(', '.join(labels))}): rename one of them",
            more=len(absent) - 1,
        )


def _chosen(
    muscles: Mapping[str, str], headers: Sequence[Header], labels: list[str], path: Path
) -> dict[str, tuple[str, Side]]:
    """Return label -> (muscle, side) for the columns that the caller names."""
    names: dict[str, str] = {}
    for header, label in zip(headers, labels, strict=True):
        for name in (header.text, header.text.lower(), label.lower()):
            names.setdefault(name, label)
    names |= {label: label for label in labels}
    chosen: dict[str, tuple[str, Side]] = {}
    for key, wanted in muscles.items():
        code, side = parse_label(key)
        if not code:
            raise SettingsError(f"{key!r} is no muscle: give one of {', '.join(MUSCLES)}", key="muscles")
        label = names.get(wanted) or names.get(str(wanted).lower(), "")
        if not label:
            raise RecordingError(
                f"there is no such column for {key}: give one of {', '.join(labels)}", path=path, column=str(wanted)
            )
        if label in chosen:
            raise SettingsError(f"column {label!r} is given for {chosen[label][0]} and {code}", key="muscles")
        chosen[label] = code, side or parse_label(label)[1]
    return chosen


def _muscle(
    label: str, entry: Mapping[str, Any], chosen: Mapping[str, tuple[str, Side]] | None, remarks: Remarks
) -> tuple[str, Side]:
    sides: dict[object, Side] = {"R": "R", "L": "L", "": "", None: ""}
    from_label = parse_label(label)
    side = from_label[1]
    said = entry.get("side", side)
    if isinstance(said, str | None) and said in sides:
        side = sides[said]
    else:
        remarks.warn("sidecar side", f"side {shown(said)} in the sidecar is not R or L: ignored", column=label)
    if chosen is not None:
        muscle, chosen_side = chosen.get(label, ("", ""))
        return muscle, chosen_side or side
    if "target_muscle" not in entry:
        return from_label[0], side
    target = str(entry["target_muscle"] or "")
    return parse_label(target)[0], side or parse_label(target)[1]


def _file_unit(header: Header, entry: Mapping[str, Any], given: str, remarks: Remarks) -> str:
    said = entry.get("units")
    in_sidecar = signal_unit(said) if isinstance(said, str) else ""
    if given and header.unit and given != header.unit:
        remarks.warn("unit given", f"the header says {header.unit}: read as {given}, as told", column=header.text)
    elif header.unit and in_sidecar and header.unit != in_sidecar:
        remarks.warn(
            "unit differs", f"the sidecar says {in_sidecar}: read as {header.unit}, as the header", column=header.text
        )
    unit = given or header.unit or in_sidecar
    if not unit:
        remarks.note(
            "unit unknown",
            "no unit known: taken as arbitrary units (a.u.), which changes no time; give unit= to have volts",
            column=header.text,
        )
    elif unit == "au" and not in_sidecar:
        remarks.note("gain unknown", "counts of unknown gain: kept as arbitrary units (a.u.)", column=header.text)
    return unit or "au"


def _kind(label: str, entry: Mapping[str, Any], remarks: Remarks) -> Any:
    kind = entry.get("kind", "raw")
    if kind in ("raw", "envelope"):
        return kind
    remarks.warn("sidecar kind", f"kind {shown(kind)} in the sidecar is not raw or envelope: ignored", column=label)
    return "raw"


def _number(
    label: str, entry: Mapping[str, Any], key: str, remarks: Remarks, *, default: float, largest: float = math.inf
) -> float:
    value = entry.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        remarks.warn(f"sidecar {key}", f"{key} {shown(value)} in the sidecar is no number: ignored", column=label)
        return default
    if abs(value) > largest:
        beyond = f"{key} {shown(value)} in the sidecar is beyond {largest:g} s: ignored"
        remarks.warn(f"sidecar {key}", beyond, column=label)
        return default
    return float(value)
