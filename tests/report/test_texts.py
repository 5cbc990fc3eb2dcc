"""The tone of all texts, and that no text hides elsewhere."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from emgorder.analysis.result import SessionResult
from emgorder.model import SideResult
from emgorder.report import texts
from emgorder.report.html import render_html
from emgorder.report.terminal import render_text

REPORT = Path(texts.__file__).parent
UNKIND = re.compile(
    r"\b(weak\w*|inhibit\w*|abnormal\w*|dysfunction\w*|firing\s+wrong\w*|pathologic\w*|deficit\w*)", re.I
)
DIAGNOSIS = re.compile(r"(?<!Not a )\bdiagnos\w*", re.I)

_DARK_RULE = "}@media screen and (prefers-color-scheme:dark){:root{"
# Strings that look like words but are code: verdicts of the model, a policy and a theme of the page.
CODE = {"glute first", "hamstring first", "cannot tell", "light dark", _DARK_RULE}


def strings_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from strings_of(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from strings_of(item)


def all_texts() -> list[str]:
    return [s for name, value in vars(texts).items() if name[0].isupper() for s in strings_of(value)]


def unkind(text: str) -> list[str]:
    return UNKIND.findall(text) + DIAGNOSIS.findall(text)


def test_the_check_finds_what_it_should_find() -> None:
    assert len(all_texts()) > 100
    for bad in ("a weak glute", "Inhibited", "abnormal", "dysfunctional", "firing wrong", "a diagnosis", "Diagnosed"):
        assert unkind(bad), bad
    assert not unkind("Not a diagnosis.")


@pytest.mark.parametrize("text", all_texts())
def test_no_text_is_unkind(text: str) -> None:
    assert not unkind(text)


@pytest.mark.parametrize("verdict", ["glute first", "hamstring first", "together", "cannot tell"])
def test_no_report_is_unkind(
    session: Callable[..., SessionResult], side: Callable[..., SideResult], verdict: str
) -> None:
    result = session(sides=[side(verdict, more_lifts=3)])
    assert not unkind(render_html(result))
    assert not unkind(render_text(result))


def is_code(node: ast.AST) -> bool:
    """Return whether the strings below a node are for programs: documentation, style classes, errors."""
    return isinstance(node, ast.Expr | ast.Raise) or (isinstance(node, ast.keyword) and node.arg == "class_")


def strings_in(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        if not is_code(child):
            yield from strings_in(child)


def words_outside_texts(path: Path) -> list[str]:
    found = strings_in(ast.parse(path.read_text(encoding="utf-8")))
    return [s for s in found if re.search(r"[a-z]{2,} [a-z]{2,}", s) and s not in CODE]


@pytest.mark.parametrize("path", sorted(REPORT.glob("*.py")), ids=lambda p: p.stem)
def test_all_words_stand_in_one_module(path: Path) -> None:
    if path.stem == "texts":
        assert words_outside_texts(path)
    else:
        assert not words_outside_texts(path)


def test_no_text_is_left_over() -> None:
    code = "".join(p.read_text(encoding="utf-8") for p in REPORT.glob("*.py") if p.stem != "texts")
    names = [n for n, value in vars(texts).items() if n.isupper() and list(strings_of(value))]
    assert [n for n in names if not re.search(rf"\bt\.{n}\b", code)] == []


def names_assigned(tree: ast.Module) -> list[str]:
    """Return the names that a module assigns at its top, as often as it does."""
    targets = [t for node in tree.body if isinstance(node, ast.Assign) for t in node.targets]
    targets += [node.target for node in tree.body if isinstance(node, ast.AnnAssign)]
    flat = [e for t in targets for e in (t.elts if isinstance(t, ast.Tuple) else [t])]
    return [name.id for name in flat if isinstance(name, ast.Name)]


@pytest.mark.parametrize("path", sorted(REPORT.parent.rglob("texts.py")), ids=lambda p: p.parent.name)
def test_no_text_is_given_twice_under_one_name(path: Path) -> None:
    names = Counter(names_assigned(ast.parse(path.read_text(encoding="utf-8"))))
    assert names
    assert [name for name, count in names.items() if count > 1] == []


def test_a_name_given_twice_is_noticed() -> None:
    assert names_assigned(ast.parse("A, B = 1, 2\nC: int = 3\nA = 4")) == ["A", "B", "A", "C"]


def test_text_modules_are_found() -> None:
    assert {p.parent.name for p in REPORT.parent.rglob("texts.py")} >= {"report", "history", "guided"}
