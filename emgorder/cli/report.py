"""``emgorder report``: the page to hand over, from a recording or from a saved result."""

from __future__ import annotations

import argparse
from pathlib import Path

from emgorder.analysis import read_result
from emgorder.cli.console import add_analysis_options, analyse_file, exit_code, say

__all__ = ["register"]


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "report",
        help="write the report of a recording or of a saved result",
        description="Write the report, one self-contained HTML page.",
        epilog="examples:\n  emgorder report session.csv -o report.html\n  emgorder report result.json -o report.html",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="recording, or RESULT.json from `emgorder analyse --json`"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="the page, for example report.html"
    )
    add_analysis_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    saved = options.file.suffix.lower() == ".json"
    result = read_result(options.file) if saved else analyse_file(options)
    say(f"Report: {result.to_html(options.output)}")
    return exit_code(result)
