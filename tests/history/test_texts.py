"""Words of the history: kind, all in one place, none left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emgorder.history import texts
from tests.report.test_texts import unkind, words_outside_texts

HISTORY = Path(texts.__file__).parent
USERS = (*HISTORY.glob("*.py"), HISTORY.parent / "cli" / "history.py")
CODE = re.compile(
    r"^(PRAGMA|SELECT|INSERT|DELETE|DROP|CREATE|UPDATE)|application|^(glute|hamstring) first$|^cannot tell$"
)
ALL = {name: value for name, value in vars(texts).items() if name.isupper()}


@pytest.mark.parametrize("text", ALL.values())
def test_no_text_is_unkind(text: str) -> None:
    assert text
    assert not unkind(text)


def test_no_text_is_left_over() -> None:
    code = "".join(p.read_text(encoding="utf-8") for p in USERS if p.stem != "texts")
    assert [name for name in ALL if not re.search(rf"\bt\.{name}\b", code)] == []


@pytest.mark.parametrize("path", sorted(HISTORY.glob("*.py")), ids=lambda p: p.stem)
def test_all_words_stand_in_one_module(path: Path) -> None:
    found = [s for s in words_outside_texts(path) if not CODE.search(s)]
    assert bool(found) == (path.stem == "texts"), found
