"""The tables of a BIDS dataset: tab-separated, ``n/a`` where nothing is known, and what their columns mean."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from emgorder.errors import RecordingError
from emgorder.io.events import guarded, unguarded
from emgorder.model import empty_events
from emgorder.muscles import MUSCLES

__all__ = [
    "CHANNEL_COLUMNS",
    "NOT_KNOWN",
    "Tsv",
    "channel_rows",
    "event_columns",
    "event_rows",
    "event_words",
    "events_from_rows",
    "json_bytes",
    "number_cell",
    "read_tsv",
    "text_cell",
    "text_of",
    "tsv_bytes",
]

NOT_KNOWN = "n/a"
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_NO_CELL = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]")
_ESCAPED = re.compile(r"\\(\\|t|n|r|x[0-9a-f]{2}|u[0-9a-f]{4})")
_EXTRA = re.compile(r"[a-z][a-z0-9_]{0,40}")
_TYPED = {"onset", "duration", "trial_type", "response_time", "value", "sample", "stim_file", "channel", "hed"}

CHANNEL_COLUMNS = (
    "name",
    "type",
    "units",
    "description",
    "sampling_frequency",
    "signal_electrode",
    "reference",
    "group",
    "target_muscle",
    "placement_scheme",
    "placement_description",
    "interelectrode_distance",
    "side",
)
"""Those of the standard, and ``side``, which is ours and described in the JSON beside the table."""

_DESCRIBED = {"raw": "surface EMG", "envelope": "envelope of surface EMG, made by the device"}
_EVENT_WORDS = {
    "baseline": "rest without activity",
    "tap": "a tap on the sensors, to align their clocks",
    "contact": "a short squeeze, to check the contact of the electrodes",
    "mvc": "a full effort",
    "practice": "a lift for practice, which does not count",
    "cue": "the tone on which the leg is lifted",
    "lift": "a lift",
    "relax": "the leg is put down again",
    "undo": "the lift or effort at this moment does not count",
    "onset": "onset of a muscle as the analysis found it",
    "pause": "a pause",
    "note": "a remark",
}


@dataclass(frozen=True, eq=False, slots=True)
class Tsv:
    """A table of texts; each row maps columns to cells."""

    columns: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)


def text_cell(value: object) -> str:
    r"""Return a text as a cell holds it, ``n/a`` for none: no two texts give the same, and no spreadsheet runs it.

    Examples
    --------
    >>> text_cell("a\tb"), text_of(text_cell("a\tb")), text_cell(None), text_cell("=1+2")
    ('a\\tb', 'a\tb', 'n/a', "'=1+2")
    """
    text = "" if value is None else str(value)
    return guarded(_NO_CELL.sub(_escape, text)) if text.strip() else NOT_KNOWN


def text_of(cell: str) -> str:
    """Undo :func:`text_cell`; empty for ``n/a``."""
    if cell in ("", NOT_KNOWN):
        return ""
    return _ESCAPED.sub(_unescape, unguarded(cell))


def _escape(match: re.Match[str]) -> str:
    c = match[0]
    return _ESCAPES.get(c) or (f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}")


def _unescape(match: re.Match[str]) -> str:
    known = {value[1]: key for key, value in _ESCAPES.items()}
    return known.get(match[1]) or chr(int(match[1][1:], 16))


def number_cell(value: object) -> str:
    """Return a number as a cell holds it, to its last digit; ``n/a`` where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return NOT_KNOWN
    return repr(value).removesuffix(".0")


