"""The result as a matplotlib figure, for notebooks and papers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from emgorder.report import texts as t
from emgorder.report.display import display_text
from emgorder.report.figures import difference_limits
from emgorder.report.palette import LIGHT
from emgorder.report.words import lift_verdict, verdict_words

if TYPE_CHECKING:
    from emgorder.analysis.result import SessionResult

__all__ = ["plot_result"]

_COLOURS = {
    "glute first": LIGHT.glute,
    "hamstring first": LIGHT.hamstring,
    "together": LIGHT.muted,
    "cannot tell": LIGHT.muted,
}
_ROW_IN, _HEAD_IN, _WIDTH_IN = 0.22, 1.5, 7.0


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
        figure.text(0.5, 0.5, t.NO_SIDES, ha="center", va="center")
        return figure
    low_s, high_s = difference_limits(result.lift_results, sides)
    panels = figure.subplots(1, len(sides), sharex=True, squeeze=False)[0]
    for axes, side, found in zip(panels, sides, lifts, strict=True):
        rope_ms = side.rope_s * 1e3
        axes.axvspan(-rope_ms, rope_ms, color=LIGHT.rope, lw=0)
        axes.axvline(0, color=LIGHT.rule, lw=1)
        for row, lift in enumerate(found):
            _lift(axes, lift, row)
        if math.isfinite(side.difference_s):
            _dot(axes, side.difference_s, side.low_s, side.high_s, len(found), LIGHT.ink, "D")
        axes.set_xlim(low_s * 1e3, high_s * 1e3)
        axes.set_ylim(len(found) + 0.8, -0.8)
        known = math.isfinite(side.difference_s)
        names = [*(str(lift.lift.number) for lift in found), *([t.PLOT_TYPICAL] if known else [])]
        axes.set_yticks(range(len(names)), names)
        axes.set_ylabel(t.COLUMN_LIFT.lower())
        words = verdict_words(side, task=result.settings.task)
        axes.set_title(f"{words.label}: {words.headline}" if words.label else words.headline, fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel(t.PLOT_DIFFERENCE, fontsize=10)
    figure.suptitle(display_text(result.name), fontsize=11)
    return figure


def _lift(axes: Any, lift: Any, row: int) -> None:
    if not math.isfinite(lift.order.difference_s):
        return
    order = lift.order
    shape = {"glute first": "o", "hamstring first": "s"}.get(lift_verdict(lift), "o")
    shade = _COLOURS[lift_verdict(lift)] if lift.valid else LIGHT.rule
    _dot(axes, order.difference_s, order.low_s, order.high_s, row, shade, shape if lift.valid else "x")


def _dot(axes: Any, value_s: float, low_s: float, high_s: float, row: int, shade: str, shape: str) -> None:
    if math.isfinite(low_s):
        axes.plot([low_s * 1e3, high_s * 1e3], [row, row], color=shade, lw=1.5, solid_capstyle="butt")
    axes.plot([value_s * 1e3], [row], shape, color=shade, ms=6)
