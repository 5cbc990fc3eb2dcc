"""Configuration of the documentation: ``sphinx-build -W --keep-going -n docs docs/_build``."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from docutils.nodes import Element, TextElement
from sphinx.application import Sphinx

import emgorder

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent

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
    app.connect("missing-reference", show_internal_name)


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
