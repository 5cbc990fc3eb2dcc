"""The public names are complete, sorted and light to import."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import emgorder

PACKAGES = ["emgorder"] + [
    m.name for m in pkgutil.walk_packages(emgorder.__path__, "emgorder.") if not m.name.endswith("__main__")
]


@pytest.mark.parametrize("name", PACKAGES)
def test_what_a_module_exports_exists_and_is_named_once(name: str) -> None:
    module = importlib.import_module(name)
    exported = getattr(module, "__all__", [])
    assert len(exported) == len(set(exported)), f"{name}.__all__ repeats a name"
    missing = [n for n in exported if not hasattr(module, n)]
    assert not missing, f"{name} exports {missing}, which it does not have"


def test_the_public_names_are_sorted() -> None:
    assert list(emgorder.__all__) == sorted(emgorder.__all__)


def test_every_public_name_is_exported() -> None:
    public = {
        n
        for n, value in vars(emgorder).items()
        if not n.startswith("_") and getattr(value, "__module__", "").startswith("emgorder")
    }
    later = set(emgorder._HOMES)  # type: ignore[attr-defined]
    assert public | later <= set(emgorder.__all__)


def test_every_public_function_and_class_has_a_docstring() -> None:
    bare = [n for n in emgorder.__all__ if not (getattr(emgorder, n).__doc__ or "").strip()]
    assert not [n for n in bare if n != "__version__"]


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'emgorder' has no attribute 'analyze'"):
        emgorder.analyze  # type: ignore[attr-defined]  # noqa: B018


def fresh(code: str) -> list[str]:
    """Return the names that `code` leaves in ``found``, in a process that has imported nothing."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{code}\nprint(*found)"], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_importing_loads_nothing_heavy_and_says_nothing() -> None:
    added = fresh(
        "import sys, pandas, scipy.signal; were = {*sys.modules}; import emgorder; found = {*sys.modules} - were"
    )
    tops = {name.partition(".")[0] for name in added}
    heavy = {"neurokit2", "matplotlib", "bleak", "sklearn", "rich", "torch", "starlette", "dask", "distributed", "mne",
             "pyarrow", "pooch", "h5py", "statsmodels", "asyncio", "ssl", "sqlite3", "multiprocessing"}  # fmt: skip
    assert not heavy & tops
    rooms = {name.split(".")[1] for name in added if name.startswith("emgorder.")}
    assert "analysis" in rooms
    assert (
        not {"acquisition", "app", "cli", "clock", "guided", "history", "report", "sensors", "simulate", "study"}
        & rooms
    )
    readers = {"emgorder.io.bids_read", "emgorder.io.c3d", "emgorder.io.mne", "emgorder.io.xdf"}
    assert not readers & {*added}


def test_every_public_name_resolves_before_anything_else_is_imported() -> None:
    assert set(fresh("from emgorder import *; found = dir()")) >= {*emgorder.__all__} - {"__version__"}
    assert set(fresh("import emgorder; found = dir(emgorder)")) >= {*emgorder.__all__, "clock", "simulate"}
    asked = "found = [name for name in emgorder.__all__ if not hasattr(emgorder, name)]"
    assert fresh(f"import emgorder; {asked}") == []


@pytest.mark.parametrize("part", ["clock", "conditioning", "history", "sensors", "simulate"])
def test_a_public_module_is_reached_through_the_package(part: str) -> None:
    assert fresh(f"import emgorder; found = [emgorder.{part}.__name__]") == [f"emgorder.{part}"]


def test_what_is_imported_later_is_what_type_checkers_are_told() -> None:
    source = Path(emgorder.__file__).read_text(encoding="utf-8")
    (told,) = (
        node.body
        for node in ast.parse(source).body
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    )
    imports = [node for node in told if isinstance(node, ast.ImportFrom)]
    assert emgorder._LATER == {  # type: ignore[attr-defined]
        str(node.module).removeprefix("emgorder."): tuple(alias.name for alias in node.names) for node in imports
    }
