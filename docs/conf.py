"""Configuration of the documentation: ``sphinx-build -W --keep-going -n docs docs/_build``."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
from functools import cache
from pathlib import Path

from docutils.nodes import Element, TextElement
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

import emgorder

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
NOTES = ROOT / "firmware_notes"
COPIED = DOCS / "firmware_notes"  # Sphinx reads pages below its own folder only; not in the repository

project = "emgorder"
author = "The emgorder developers"
project_copyright = f"{author}, MIT licence"
release = version = emgorder.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
exclude_patterns = ["_build"]
nitpicky = True
suppress_warnings = ["config.cache"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say types, shapes and units in words
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 88
numpydoc_show_class_members = False

html_theme = "furo"
html_title = f"emgorder {release}"
html_static_path = ["_static"]
html_css_files = ["wide.css"]
html_copy_source = False
html_show_sourcelink = False


def setup(app: Sphinx) -> None:
    """Register what the pages need beyond their text."""
    copy_notes()
    app.connect("missing-reference", show_internal_name)


def copy_notes() -> None:
    """Bring the sensors' pages, with their pictures and examples, to where Sphinx finds them."""
    if not (NOTES / "README.md").is_file():
        raise ExtensionError(f"the sensors' pages are missing: there is no {NOTES / 'README.md'}")
    wanted = {path.relative_to(NOTES) for path in NOTES.rglob("*") if path.suffix in (".md", ".svg", ".png", ".json")}
    for path in [p for p in COPIED.rglob("*") if p.is_file() and p.relative_to(COPIED) not in wanted]:
        path.unlink()
    for name in wanted:
        data, copy = (NOTES / name).read_bytes(), COPIED / name
        if name.suffix == ".md":
            data = with_moved_links(data.decode("utf-8"), NOTES / name, copy).encode("utf-8")
        if not copy.is_file() or copy.read_bytes() != data:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(data)


def with_moved_links(text: str, source: Path, copy: Path) -> str:
    """Return the text of a page whose links out of the folder of notes lead to the same places from its copy."""

    def moved(link: re.Match[str]) -> str:
        target = Path(os.path.normpath(source.parent / link[1]))
        return link[0] if target.is_relative_to(NOTES) else f"]({Path(os.path.relpath(target, copy.parent)).as_posix()}"

    return re.sub(r"\]\((\.\./[^)#\s]*)", moved, text)


def show_internal_name(app: Sphinx, env: object, node: Element, content: TextElement) -> TextElement | None:
    """Leave the name of something that exists, but is no part of the public reference, as it stands; others warn."""
    if node.get("refdomain") != "py" or not exists(node["reftarget"]):
        return None
    return content


@cache
def exists(name: str) -> bool:
    """Whether `name` is that of a module of the package or of something in one."""
    modules = [m.name for m in pkgutil.walk_packages(emgorder.__path__, "emgorder.") if not m.name.endswith("__main__")]
    if name in modules:
        return True
    module, _, attribute = name.rpartition(".")
    if module.startswith("emgorder"):
        return module in modules and hasattr(importlib.import_module(module), attribute)
    return any(hasattr(importlib.import_module(module), name) for module in modules)
