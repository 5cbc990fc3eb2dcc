"""What to cite."""

from __future__ import annotations

import re

import pytest

import emgorder as eo
from emgorder.report.bibtex import bibtex


@pytest.mark.parametrize("name", sorted(eo.onset_methods()))
def test_every_method_with_a_source_has_an_entry_with_its_doi(name: str) -> None:
    method = eo.onset_methods()[name]
    text = bibtex(eo.SessionResult((), (), (), eo.Settings(method=name), version="1.0"))
    assert text.count("@software{emgorder,") == 1
    assert ("@article{" in text) == bool(method.doi)
    assert not method.doi or f"doi = {{{method.doi}}}" in text
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")


def test_keys_are_those_of_an_author_and_a_year() -> None:
    text = bibtex(eo.SessionResult((), (), (), eo.Settings(method="aglr")))
    assert re.search(r"^@article\{staude1999,$", text, re.M)
    assert "author = {Staude and Wolf}" in text


def test_three_authors_are_three_and_articles_name_their_journal() -> None:
    text = bibtex(eo.SessionResult((), (), (), eo.Settings(method="bonato")))
    assert "author = {Bonato and D'Alessio and Knaflitz}" in text
    assert "@article{bonato1998," in text
    assert "journal = {IEEE Transactions on Biomedical Engineering}" in text
    assert all(method.journal for method in eo.onset_methods().values() if method.doi)


def test_a_hostile_version_breaks_nothing() -> None:
    text = bibtex(eo.SessionResult((), (), (), eo.Settings(), version="1}\n@evil{x"))
    assert text.count("@") == text.count("@software{") + text.count(r"@evil\{")
