"""``emgorder replay``: a recording through the live engine, as if it happened now."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from emgorder.analysis import AnalysisEvent, LiftFinished, LiftStarted, SessionAnalyser
from emgorder.analysis.segment import lifts_from_events
from emgorder.cli.console import add_analysis_options, exit_code, quiet_warnings, read_as_asked, say, settings_from
from emgorder.errors import SettingsError
from emgorder.report.display import display_text
from emgorder.report.terminal import render_text
from emgorder.report.words import lift_line, lift_verdict

__all__ = ["register"]

_BLOCK_S = 0.05
_SLOWEST = 0.01
_SIDES = {"R": "right", "L": "left", "": ""}


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "replay",
        help="play a recording through the live analysis",
        description="Play a recording or a journal through the live analysis, saying what it says as it happens.",
        epilog="examples:\n  emgorder replay session.emgj\n  emgorder replay session.csv --fast",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="journal or recording")
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument("--speed", type=float, default=1.0, metavar="N", help="times as fast as it was (1)")
    pace.add_argument("--fast", action="store_true", help="as fast as it goes")
    add_analysis_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    if not options.speed >= _SLOWEST:
        raise SettingsError(f"{options.speed:g}: give a number of at least {_SLOWEST:g}", key="--speed")
    with quiet_warnings():
        recording = read_as_asked(options.file, options)
    fs = recording.sampling_frequency
    marked = bool(lifts_from_events(recording.events, recording.duration_s))
    analyser = SessionAnalyser(recording.channels, fs, settings_from(options), clock=recording.clock, marked=marked)
    events = recording.events.sort_values("onset", kind="stable")
    marks = list(zip(events["onset"], events["trial_type"], events["duration"], strict=True))
    block = max(1, round(_BLOCK_S * fs))
    began_s = time.monotonic()
    for start in range(0, recording.n_samples, block):
        now_s = min(start + block, recording.n_samples) / fs
        if not options.fast:
            time.sleep(max(0.0, began_s + now_s / options.speed - time.monotonic()))
        while marks and marks[0][0] <= now_s:
            onset_s, name, length_s = marks.pop(0)
            analyser.mark(float(onset_s), str(name), float(length_s))
            say(f"{onset_s:8.2f} s  {display_text(name)}")
        for event in analyser.push(recording.data[start : start + block]):
            say(f"{event.time_s:8.2f} s  {_words(event)}")
    result = analyser.finish(recording)
    say("")
    say(render_text(result))
    return exit_code(result)


def _words(event: AnalysisEvent) -> str:
    if isinstance(event, LiftStarted):
        side = _SIDES[event.lift.side]
        return f"lift {event.lift.number} begins" + (f" ({side})" if side else "")
    if isinstance(event, LiftFinished):
        return f"result: {lift_line(event.result)}"
    number = event.result.lift.number
    if event.withdrawn:
        return f"lift {number} was none: {event.result.reason or 'the activity did not go on'}"
    order = event.result.order
    chance = max(order.p_glute_first, order.p_together, order.p_hamstring_first)
    sure = f" ({chance:.0%})" if chance == chance else ""
    return f"lift {number}, {event.stage}: {lift_verdict(event.result)}{sure}"
