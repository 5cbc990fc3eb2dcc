"""``emgorder report``: the page to hand over, from a recording or from a saved result."""

from __future__ import annotations

import argparse
from pathlib import Path

from emgorder.analysis import SessionResult, read_result
from emgorder.cli.console import add_analysis_options, add_mvc_option, analyse_file, exit_code, say
from emgorder.cli.outputs import refuse_overwriting
from emgorder.guided.stored import beside_of, load_cued
from emgorder.history import StoredTest, read_history, trends_with, visit_of
from emgorder.history.places import RESULT, is_test_folder, read_about
from emgorder.report.beside import Beside

__all__ = ["register"]


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "report",
        help="write the report of a recording or of a saved result",
        description="Write the report, one self-contained HTML page.",
        epilog="examples:\n  emgorder report session.csv -o report.html\n  emgorder report result.json -o report.html\n"
        "  emgorder report session.csv -o report.html --cued with_cue.csv --sessions results",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="recording, or RESULT.json from `emgorder analyse --json`"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="the page, for example report.html"
    )
    parser.add_argument("--cued", type=Path, metavar="FILE", help="the same person told to squeeze the buttock first")
    parser.add_argument(
        "--sessions", type=Path, metavar="DIR", help="folder of earlier results of this person: adds the follow-up"
    )
    parser.add_argument(
        "--exercise", action="append", default=[], metavar="TEXT", help="chosen exercise; may be given more than once"
    )
    add_mvc_option(parser)
    add_analysis_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    sources = (options.file, *options.mvc, *([options.cued] if options.cued else []))
    refuse_overwriting(sources, [("--output", options.output)])
    result = _result(options.file, options)
    cued = _result(options.cued, options) if options.cued else None
    trends = trends_with(read_history(options.sessions).visits, visit_of(result)) if options.sessions else ()
    given = Beside(cued, trends, tuple(options.exercise))
    kept = _of_test(options.file, result)
    beside = Beside(given.cued or kept.cued, given.trends or kept.trends, given.exercises or kept.exercises)
    say(f"Report: {result.to_html(options.output, beside)}")
    return exit_code(result)


def _result(path: Path, options: argparse.Namespace) -> SessionResult:
    return read_result(path) if path.suffix.lower() == ".json" else analyse_file(options, options.mvc, path=path)


def _of_test(path: Path, result: SessionResult) -> Beside:
    """Return what stands beside the result of a guided test; nothing for any other file."""
    folder = path.absolute().parent
    if path.name != RESULT or not is_test_folder(folder):
        return Beside()
    stored = StoredTest(folder.name, folder, read_about(folder))
    return beside_of(stored, result, load_cued(stored))
