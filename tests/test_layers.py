"""A module imports only from layers below its own; what reaches up is on a closed list."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "emgorder"

# Two branches stand side by side on the model and may not see each other.
SIGNAL = ("conditioning", "onset", "order", "analysis")
SOURCE_LOW, SOURCE_HIGH = ("sensors", "clock", "io", "simulate"), ("acquisition",)
TOP = ("report", "history", "guided", "study", "app", "cli")
GROUND = ("errors", "arguments", "json_text", "sidecar_keys", "files", "model", "held", "muscles")


def allowed(room: str) -> set[str]:
    """Return the rooms that `room` may import from, itself included."""
    if room in GROUND:
        return set(GROUND[: GROUND.index(room) + 1])
    if room in SIGNAL:
        return {*GROUND, *SIGNAL[: SIGNAL.index(room) + 1]}
    if room in SOURCE_LOW:
        return {*GROUND, room}
    if room in SOURCE_HIGH:
        return {*GROUND, *SOURCE_LOW, room}
    if room in TOP:
        return {*GROUND, *SIGNAL, *SOURCE_LOW, *SOURCE_HIGH, *TOP[: TOP.index(room) + 1]}
    raise AssertionError(f"emgorder/{room} is in no layer: add it to this test and to the architecture")


# (module, imported room): methods of results that reach up, by an import inside the method.
REACHES_UP = {
    ("analysis/result.py", "report"),
    ("model/recording.py", "io"),
}


def imports_of(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            names = (
                [f"{node.module}.{alias.name}" for alias in node.names]
                if node.module == "emgorder"
                else [node.module or ""]
            )
        rooms |= {name.split(".")[1] for name in names if name.startswith("emgorder.")}
    return rooms - {"__version__"}


def modules() -> list[Path]:
    return sorted(
        p for p in PACKAGE.rglob("*.py") if p.parent != PACKAGE or p.name not in ("__init__.py", "__main__.py")
    )


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_from_lower_layers(path: Path) -> None:
    here = path.relative_to(PACKAGE)
    room = here.parts[0].removesuffix(".py")
    up = {r for r in imports_of(path) - allowed(room) if (here.as_posix(), r) not in REACHES_UP}
    assert not up, f"{here} imports {sorted(up)} from above or beside its layer"


def test_the_list_of_what_reaches_up_has_no_dead_entries() -> None:
    for module, room in REACHES_UP:
        assert room in imports_of(PACKAGE / module), f"{module} does not import {room} any more"
