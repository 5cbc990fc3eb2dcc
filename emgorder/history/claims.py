"""Whose a file is, by what the file itself says."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

from emgorder.errors import EmgOrderError
from emgorder.history.places import is_there
from emgorder.history.visits import pseudonym_of
from emgorder.io.journal_read import JournalReader
from emgorder.json_text import load_json
from emgorder.report import texts as words
from emgorder.report.display import NAME_LIMIT, display_text

__all__ = ["companions", "names_in"]

_LARGEST = 256 << 20  # bytes of a JSON file or page that is looked into
_RECORDINGS = (".csv", ".tsv", ".txt", ".emgj", ".bdf", ".edf", ".xdf", ".xdfz", ".c3d")


def names_in(path: Path) -> set[str]:
    """Return the pseudonyms that a sidecar, a plan, a result or a journal names; none for any other file."""
    kind = path.suffix.lower()
    if kind not in (".json", ".emgj") or not is_there(path):
        return set()
    return _named_by_json(path) if kind == ".json" else _named_by_journal(path)


def companions(shelf: Path, person: str) -> tuple[list[Path], list[Path]]:
    """Return the files right in `shelf` that are of a person, and those that name another person too.

    Recordings go with a sidecar of their name; pages are taken where they are reports that name the person.
    """
    inside = sorted(p for p in shelf.iterdir() if is_there(p) and not p.name.startswith("."))
    named = {path: names_in(path) for path in inside}
    mixed = [path for path, names in named.items() if person in names and len(names) > 1]
    own = {path for path, names in named.items() if names == {person}}
    stems = {path.stem for path in own if path.suffix.lower() == ".json" and _is_sidecar(path)}
    for path in inside:
        kind = path.suffix.lower()
        with_sidecar = kind in _RECORDINGS and path.stem in stems and not named[path] - {person}
        if with_sidecar or (kind in (".html", ".htm") and _reports_on(path, person)):
            own.add(path)
    return sorted(own), mixed


def _named_by_json(path: Path) -> set[str]:
    content = _json(path)
    parts = (content, content.get("meta"), content.get("plan"))
    return {name for part in parts if isinstance(part, Mapping) and (name := pseudonym_of(part))}


def _named_by_journal(path: Path) -> set[str]:
    try:
        meta = JournalReader(path).header.get("meta")
    except (EmgOrderError, OSError):
        return set()
    name = pseudonym_of(meta) if isinstance(meta, Mapping) else ""
    return {name} if name else set()


def _is_sidecar(path: Path) -> bool:
    return bool(pseudonym_of(_json(path)))


def _json(path: Path) -> Mapping[str, object]:
    try:
        if path.stat().st_size > _LARGEST:
            return {}
        content = load_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _reports_on(path: Path, person: str) -> bool:
    """Return whether a page is a report of ours on this person; a name too long to be shown whole is not told apart."""
    shown = display_text(person)
    if shown != person or len(person) > NAME_LIMIT:
        return False
    marks = (
        f"<dt>{words.FACT_PERSON}</dt><dd><bdi>{escape(person, quote=False)}</bdi></dd>",
        f"<title>{escape(words.TREND_PAGE_TITLE.format(name=person), quote=False)}</title>",
    )
    try:
        page = path.read_text(encoding="utf-8") if path.stat().st_size <= _LARGEST else ""
    except (OSError, ValueError):
        return False
    return any(mark in page for mark in marks)
