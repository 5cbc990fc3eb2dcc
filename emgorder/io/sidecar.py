"""The sidecar: a JSON file of the same stem that says of a recording what its columns cannot.

BIDS-EMG key names are used where one exists. Keys that belong to the recording itself are listed in `_OWN_KEYS`; all
others, known to us or not, are kept in ``Recording.meta`` and written back.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from emgorder.errors import RecordingError
from emgorder.io.bids_json import unfold_sidecar
from emgorder.io.remarks import Remarks, shown
from emgorder.json_text import load_json, whole_text
from emgorder.model import Channel, Recording, Sync, empty_events
from emgorder.muscles import MUSCLES

__all__ = ["SCHEMA_VERSION", "Sidecar", "load_object", "parse_sidecar", "read_sidecar", "sidecar_path", "sidecar_text"]

SCHEMA_VERSION = "1.0"
_OWN_KEYS = (
    "schema_version",
    "SamplingFrequency",
    "RecordingDuration",
    "EMGChannelCount",
    "Channels",
    "Sync",
    "Events",
    "Truth",
    "Notes",
)
_CHANNEL_KEYS = (
    "units",
    "target_muscle",
    "side",
    "kind",
    "delay_s",
    "sampling_frequency",
    "true_rate_Hz",
    "lost_samples",
)
_EVENT_COLUMNS = ("onset", "duration", "trial_type")


@dataclass(frozen=True, eq=False, slots=True)
class Sidecar:
    """What a sidecar says; ``channels`` maps a label to its keys, None means that the sidecar does not say."""

    sampling_frequency: float | None = None
    channels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    clock: Sync | None = None
    events: pd.DataFrame | None = None
    truth: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    def kept_meta(self) -> dict[str, Any]:
        """Return ``meta`` with, under ``Channels``, what it says of channels beyond the fields of `Channel`."""
        details = {
            label: {key: value for key, value in entry.items() if key not in _CHANNEL_KEYS or _is_free(key, value)}
            for label, entry in self.channels.items()
        }
        details = {label: entry for label, entry in details.items() if entry}
        return {**self.meta, "Channels": details} if details else dict(self.meta)


def _is_free(key: str, value: object) -> bool:
    """Whether a muscle is named in words that are no code, to be kept beside the code."""
    return key == "target_muscle" and isinstance(value, str) and value != "" and value not in MUSCLES


def sidecar_path(path: Path) -> Path:
    """Return where the sidecar of a recording stands.

    Examples
    --------
    >>> sidecar_path(Path("session.csv")).name
    'session.json'
    """
    return path.with_suffix(".json")


def read_sidecar(path: Path, remarks: Remarks) -> Sidecar:
    """Read the sidecar of the recording at `path`; an empty one where there is none.

    What cannot be understood is ignored and remarked on: the samples can be read without it.
    """
    file = sidecar_path(path)
    return parse_sidecar(load_object(file, remarks), file.name, remarks)


def load_object(file: Path, remarks: Remarks) -> dict[str, Any]:
    """Return the object in a sidecar, also of a BIDS dataset; empty where there is none, or none that can be read.

    The latter is remarked on.
    """
    try:
        content = load_json(file.read_bytes(), parse_constant=lambda _: None)
    except FileNotFoundError:
        return {}
    except OSError as exc:
        remarks.warn("sidecar", f"sidecar {file.name} cannot be read ({exc.strerror}): done without it")
        return {}
    except ValueError as exc:
        remarks.warn(
            "sidecar",
            f"sidecar {file.name} is not JSON ({exc}): done without it, so muscles come from the column names and the "
            "clocks are taken to agree; correct or delete it",
        )
        return {}
    if not isinstance(content, dict):
        remarks.warn(
            "sidecar", f"sidecar {file.name} is no object but {shown(content)}: done without it; correct or delete it"
        )
        return {}
    return unfold_sidecar(content)


def parse_sidecar(content: Mapping[str, Any], name: str, remarks: Remarks) -> Sidecar:
    """Return what the object of a sidecar called `name` says; what makes no sense is remarked on."""
    reader = _Reader(name, remarks)
    reader.check_version(content.get("schema_version"))
    return Sidecar(
        sampling_frequency=reader.number(content, "SamplingFrequency", above=0.0),
        channels=reader.channels(content.get("Channels")),
        clock=reader.clock(content.get("Sync")),
        events=reader.table(content, "Events", _EVENT_COLUMNS),
        truth=reader.table(content, "Truth", ()),
        notes=reader.notes(content.get("Notes")),
        meta={key: value for key, value in content.items() if key not in _OWN_KEYS},
    )


def sidecar_text(recording: Recording, labels: Sequence[str], units: Sequence[str]) -> str:
    """Return the sidecar of a recording whose columns are written under `labels` in `units`.

    Raises
    ------
    RecordingError
        A value in ``meta`` cannot be written as JSON; the message names its key.
    """
    kept = recording.meta.get("Channels", {})
    details = kept if isinstance(kept, Mapping) else {}
    channels = {
        label: {
            **{key: value for key, value in _details(details, channel.label).items() if key not in _CHANNEL_KEYS},
            **({"original_label": channel.label} if label != channel.label else {}),
            "units": unit,
            "target_muscle": channel.target_muscle or _details(details, channel.label).get("target_muscle", ""),
            "side": channel.side,
            "kind": channel.kind,
            "delay_s": channel.delay_s,
            "sampling_frequency": recording.sampling_frequency,
            "true_rate_Hz": _true_rate(channel, recording.sampling_frequency),
            "lost_samples": int(np.isnan(recording.data[:, i]).sum()),
        }
        for i, (channel, label, unit) in enumerate(zip(recording.channels, labels, units, strict=True))
    }
    here = {channel.label for channel in recording.channels}
    channels |= {str(k): v for k, v in details.items() if k not in here and str(k) not in channels}
    content = {
        "schema_version": SCHEMA_VERSION,
        **{str(key): value for key, value in recording.meta.items() if key not in _OWN_KEYS},
        "SamplingFrequency": recording.sampling_frequency,
        "RecordingDuration": recording.duration_s,
        "EMGChannelCount": len(recording.channels),
        "Channels": channels,
        "Sync": {
            "method": recording.clock.method,
            "offset_s": recording.clock.offset_s,
            "sd_s": recording.clock.sd_s,
        },
        "Events": recording.events.to_dict("records"),
        "Notes": list(recording.notes),
    }
    if recording.truth is not None:
        content["Truth"] = recording.truth.to_dict("records")
    # ASCII only: what is invisible or runs from right to left stays visible in an editor, and no encoding can break it
    return json.dumps(_plain(content, "sidecar"), indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def _details(details: Mapping[str, Any], label: str) -> Mapping[str, Any]:
    found = details.get(label, {})
    return found if isinstance(found, Mapping) else {}


def _true_rate(channel: Channel, sampling_frequency: float) -> float:
    return channel.true_rate_Hz if math.isfinite(channel.true_rate_Hz) else sampling_frequency


def _plain(value: Any, key: str) -> Any:
    """Return `value` as JSON knows it; a number that is not finite becomes None."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {str(k): _plain(v, f"{key}.{k}") for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist(), key)
    if isinstance(value, list | tuple):
        return [_plain(v, f"{key}[{i}]") for i, v in enumerate(value)]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise RecordingError(f"{key} is a {type(value).__name__}, which JSON cannot hold: give text, numbers or lists")


