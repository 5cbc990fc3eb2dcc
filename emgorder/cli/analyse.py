"""``emgorder analyse``: a recording in, a verdict out."""

from __future__ import annotations

import argparse
from pathlib import Path

from emgorder.analysis import SessionResult
from emgorder.cli.console import add_analysis_options, add_mvc_option, analyse_file, exit_code, say
from emgorder.cli.outputs import refuse_overwriting
from emgorder.io import write_table
from emgorder.report.terminal import render_text

__all__ = ["register"]

_OF_EFFORTS, _OF_EXTRAS = ("activity", "activity_ratio"), ("pairwise", "orders")
_TABLES = ("lifts", "order", "summary", *_OF_EFFORTS, *_OF_EXTRAS)

_EXAMPLE = """\
examples:
  emgorder analyse session.csv --html report.html
  emgorder analyse session.csv --mvc glute_mvc.csv --mvc hamstring_mvc.csv
  emgorder analyse walk.csv --muscles "GMAX=MA,BF=BF" --task cyclic
  emgorder analyse opensignals.txt --muscles "GMAX_R=A1,BF_R=A2"
  emgorder analyse lab.xdf --muscles "GMAX_R=Amp/1,BF_R=Amp/2"
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "analyse",
        help="who fired first in a recorded session",
        description="Find the lifts of a recording, their onsets, and who fired first.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="recording: CSV (with its JSON beside it if there is one), .emgj, .bdf, .edf, .xdf, .c3d, or a text file "
        "of OpenSignals, the OpenBCI GUI, Chords or Myo",
    )
    add_analysis_options(parser)
    add_mvc_option(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the whole result as JSON")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the report")
    parser.add_argument(
        "--csv",
        type=Path,
        metavar="STEM",
        help="write STEM_lifts.csv, STEM_order.csv, STEM_summary.csv (and _activity, _activity_ratio with full "
        "efforts, _pairwise, _orders with further muscles)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    refuse_overwriting((options.file, *options.mvc), _targets(options))
    result = analyse_file(options, options.mvc)
    written = _write(result, options)  # before anything is printed: a reader that leaves must not cost a file
    say(render_text(result))
    for line in written:
        say(line)
    return exit_code(result)


def _targets(options: argparse.Namespace) -> list[tuple[str, Path]]:
    """Return every file that the options may have written."""
    given = [(f"--{key}", getattr(options, key)) for key in ("json", "html") if getattr(options, key)]
    tables = [("--csv", _table_path(options.csv, kind)) for kind in _TABLES] if options.csv else []
    return [*given, *tables]


def _table_path(stem: Path, kind: str) -> Path:
    return stem.with_name(f"{stem.name}_{kind}.csv")


def _write(result: SessionResult, options: argparse.Namespace) -> list[str]:
    lines = []
    if options.json:
        lines.append(f"Result: {result.to_json(options.json)}")
    if options.csv:
        left_out = (() if result.has_extras else _OF_EXTRAS) + (() if result.references else _OF_EFFORTS)
        for kind in _TABLES:
            if kind not in left_out:
                lines.append(f"Table: {write_table(getattr(result, kind), _table_path(options.csv, kind))}")
    if options.html:
        lines.append(f"Report: {result.to_html(options.html)}")
    return lines
