"""What to cite, as BibTeX: this package, and the source of the onset rule where it is a published one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emgorder.onset.registry import OnsetMethod, find_method
from emgorder.report import texts as t
from emgorder.report.display import display_text

if TYPE_CHECKING:
    from emgorder.analysis.result import SessionResult

__all__ = ["bibtex"]

_CITATION = re.compile(r"(?P<authors>.+?) (?P<year>\d{4}), (?P<title>.+)")
_SPECIAL = re.compile(r"([&%$#_{}])")


def bibtex(result: SessionResult) -> str:
    """Return BibTeX entries of what a result rests on.

    Examples
    --------
    >>> from emgorder.analysis.result import SessionResult
    >>> from emgorder.analysis.settings import Settings
    >>> text = bibtex(SessionResult((), (), (), Settings(method="hodges_bui"), version="1.0"))
    >>> [line for line in text.splitlines() if line.startswith("@")]
    ['@software{emgorder,', '@article{hodges1996,']
    """
    entries = [_entry("software", "emgorder", _package(result))]
    method = find_method(result.settings.method)
    if cited := _published(method):
        entries.append(_entry("article", *cited))
    return "\n\n".join(entries) + "\n"


def _package(result: SessionResult) -> dict[str, str]:
    return {
        "author": t.BIBTEX_AUTHOR,
        "title": t.BIBTEX_TITLE,
        **({"version": _escaped(display_text(result.version))} if result.version else {}),
    }


def _published(method: OnsetMethod) -> tuple[str, dict[str, str]] | None:
    found = _CITATION.fullmatch(method.citation)
    if not found or not method.doi:
        return None
    authors = t.BIBTEX_AND.join(re.split(", | & ", found["authors"].replace(t.ET_AL, t.BIBTEX_ET_AL)))
    key = re.sub(r"[^a-z]", "", authors.split(t.BIBTEX_AND)[0].lower()) + found["year"]
    return key, {
        "author": _escaped(authors),
        "title": _escaped(found["title"]),
        **({"journal": _escaped(method.journal)} if method.journal else {}),
        "year": found["year"],
        "doi": method.doi,
    }


def _entry(kind: str, key: str, values: dict[str, str]) -> str:
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in values.items())
    return f"@{kind}{{{key},\n{lines}\n}}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
