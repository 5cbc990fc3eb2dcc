"""What the benchmarks share: a table in Markdown, and a page that says how it was made."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs" / "benchmarks"


def options(description: str) -> argparse.ArgumentParser:
    """Return a parser with the options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="a small run, to see that it works")
    parser.add_argument("--write", action="store_true", help="keep the page under docs/benchmarks")
    return parser


def markdown(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table; floats keep three significant digits."""
    text = [[f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    lines = [f"| {' | '.join(header)} |", f"| {' | '.join('---' for _ in header)} |"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in text])


def page(title: str, sections: Sequence[str], *, packages: Sequence[str] = ("numpy", "scipy")) -> str:
    """Return a page with the command that made it and the versions that it was made with."""
    command = " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]])
    versions = ", ".join(f"{name} {version(name)}" for name in ("emgorder", *packages))
    made = f"Made by `{command}` with Python {platform.python_version()}, {versions}; {os.cpu_count()} cores."
    return "\n\n".join([f"# {title}", made, *sections]) + "\n"


def publish(text: str, name: str, *, write: bool) -> None:
    """Print the page, and keep it where the documentation finds it."""
    print(text)
    if write:
        DOCS.mkdir(parents=True, exist_ok=True)
        (DOCS / f"{name}.md").write_text(text, encoding="utf-8")
