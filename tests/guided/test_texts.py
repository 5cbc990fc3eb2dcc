"""Words of the guided test: plain, kind and without claims that nobody can make."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from emgorder.guided import texts

UNKIND = re.compile(r"\b(weak|inhibited|abnormal|dysfunction\w*|firing wrong|failed test|patholog\w*|normal)\b", re.I)
JARGON = re.compile(r"\b(RMS|SNR|ROPE|posterior|envelope|baseline|exception|NaN)\b")


def every_text() -> Iterator[str]:
    for name, value in vars(texts).items():
        if name.isupper():
            found = value.values() if hasattr(value, "values") else value if isinstance(value, tuple) else (value,)
            yield from (str(text) for text in found)


def test_there_are_texts_to_look_at() -> None:
    assert len(list(every_text())) > 150


@pytest.mark.parametrize("text", sorted(set(every_text())))
def test_no_text_is_unkind_or_jargon(text: str) -> None:
    assert not UNKIND.search(text)
    assert not JARGON.search(text)
    assert "diagnos" not in text.lower() or "Not a diagnosis" in text


def test_the_main_test_never_mentions_the_muscles_to_the_person() -> None:
    said = (texts.LIFT_INSTRUCTION, texts.PRACTICE_INSTRUCTION)
    assert not any(re.search("glute|hamstring|buttock", text, re.I) for text in said)
