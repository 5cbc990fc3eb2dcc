"""The command line itself: finds the command, runs it, turns errors into words and exit codes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from emgorder import __version__
from emgorder.cli import analyse, app, batch, demo, doctor, export, history, record, replay, report, scan
from emgorder.cli.console import DONE, NO_VERDICT, USAGE, say_aside
from emgorder.errors import EmgOrderError, SignalQualityError
from emgorder.report.display import display_text

__all__ = ["main", "make_parser"]

_COMMANDS = (demo, app, analyse, report, batch, history, scan, record, export, replay, doctor)
_ERROR_LIMIT = 4000  # characters


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; None takes those of the process.

    Returns
    -------
    int
        0 done, 1 no verdict possible from this data, 2 bad usage or input, 130 interrupted.
    """
    parser = make_parser()
    options = parser.parse_args(arguments)
    if options.run is None:
        parser.print_help()
        return USAGE
    try:
        return int(options.run(options))
    except SignalQualityError as error:
        return _fail(error, NO_VERDICT)
    except EmgOrderError as error:
        return _fail(error, USAGE)
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return 130
    except BrokenPipeError:
        # the reader of our output left (`emgorder ... | head`): not a fault; keep the interpreter from flushing again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _fail(error: EmgOrderError, code: int) -> int:
    say_aside(f"emgorder: {display_text(error, _ERROR_LIMIT)}")
    return code


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line; ``run`` of what it parses is the command, None without one."""
    parser = argparse.ArgumentParser(
        prog="emgorder",
        description="Which muscle fires first in a prone leg lift, and how sure are we?",
        epilog="Exit codes: 0 done, 1 no verdict possible from this data, 2 bad usage or input. "
        "Research and training tool. Not a diagnosis.",
    )
    parser.add_argument("--version", action="version", version=f"emgorder {__version__}")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    for command in _COMMANDS:
        command.register(commands)
    return parser
