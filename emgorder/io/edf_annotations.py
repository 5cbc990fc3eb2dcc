"""Annotations of EDF+ and BDF+: time-stamped lists of texts in the records, there and back."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from emgorder.io.gaps import GAP, GAPS, stretches
from emgorder.model import BoolArray, Recording, empty_events

__all__ = [
    "PAD",
    "Annotation",
    "annotations_of",
    "events_of",
    "gap_annotations",
    "pack_annotations",
    "unpack_annotations",
]

PAD = "BAD_pad"

_TAL = re.compile(rb"([+-]\d+(?:\.\d*)?)(?:\x15(\d+(?:\.\d*)?))?\x14(.*)", re.DOTALL)
_NOT_IN_TEXT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LONGEST_TEXT = 400  # characters: every record has room for the longest of them
_FARTHEST_S = 1e9
_ROOMY = 4  # times the mean: from there on annotations are spread over all records


@dataclass(frozen=True, slots=True, order=True)
class Annotation:
    """A text at a time; ``duration_s`` 0 is a moment."""

    onset_s: float
    duration_s: float
    text: str


def annotations_of(events: pd.DataFrame) -> list[Annotation]:
    """Return the events as annotations, in order of time.

    Control characters become blanks, long texts are cut, an event without a text has no annotation, and one that would
    read as a gap is called a note.
    """
    found = []
    for onset_s, duration_s, name in zip(events["onset"], events["duration"], events["trial_type"], strict=True):
        text = _NOT_IN_TEXT.sub(" ", str(name)).strip()
        text = text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"
        if text.partition("@@")[0] in (*GAPS, PAD):
            text = f"note {text}"
        if text and abs(onset_s) < _FARTHEST_S:
            lasts = float(duration_s) if 0 < duration_s < _FARTHEST_S else 0.0
            found.append(Annotation(float(onset_s) + 0.0, lasts, text))
    return sorted(found)


def events_of(annotations: Iterable[Annotation]) -> pd.DataFrame:
    """Return annotations as a table of events, in order of time."""
    rows = [(a.onset_s, a.duration_s, a.text) for a in sorted(annotations)]
    return pd.DataFrame(rows, columns=["onset", "duration", "trial_type"]) if rows else empty_events()


def gap_annotations(recording: Recording, labels: Sequence[str]) -> list[Annotation]:
    """Return an annotation for each stretch of lost samples: of all channels, else of one, named behind ``@@``."""
    lost = np.isnan(recording.data)
    everywhere: BoolArray = np.asarray(lost.all(axis=1))
    found = _marked(everywhere, GAP, recording.sampling_frequency)
    if len(labels) > 1:
        for i, label in enumerate(labels):
            found += _marked(lost[:, i] & ~everywhere, f"{GAP}@@{label}", recording.sampling_frequency)
    return found


def _marked(where: BoolArray, text: str, sampling_frequency: float) -> list[Annotation]:
    return [
        Annotation(first / sampling_frequency, (stop - first) / sampling_frequency, text)
        for first, stop in stretches(where)
    ]


def pack_annotations(annotations: Iterable[Annotation], n_records: int, record_s: float) -> list[bytes]:
    """Return what the annotation signal holds in each record, all of the same length, a multiple of six bytes."""
    ordered = sorted(annotations)
    texts = [_tal(a) for a in ordered]
    natural = [min(max(math.floor(a.onset_s / record_s), 0), n_records - 1) for a in ordered]
    records = _records(texts, natural, n_records, record_s)
    longest, total = max(map(len, records)), sum(map(len, records))
    if longest * n_records > _ROOMY * total + 65_536:
        spread = [i * n_records // len(texts) for i in range(len(texts))]
        records = min(records, _records(texts, spread, n_records, record_s), key=lambda r: max(map(len, r)))
    width = -(-max(map(len, records)) // 6) * 6
    return [record.ljust(width, b"\x00") for record in records]


def _records(texts: Sequence[bytes], places: Sequence[int], n_records: int, record_s: float) -> list[bytes]:
    parts = [[f"+{_positional(round(i * record_s, 9))}\x14\x14\x00".encode()] for i in range(n_records)]
    for text, place in zip(texts, places, strict=True):
        parts[place].append(text)
    return [b"".join(part) for part in parts]


def _tal(annotation: Annotation) -> bytes:
    sign = "" if annotation.onset_s < 0 else "+"
    lasts = f"\x15{_positional(annotation.duration_s)}" if annotation.duration_s else ""
    return f"{sign}{_positional(annotation.onset_s)}{lasts}\x14{annotation.text}\x14\x00".encode()


def _positional(value: float) -> str:
    """Return the shortest decimal that reads as the same number, without an exponent."""
    return np.format_float_positional(value, unique=True, trim="-")


def unpack_annotations(record: bytes) -> tuple[float | None, list[Annotation], int]:
    """Return what one record's annotation signal holds.

    Returns
    -------
    start_s : float or None
        Start of the record, where its first list tells it.
    annotations : list of Annotation
        All others.
    n_damaged : int
        Lists that could not be read.
    """
    start_s: float | None = None
    found: list[Annotation] = []
    n_damaged = 0
    for number, part in enumerate(record.split(b"\x00")):
        if not part:
            continue
        match = _TAL.fullmatch(part)
        if match is None:
            n_damaged += 1
            continue
        onset_s, duration_s = float(match[1]), float(match[2] or 0.0)
        texts = [_decoded(text) for text in match[3].removesuffix(b"\x14").split(b"\x14")]
        if number == 0 and texts[0] == "":
            start_s, texts = onset_s, texts[1:]
        found += [Annotation(onset_s, duration_s, text) for text in texts if text.strip()]
    return start_s, found, n_damaged


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")
