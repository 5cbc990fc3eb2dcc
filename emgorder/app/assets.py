"""The files that the page is made of: a closed list, read once at the start."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata, resources
from pathlib import Path
from typing import NamedTuple

from emgorder.errors import EmgOrderError, MissingExtraError

__all__ = ["Asset", "load_assets"]

_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
# What the page asks for, and what the file is called in the releases of the package.
_PLOT = {"uPlot.iife.min.js": ("uPlot.iife.min.js", "uPlot.iife.js"), "uPlot.min.css": ("uPlot.min.css",)}


class Asset(NamedTuple):
    """A file of the page, whole, and its media type."""

    body: bytes
    kind: str


def load_assets() -> Mapping[str, Asset]:
    """Return path to file, for all paths that are served.

    Raises
    ------
    MissingExtraError
        uplot-python is not installed.
    EmgOrderError
        It holds other files than expected, or the page is missing from the installation.

    Examples
    --------
    >>> load_assets()["/"].kind
    'text/html; charset=utf-8'
    """
    page = resources.files("emgorder.app").joinpath("page")
    if not page.joinpath("index.html").is_file():
        raise EmgOrderError("the page is missing from this installation of emgorder: install it again")
    found = {"/": Asset(page.joinpath("index.html").read_bytes(), "text/html; charset=utf-8")}
    for file in sorted(page.iterdir(), key=lambda file: file.name):
        kind = _KINDS.get(Path(file.name).suffix)
        if kind and file.is_file():
            found[f"/static/{file.name}"] = Asset(file.read_bytes(), kind)
    for name, files in _PLOT.items():
        found[f"/static/uplot/{name}"] = Asset(_plot_file(files), _KINDS[Path(name).suffix])
    return found


def _plot_file(names: tuple[str, ...]) -> bytes:
    try:
        package = metadata.distribution("uplot-python")  # without importing it: it brings an interactive shell
    except metadata.PackageNotFoundError as error:
        raise MissingExtraError("uplot-python", "app") from error
    for name in names:
        path = Path(str(package.locate_file(f"uplot/static/{name}")))
        if path.is_file():
            return path.read_bytes()
    raise EmgOrderError(f"uplot-python {package.version} holds no {names[0]}: install another version of it")
