"""What a column header says: label, unit, and whether the column holds time, events or a signal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["PER_VOLT", "Header", "Role", "parse_header", "signal_unit", "tidy_labels", "time_unit", "unique_labels"]

Role: TypeAlias = Literal["time", "counter", "event", "signal"]

PER_VOLT = {"V": 1.0, "mV": 1e3, "uV": 1e6, "nV": 1e9}
"""How many of a unit make a volt. Values are divided by these: exact powers of ten, so one rounding only."""

MAX_LABEL = 16  # characters that a BDF+ label holds
_MAX_READ_LABEL = 64  # a longer header is cut: no name of a muscle needs more

_SIGNAL_UNITS = {
    "v": "V",
    "volt": "V",
    "volts": "V",
    "mv": "mV",
    "millivolt": "mV",
    "millivolts": "mV",
    "uv": "uV",
    "microvolt": "uV",
    "microvolts": "uV",
    "nv": "nV",
    "au": "au",
    "a.u.": "au",
    "a.u": "au",
    "adc": "au",
    "adu": "au",
    "lsb": "au",
    "count": "au",
    "counts": "au",
}
_TIME_UNITS = {
    "s": "s",
    "sec": "s",
    "secs": "s",
    "second": "s",
    "seconds": "s",
    "ms": "ms",
    "msec": "ms",
    "millis": "ms",
    "milliseconds": "ms",
    "us": "us",
    "usec": "us",
    "micros": "us",
    "microseconds": "us",
}
_TIME_NAMES = {"time", "t", "timestamp", "timestamps", "time stamp", "elapsed", "elapsed time", "zeit", "x"}
_COUNTER_NAMES = {"", "unnamed: 0", "index", "sample", "samples", "sample index", "sample number", "frame", "nseq"}
_EVENT_NAMES = {"event", "events", "marker", "markers", "annotation", "annotations", "trial type"}

_BRACKETED = re.compile(r"^(.*?)[\s_]*[\[(]\s*([^\[\]()]*?)\s*[\])]\s*$", re.DOTALL)
_SUFFIXED = re.compile(r"^(.*)[\s_/]([^\s_/]+)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Header:
    """One column header: `text` as written, the `label` without its `unit` (canonical, empty when there is none)."""

    text: str
    label: str
    unit: str
    role: Role


def signal_unit(text: str) -> str:
    """Return ``V``, ``mV``, ``uV``, ``nV`` or ``au`` for a unit as people write it, empty when it is none of them.

    Examples
    --------
    >>> signal_unit("µV"), signal_unit("ADC"), signal_unit("deg")
    ('uV', 'au', '')
    """
    return _SIGNAL_UNITS.get(_plain(text), "")


def time_unit(text: str) -> str:
    """Return ``s``, ``ms`` or ``us`` for a unit of time as people write it, empty when it is none of them.

    Examples
    --------
    >>> time_unit("sec"), time_unit("µs")
    ('s', 'us')
    """
    return _TIME_UNITS.get(_plain(text), "")


def parse_header(text: str, position: int) -> Header:
    """Split a column header into label and unit, and say what the column holds.

    Parameters
    ----------
    text : str
        As written in the file.
    position : int
        Column, from 0: names a column that has no name, and only the first column may be a counter.

    Examples
    --------
    >>> parse_header("BF (µV)", 2)
    Header(text='BF (µV)', label='BF', unit='uV', role='signal')
    >>> parse_header("time_ms", 0).unit
    'ms'
    """
    text = re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()
    name, unit = _split_unit(text, _SIGNAL_UNITS)
    if unit:
        return Header(text, _label(name, position), unit, "signal")
    name, unit = _split_unit(text, _TIME_UNITS)
    words = " ".join(_plain(name).replace("_", " ").split())
    if words in _TIME_NAMES and (unit or words != "x"):
        return Header(text, _label(name, position), unit, "time")
    if unit and not words:
        return Header(text, "time", unit, "time")
    words = " ".join(_plain(text).replace("_", " ").split())
    if words in _EVENT_NAMES:
        return Header(text, "event", "", "event")
    if words in _COUNTER_NAMES and position == 0:
        return Header(text, _label(text, position), "", "counter")
    return Header(text, _label(text, position), "", "signal")


def unique_labels(labels: Sequence[str], *, longest: int = _MAX_READ_LABEL) -> list[str]:
    """Return the labels with ``_2``, ``_3``, ... behind those that occur again, none longer than `longest`.

    Examples
    --------
    >>> unique_labels(["BF", "BF", "ST"])
    ['BF', 'BF_2', 'ST']
    """
    taken = set(labels)
    unique: list[str] = []
    for label in labels:
        candidate, number = label, 1
        while candidate in unique or (number > 1 and candidate in taken):
            number += 1
            ending = f"_{number}"
            cut = label[: longest - len(ending)]
            candidate = (cut.rstrip("_") or cut) + ending
        unique.append(candidate)
    return unique


def tidy_labels(labels: Sequence[str]) -> list[str]:
    """Return the labels as files hold them: unique, 1 to 16 ASCII letters, digits or ``_ . + -``, harmless anywhere.

    Labels that are so already stay as they are.

    Examples
    --------
    >>> tidy_labels(["GMAX_R", "=cmd()", "Gesäß µ links außen", "</script>"])
    ['GMAX_R', 'cmd', 'Gesa_links_auen', 'script']
    """
    tidy = []
    for number, label in enumerate(labels, start=1):
        ascii_only = unicodedata.normalize("NFKD", label[:1000]).encode("ascii", "ignore").decode("ascii")
        word = re.sub(r"[^A-Za-z0-9.+-]+", "_", ascii_only).strip("_.+-")[:MAX_LABEL].strip("_.+-")
        tidy.append(word or f"ch{number}")
    return unique_labels(tidy, longest=MAX_LABEL)


def _plain(text: str) -> str:
    """Return `text` in lower case with both mu characters as u."""
    return unicodedata.normalize("NFKC", text).replace("μ", "u").strip().lower()


def _split_unit(text: str, units: dict[str, str]) -> tuple[str, str]:
    """Return name and canonical unit; the unit stands in brackets, behind a separator, or alone."""
    if _plain(text) in units and units is _TIME_UNITS:
        return "", units[_plain(text)]
    for pattern in (_BRACKETED, _SUFFIXED):
        match = pattern.match(text)
        if match and _plain(match[2]) in units:
            return match[1].strip(" _/"), units[_plain(match[2])]
    return text, ""


def _label(name: str, position: int) -> str:
    return name.strip(" _")[:_MAX_READ_LABEL] or f"ch{position + 1}"
