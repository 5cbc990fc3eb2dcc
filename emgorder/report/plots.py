"""The result as a matplotlib figure, for notebooks and papers."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

from emgorder.model import LiftResult
from emgorder.report import texts as t
from emgorder.report.display import display_text
from emgorder.report.figures import difference_limits
from emgorder.report.palette import LIGHT
from emgorder.report.words import lift_line, lift_verdict, verdict_words

if TYPE_CHECKING:
    from emgorder.analysis.result import SessionResult

__all__ = ["plot_result"]

_COLOURS = {
    "glute first": LIGHT.glute,
    "hamstring first": LIGHT.hamstring,
    "together": LIGHT.muted,
    "cannot tell": LIGHT.muted,
}
_SHAPES = {"glute first": "s", "hamstring first": "o", "together": "o"}  # as in the report
_ROW_IN, _HEAD_IN, _WIDTH_IN = 0.22, 1.7, 7.0
_MARGIN_IN = 0.8  # of a panel, for its axis
_LETTER_IN = 0.062  # of a small letter
_TITLE_LETTERS = 92  # of one line over the whole width
_SMALL = 8


def plot_result(result: SessionResult) -> Any:
    """Draw every lift at its difference with its 90 % interval, a panel a side, the ROPE as a band.

    Parameters
    ----------
    result : SessionResult
        Any, also without lifts.

    Returns
    -------
    matplotlib.figure.Figure
        Not shown and not known to pyplot: show it by returning it from a notebook's cell, save it with ``savefig``.
        Squares are lifts with the glute first, circles with the hamstring first, rings are together; an arrow at the
        edge is a lift beyond it, and a lift that does not count says why.

    Examples
    --------
    >>> import emgorder as eo
    >>> figure = plot_result(eo.analyse(eo.simulate_session(seed=1, n_lifts=5)))
    >>> figure.get_supxlabel()
    'onset difference, ms (glute minus hamstring)'
    """
    from matplotlib.figure import Figure

    sides = result.sides
    lifts = [[r for r in result.lift_results if len(sides) == 1 or r.lift.side == side.side] for side in sides]
    n_rows = max((len(found) for found in lifts), default=0)
    figure = Figure(figsize=(_WIDTH_IN, _HEAD_IN + _ROW_IN * (n_rows + 1)), layout="constrained")
    if not sides:
        figure.text(0.5, 0.5, t.NO_SIDES, ha="center", va="center", parse_math=False)
        return figure
    low_s, high_s = difference_limits(result.lift_results, sides)
    panels = figure.subplots(1, len(sides), sharex=True, squeeze=False)[0]
    for axes, side, found in zip(panels, sides, lifts, strict=True):
        rope_ms = side.rope_s * 1e3
        axes.axvspan(-rope_ms, rope_ms, color=LIGHT.rope, lw=0)
        axes.axvline(0, color=LIGHT.rule, lw=1)
        for row, lift in enumerate(found):
            _lift(axes, lift, row, (low_s, high_s), _WIDTH_IN / len(sides) - _MARGIN_IN)
        if math.isfinite(side.difference_s):
            _interval(axes, side.low_s, side.high_s, len(found), LIGHT.ink)
            _mark(axes, side.difference_s, len(found), LIGHT.ink, "D")
        axes.set_xlim(low_s * 1e3, high_s * 1e3)
        axes.set_ylim(len(found) + 0.8, -0.8)
        known = math.isfinite(side.difference_s)
        names = [*(str(lift.lift.number) for lift in found), *([t.PLOT_TYPICAL] if known else [])]
        axes.set_yticks(range(len(names)), names)
        axes.set_ylabel(t.COLUMN_LIFT.lower())
        words = verdict_words(side, task=result.settings.task)
        title = f"{words.label}: {words.headline}" if words.label else words.headline
        title = textwrap.fill(title, _TITLE_LETTERS // len(sides) - 4)
        axes.set_title(title, fontsize=10, pad=18, parse_math=False)
        for at, word, ink, anchor in (
            (0.0, t.DIRECTION_GLUTE, LIGHT.glute_text, "left"),
            (1.0, t.DIRECTION_HAMSTRING, LIGHT.hamstring_text, "right"),
        ):
            axes.text(at, 1.01, word, transform=axes.transAxes, ha=anchor, va="bottom", color=ink, fontsize=_SMALL)
        axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel(t.PLOT_DIFFERENCE, fontsize=10)
    figure.suptitle(display_text(result.name), fontsize=11, parse_math=False)
    return figure


def _lift(axes: Any, lift: LiftResult, row: int, limits_s: tuple[float, float], width_in: float) -> None:
    verdict, order, (low_s, high_s) = lift_verdict(lift), lift.order, limits_s
    if verdict == "cannot tell":
        _reason(axes, lift, row, limits_s, width_in)
        return
    ink = _COLOURS[verdict]
    _interval(axes, order.low_s, order.high_s, row, ink)
    if not low_s <= order.difference_s <= high_s:
        beyond = order.difference_s > 0
        _mark(axes, high_s if beyond else low_s, row, ink, ">" if beyond else "<", clip_on=False)
        return
    hollow = {"markerfacecolor": LIGHT.card, "markeredgewidth": 1.6} if verdict == "together" else {}
    _mark(axes, order.difference_s, row, ink, _SHAPES[verdict], **hollow)


def _reason(axes: Any, lift: LiftResult, row: int, limits_s: tuple[float, float], width_in: float) -> None:
    """Write why a lift does not count over the whole width, which is free in its row."""
    words = display_text(f"× {lift_line(lift).split(t.PART, 1)[1]}", int(width_in / _LETTER_IN))
    at_ms = 1e3 * sum(limits_s) / 2
    axes.text(at_ms, row, words, ha="center", va="center", color=LIGHT.muted, fontsize=_SMALL, parse_math=False)


def _interval(axes: Any, low_s: float, high_s: float, row: int, ink: str) -> None:
    if math.isfinite(low_s):
        axes.plot([low_s * 1e3, high_s * 1e3], [row, row], color=ink, lw=1.5, alpha=0.7, solid_capstyle="butt")


def _mark(axes: Any, value_s: float, row: int, ink: str, shape: str, **more: Any) -> None:
    axes.plot([value_s * 1e3], [row], shape, color=ink, ms=6, **more)
