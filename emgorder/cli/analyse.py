"""``emgorder analyse``: a recording in, a verdict out."""

from __future__ import annotations

import argparse
from pathlib import Path

from emgorder.analysis import SessionResult
from emgorder.cli.console import add_analysis_options, add_mvc_option, analyse_file, exit_code, say
from emgorder.io import write_table
from emgorder.report.terminal import render_text

__all__ = ["register"]

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
    result = analyse_file(options, options.mvc)
    written = _write(result, options)  # before anything is printed: a reader that leaves must not cost a file
    say(render_text(result))
    for line in written:
        say(line)
    return exit_code(result)


def _write(result: SessionResult, options: argparse.Namespace) -> list[str]:
    lines = []
    if options.json:
        lines.append(f"Result: {result.to_json(options.json)}")
    if options.csv:
        extras = ("pairwise", "orders") if result.has_extras else ()
        activity = ("activity", "activity_ratio") if result.references else ()
        for kind in ("lifts", "order", "summary", *activity, *extras):
            path = options.csv.with_name(f"{options.csv.name}_{kind}.csv")
            lines.append(f"Table: {write_table(getattr(result, kind), path)}")
    if options.html:
        lines.append(f"Report: {result.to_html(options.html)}")
    return lines
