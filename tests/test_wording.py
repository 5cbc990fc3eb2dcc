"""No word that calls a person weak or ill is in the program, wherever its sentences are written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "emgorder"
UNKIND = re.compile(
    r"\b(weak(?!ref|map|set)\w*|inhibit\w*|abnormal\w*|dysfunction\w*|firing\s+wrong\w*|patholog\w*|deficit\w*)", re.I
)
DIAGNOSIS = re.compile(r"(?<!not a )\bdiagnos[ei]\w*", re.I)


def sentences(path: Path) -> Iterator[str]:
    """Yield the string constants of a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def test_no_sentence_of_the_package_is_unkind_or_a_diagnosis() -> None:
    found = {
        (path.relative_to(PACKAGE).as_posix(), text)
        for path in PACKAGE.rglob("*.py")
        for text in sentences(path)
        if UNKIND.search(text) or DIAGNOSIS.search(text)
    }
    assert not found


def test_pages_scripts_and_styles_hold_none_either() -> None:
    pages = [p for p in PACKAGE.rglob("*") if p.suffix in {".js", ".html", ".css"}]
    assert pages
    assert not [p.name for p in pages if UNKIND.search(p.read_text(encoding="utf-8"))]


def test_the_search_sees_such_words() -> None:
    assert UNKIND.search("Your glute is weak.")
    assert DIAGNOSIS.search("This is a diagnosis.")
    assert not DIAGNOSIS.search("Research and training tool. Not a diagnosis.")
    assert "words" in set(sentences(Path(__file__))) or len(set(sentences(Path(__file__)))) > 3