class _Reader:
    """Takes the values of one sidecar; each that makes no sense is remarked on and replaced by the default."""

    def __init__(self, name: str, remarks: Remarks) -> None:
        self._name = name
        self._remarks = remarks

    def _ignore(self, key: str, value: object, expected: str, instead: str = "ignored") -> None:
        self._remarks.warn(
            f"sidecar {key}", f"{key} in sidecar {self._name} is {shown(value)}, not {expected}: {instead}"
        )

    def check_version(self, value: object) -> None:
        major = str(value).partition(".")[0]
        if value is not None and not (major.isdecimal() and int(major) <= int(SCHEMA_VERSION.partition(".")[0])):
            self._ignore("schema_version", value, f"{SCHEMA_VERSION} or older (a newer emgorder wrote it?)")

    def number(
        self, entry: Mapping[str, Any], key: str, *, above: float = -math.inf, instead: str = "ignored"
    ) -> float | None:
        value = entry.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not above < value < math.inf:
            least = "a number" if above == -math.inf else "a number from 0 on" if above < 0 else "a positive number"
            self._ignore(key, value, least, instead)
            return None
        return float(value)

    def channels(self, value: object) -> dict[str, Mapping[str, Any]]:
        if value is None:
            return {}
        if not isinstance(value, dict) or not all(isinstance(entry, dict) for entry in value.values()):
            self._ignore("Channels", value, "an object with an object a channel")
            return {}
        return value

    def clock(self, value: object) -> Sync | None:
        if value is None:
            return None
        if not isinstance(value, dict):
            self._ignore("Sync", value, "an object with method, offset_s and sd_s")
            return None
        least = {"offset_s": -math.inf, "sd_s": -math.ulp(0.0)}  # an uncertainty of zero is one
        given = {key: above for key, above in least.items() if key in value}
        instead = "it is unknown how the clocks agree"
        for key in given:
            if value[key] is None:  # NaN is read as null, too
                self._ignore(key, None, "a number", instead)
        numbers = {key: self.number(value, key, above=above, instead=instead) for key, above in given.items()}
        known = {key: number for key, number in numbers.items() if number is not None}
        return Sync("unknown" if len(known) < len(given) else str(value.get("method", Sync().method)), **known)

    def table(self, content: Mapping[str, Any], key: str, required: tuple[str, ...]) -> pd.DataFrame | None:
        value = whole_text(content.get(key))
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self._ignore(key, value, "a list of objects")
            return None
        if not required:
            return pd.DataFrame(value)
        good = [event for i, entry in enumerate(value) if (event := self._event(entry, f"{key}[{i}]"))]
        return pd.DataFrame(good) if good else empty_events()

    def _event(self, entry: Mapping[str, Any], key: str) -> dict[str, Any] | None:
        onset, name = self.number(entry, "onset"), entry.get("trial_type")
        if onset is None or not isinstance(name, str):
            self._ignore(key, entry, "an event with a number as onset and a text as trial_type")
            return None
        duration = self.number(entry, "duration")
        extra = {k: v for k, v in entry.items() if k not in _EVENT_COLUMNS}
        return {"onset": onset, "duration": 0.0 if duration is None else duration, "trial_type": name, **extra}

    def notes(self, value: object) -> tuple[str, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(note, str) for note in value):
            self._ignore("Notes", value, "a list of texts")
            return ()
        return tuple(value)
