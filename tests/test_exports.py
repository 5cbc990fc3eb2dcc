"""The public names are complete, sorted and light to import."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

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
    assert public <= set(emgorder.__all__)


def test_every_public_function_and_class_has_a_docstring() -> None:
    bare = [n for n in emgorder.__all__ if not (getattr(emgorder, n).__doc__ or "").strip()]
    assert not [n for n in bare if n != "__version__"]


def test_importing_loads_nothing_heavy_and_says_nothing() -> None:
    heavy = ["neurokit2", "matplotlib", "bleak", "sklearn", "rich", "torch", "starlette", "dask", "distributed"]
    code = f"import sys, emgorder; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""
