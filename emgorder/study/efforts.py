"""Recordings of full efforts that belong to others of a batch: found by patterns of their names."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePath

from emgorder.errors import SettingsError
from emgorder.study.forms import is_recording, one_form_each

__all__ = ["check_patterns", "efforts_of", "is_effort", "with_slashes"]

_STEM = "{stem}"
_UP = re.compile(r"(\.\.?/+)*")


def check_patterns(mvc: str | Sequence[str]) -> tuple[str, ...]:
    """Return one or more patterns as a tuple, with a slash between folders on every system.

    Raises
    ------
    SettingsError
        One is none, or goes up after a name.

    Examples
    --------
    >>> check_patterns("{stem}_mvc*.csv")
    ('{stem}_mvc*.csv',)
    """
    return tuple(_checked(pattern) for pattern in ((mvc,) if isinstance(mvc, str) else mvc))


def with_slashes(pattern: str, separator: str) -> str:
    r"""Return a pattern with a slash between folders, as it is written where `separator` parts them.

    Examples
    --------
    >>> with_slashes(r"..\mvc\*.csv", "\\"), with_slashes("../mvc/*.csv", "/")
    ('../mvc/*.csv', '../mvc/*.csv')
    """
    return pattern.replace("\\", "/") if separator == "\\" else pattern


def efforts_of(recording: Path, patterns: Sequence[str]) -> list[Path]:
    """Return the recordings of full efforts that belong to a recording: what fits a pattern from its folder.

    ``{stem}`` in a pattern is the name of the recording without its ending. The recording itself, in whatever form and
    however its name is spelt, is none of them.
    """
    if not patterns or "\0" in str(recording):
        return []
    spelt: dict[Path, Path] = {}
    for pattern in patterns:
        wanted = f"{glob.escape(str(recording.parent))}/{pattern.replace(_STEM, glob.escape(recording.stem))}"
        for path in map(Path, sorted(glob.glob(wanted))):  # noqa: PTH207 (its own is another in each Python)
            if is_recording(path):
                spelt.setdefault(_folder_of(path) / path.name, path)
    itself = _folder_of(recording) / recording.stem
    return sorted(spelt[place] for place in one_form_each(spelt) if place.with_suffix("") != itself)


def is_effort(path: Path, patterns: Sequence[str]) -> bool:
    """Return whether a file is one of full efforts and no session of its own, by its name and those of its folders.

    Examples
    --------
    >>> is_effort(Path("a/heron_mvc1.csv"), ["{stem}_mvc*.csv"]), is_effort(Path("a/heron.csv"), ["{stem}_mvc*.csv"])
    (True, False)
    """
    return any(path.match(_name_of(pattern).replace(_STEM, "*")) for pattern in patterns)


def _checked(pattern: str) -> str:
    if isinstance(pattern, str):
        pattern = with_slashes(pattern, os.sep)
        names = PurePath(_name_of(pattern)).parts
        if ".." in names:
            raise SettingsError(
                f"{pattern!r} goes up after a name: write .. only at the beginning, for example ../mvc/*.csv", key="mvc"
            )
        if names and "**" not in pattern and not PurePath(pattern).anchor:
            return pattern
    raise SettingsError(
        f"{pattern!r} is no pattern of names as seen from the folder of each recording: write for example "
        "{stem}_mvc*.csv or ../mvc/*.csv",
        key="mvc",
    )


def _folder_of(path: Path) -> Path:
    """Return the folder that a name is in; links lead to where they point, as they do for ``..`` in a pattern."""
    return Path(os.path.realpath(path.parent))


def _name_of(pattern: str) -> str:
    """Return a pattern without the way up from the recording's folder."""
    return _UP.sub("", pattern, count=1)
