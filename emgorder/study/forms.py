"""Which files are recordings, which only belong to one, and which are one recording in several forms."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from emgorder.io.read import readable_suffixes

__all__ = ["is_recording", "one_form_each"]

_TABLES = (".csv", ".tsv", ".txt")
_HEAD = 200  # bytes
# How tables begin that are no recordings: results of this program, truth of simulated sessions, lists of BIDS.
_HEADS = (
    "lift,side,", "side,verdict,", "side,first,", "side,order,", "side,channel,", "first,second,",
    "onset\tduration", "name\ttype", "name\tx\t", "participant_id", "filename\t", "session_id\t",
)  # fmt: skip
_PROSE = ("readme", "license", "licence", "changes", "changelog", "citation", "source", "sources", "requirements")


def one_form_each(paths: Iterable[Path]) -> list[Path]:
    """Return recordings without those of the same name in another form, as `find_recordings` takes them."""
    order = _order()
    forms: dict[Path, Path] = {}
    for path in sorted(paths, key=lambda p: (order[p.suffix.lower()], p.name)):
        forms.setdefault(path.with_suffix(""), path)
    return list(forms.values())


def is_recording(path: Path) -> bool:
    """Return whether a file is a recording and does not only belong to one."""
    return not path.name.startswith(".") and path.suffix.lower() in _order() and path.is_file() and _is_no_list(path)


def _order() -> dict[str, int]:
    """Return the place of each ending among the forms that a recording may have."""
    suffixes = sorted(readable_suffixes(), key=lambda suffix: suffix == ".txt")
    return {suffix: place for place, suffix in enumerate(suffixes)}


def _is_no_list(path: Path) -> bool:
    if path.suffix.lower() not in _TABLES:
        return True
    if path.suffix.lower() == ".txt" and path.stem.lower().split("_")[0].split(".")[0] in _PROSE:
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return True  # it gets its row among the errors
    return not head.removeprefix(b"\xef\xbb\xbf").decode("latin-1").lower().startswith(_HEADS)
