"""Keeping what a command writes away from what it reads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from emgorder.cli.console import told_in
from emgorder.errors import RecordingError

__all__ = ["refuse_overwriting"]


def refuse_overwriting(sources: Iterable[Path], targets: Iterable[tuple[str, Path]]) -> None:
    """Refuse to write over a file that is read, over its sidecar, or twice into one file.

    Parameters
    ----------
    sources : iterable of Path
        Files that the command reads.
    targets : iterable of (str, Path)
        Files that it is to write, each with the option that named it.

    Raises
    ------
    RecordingError
        Two of them are one; nothing was written yet.
    """
    read = {path.resolve(): path for source in sources for path in _with_sidecar(source)}
    taken: dict[Path, str] = {}
    for option, target in targets:
        place = target.resolve()
        if place in read:
            raise RecordingError(
                f"is read by this command, and {option} would write over it: give another name", path=target
            )
        if place in taken:
            raise RecordingError(f"is named by {taken[place]} and {option}: give two names", path=target)
        taken[place] = option


def _with_sidecar(source: Path) -> Iterator[Path]:
    """Yield a file and the JSON beside it; a result that was saved there before is no sidecar and may be replaced."""
    yield source
    sidecar = source.with_suffix(".json")
    if sidecar != source and os.path.lexists(sidecar) and told_in(sidecar, "schema") != "emgorder-result":
        yield sidecar
