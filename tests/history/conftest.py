"""Folders of tests that are made up: small results, every number chosen."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from emgorder.guided.plan import LiftPlan
from emgorder.history.places import make_test_folder
from tests.report.conftest import make_session, make_side

META = {
    "Instructions": "Lift your straight leg when you hear the tone.",
    "posture": "prone, knee straight, hip neutral",
    "Manufacturer": "simulation",
    "ManufacturersModelName": "board",
}
HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd()",
    "x" * 10_240,
    "\u202eגבא",
    "👩‍🏃",
    "../..",
    "../../etc",
    "/etc",
    "a\x00b\n",
    "a\x00b\n\x1b[2J",
    "a\x1b[2Jb",
    "\udcff",
)
"""Names that nobody has: markup, a formula, a long one, the other direction, joined signs, paths, controls."""
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def make_test(
    folder: Path, person: str, month: int = 3, average_ms: tuple[float, float, float] = (84, 45, 123), **more: Any
) -> Path:
    """Make the folder of a finished test, with all kinds of files that one has, and return it."""
    made = make_test_folder(folder, LiftPlan(pseudonym=person), NOON.replace(month=month))
    (made.path / "right.csv").write_text("time_s,GMAX_R (uV),BF_R (uV)\n0,1,2\n", encoding="utf-8")
    (made.path / "right.json").write_text(json.dumps({"pseudonym": person, **META}), encoding="utf-8")
    make_result(made.path / "result.json", person, average_ms, **more)
    return made.path


def make_result(
    path: Path, person: str, average_ms: tuple[float, float, float] = (84, 45, 123), side: str = "R", **more: Any
) -> Path:
    """Write a small result, and the report of it beside it."""
    meta = {**META, **({"pseudonym": person} if person else {}), **more}
    result = make_session(lifts=(), sides=[make_side(side=side, average_ms=average_ms)], meta=meta)  # type: ignore[arg-type]
    result.to_html(path.with_name("report.html"))
    plain = json.loads(result.to_json(path.with_name("made.json")).read_text(encoding="utf-8"))
    path.with_name("made.json").unlink()
    path.write_text(json.dumps(plain), encoding="ascii")
    return path


@pytest.fixture
def tests(tmp_path: Path) -> Path:
    """Return a folder with three tests of one person and one of another."""
    folder = tmp_path / "tests"
    folder.mkdir()
    make_test(folder, "heron-12", 3)
    make_test(folder, "heron-12", 4, (60, 20, 100))
    make_test(folder, "heron-12", 5, (-90, -120, -60))
    make_test(folder, "otter-7", 3)
    return folder


@pytest.fixture
def tree() -> Callable[[Path], dict[str, bytes]]:
    """Return what lists every file below a folder with its content, the index left out."""

    def look(folder: Path) -> dict[str, bytes]:
        files = (p for p in sorted(folder.rglob("*")) if p.is_file() and not p.name.startswith(".emgorder-index"))
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}

    return look
