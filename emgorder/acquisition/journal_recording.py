"""How a journal is read where any recording may be: the reader behind ``read_recording("x.emgj")``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from emgorder.errors import RecordingError, SettingsError
from emgorder.model import Recording

__all__ = ["read_journal_recording"]


def read_journal_recording(
    path: Path,
    *,
    sampling_frequency: float | None = None,
    muscles: Mapping[str, str] | None = None,
    unit: str | None = None,
) -> Recording:
    """Return the recording that the journal at `path` holds; parameters as in :func:`emgorder.read_recording`.

    Raises
    ------
    RecordingError
        It is no journal, or holds no samples.
    SettingsError
        `sampling_frequency` or `unit` are given: the sensors have told both.
    """
    from emgorder.acquisition.assemble import assemble
    from emgorder.io.journal import read_journal

    for key, value in (("sampling_frequency", sampling_frequency), ("unit", unit)):
        if value is not None:
            raise SettingsError(f"{value!r}: a journal knows this from its sensors; leave it out", key=key)
    try:
        recording = assemble(read_journal(path), name=path.stem)
    except RecordingError as error:
        if error.path is not None:
            raise
        raise RecordingError(str(error), path=path) from error
    return recording if muscles is None else _renamed(recording, muscles, path)


def _renamed(recording: Recording, muscles: Mapping[str, str], path: Path) -> Recording:
    from emgorder.muscles import MUSCLES, parse_label

    channels = [replace(channel, target_muscle="") for channel in recording.channels]
    for key, label in muscles.items():
        code, side = parse_label(key)
        if not code:
            raise SettingsError(f"{key!r} is no muscle: give one of {', '.join(MUSCLES)}", key="muscles")
        at = next((i for i, c in enumerate(channels) if c.label.lower() == label.lower()), None)
        if at is None:
            known = ", ".join(c.label for c in channels)
            raise RecordingError(f"there is no channel {label!r} for {key}: give one of {known}", path=path)
        channels[at] = replace(channels[at], target_muscle=code, side=side or channels[at].side)
    return replace(recording, channels=tuple(channels))