def read_tsv(path: Path) -> Tsv:
    """Read a table; an empty one where there is no file.

    Raises
    ------
    RecordingError
        It cannot be read, or a row has more cells than there are columns.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return Tsv()
    except OSError as error:
        raise RecordingError(f"cannot be read ({error.strerror}): check the permissions", path=path) from error
    except UnicodeDecodeError as error:
        raise RecordingError(f"is not UTF-8 at byte {error.start}: save it as UTF-8", path=path) from error
    lines = [line.rstrip("\r") for line in text.split("\n")]
    columns = lines[0].split("\t") if lines[0] else []
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) > len(columns):
            raise RecordingError(
                f"{len(cells)} cells under {len(columns)} columns: one tab between two cells", path=path, row=number
            )
        if line.strip():
            rows.append(dict(zip(columns, cells + [NOT_KNOWN] * (len(columns) - len(cells)), strict=True)))
    return Tsv(columns, rows)


def tsv_bytes(table: Tsv) -> bytes:
    """Return a table as it stands in a file."""
    lines = [table.columns, *([row.get(c) or NOT_KNOWN for c in table.columns] for row in table.rows)]
    return "".join("\t".join(line) + "\n" for line in lines).encode("utf-8")


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """Return an object as it stands in a file, ASCII alone."""
    return (json.dumps(content, indent=2, ensure_ascii=True, allow_nan=False) + "\n").encode("ascii")


def channel_rows(content: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the rows of ``_channels.tsv`` that say what the sidecar `content` says of its channels."""
    channels = content.get("Channels")
    rows = []
    for label, entry in (channels if isinstance(channels, Mapping) else {}).items():
        entry = entry if isinstance(entry, Mapping) else {}
        muscle = entry.get("target_muscle")
        unit = entry.get("units")
        reference = content.get("EMGReference")
        is_emg = not entry.get("dimension")
        rows.append(
            {
                "name": text_cell(label),
                "type": "EMG" if is_emg else "MISC",
                "units": text_cell(entry.get("dimension") or ("arbitrary" if unit == "au" else unit)),
                "description": text_cell(_DESCRIBED.get(str(entry.get("kind"))) if is_emg else None),
                "sampling_frequency": number_cell(entry.get("sampling_frequency")),
                "signal_electrode": text_cell(label if is_emg else None),
                "reference": text_cell(reference if is_emg and isinstance(reference, str) else None),
                "group": text_cell(entry.get("sensor")),
                "target_muscle": MUSCLES[muscle].name if muscle in MUSCLES else text_cell(muscle),
                "placement_scheme": NOT_KNOWN,
                "placement_description": text_cell(entry.get("placement")),
                "interelectrode_distance": number_cell(content.get("InterelectrodeDistance") if is_emg else None),
                "side": {"R": "right", "L": "left"}.get(str(entry.get("side")), NOT_KNOWN),
            }
        )
    return rows


def event_columns(events: pd.DataFrame) -> list[str]:
    """Return the columns of ``_events.tsv``: those of the standard, and further ones of a name that fits."""
    extra = [c for c in events.columns if isinstance(c, str) and _EXTRA.fullmatch(c) and c not in _TYPED]
    return ["onset", "duration", "trial_type", *extra]


def event_rows(events: pd.DataFrame) -> list[dict[str, str]]:
    """Return the rows of ``_events.tsv``, in order of time."""
    columns = event_columns(events)
    rows = []
    for record in sorted(events.to_dict("records"), key=lambda r: float(r["onset"])):
        duration = float(record["duration"])
        cells = {
            "onset": number_cell(float(record["onset"])),
            "duration": number_cell(duration) if duration >= 0 else NOT_KNOWN,
            "trial_type": text_cell(record["trial_type"]),
        }
        for column in columns[3:]:
            value = record[column]
            missing = value is None or (isinstance(value, float) and math.isnan(value))
            cells[column] = NOT_KNOWN if missing else text_cell(value)
        rows.append(cells)
    return rows


def events_from_rows(rows: Iterable[Mapping[str, str]], path: Path) -> pd.DataFrame:
    """Return the events that a table holds; a moment where the duration is not known.

    Raises
    ------
    RecordingError
        An onset is no number.
    """
    found = []
    for number, row in enumerate(rows, start=2):
        onset_s, duration_s = _float(row.get("onset")), _float(row.get("duration"))
        if onset_s is None:
            raise RecordingError(f"onset {row.get('onset')!r} is no number: give seconds", path=path, row=number)
        name = text_of(row.get("trial_type", "")) or text_of(row.get("value", "")) or "event"
        extra = {k: text_of(v) for k, v in row.items() if k not in ("onset", "duration", "trial_type")}
        found.append({"onset": onset_s, "duration": duration_s or 0.0, "trial_type": name, **extra})
    return pd.DataFrame(found) if found else empty_events()


def _float(cell: str | None) -> float | None:
    try:
        value = float(cell or "nan")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def event_words(names: Sequence[str], columns: Sequence[str]) -> dict[str, Any]:
    """Return the JSON that says what an ``_events.tsv`` means."""
    levels = {}
    for name in sorted(set(names)):
        kind, _, where = name.partition("/")
        words = _EVENT_WORDS.get(kind, "a mark of the recording program")
        levels[text_cell(name)] = f"{words}, {where}" if where else words
    said: dict[str, Any] = {
        "onset": {"Description": "Start of the event after the first sample", "Units": "s"},
        "duration": {"Description": "Length of the event, 0 for a moment", "Units": "s"},
        "trial_type": {"Description": "Kind of the event, with the side or channel it belongs to", "Levels": levels},
    }
    if not levels:
        del said["trial_type"]["Levels"]
    return said | {column: {"Description": f"{column.replace('_', ' ')} of the event"} for column in columns[3:]}
