"""Calibration as pictures: what is stated against how often it happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from _accuracy.scores import BINS, capped_s
from emgorder.report.palette import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["coverage_plot", "error_plot", "reliability_plot", "save"]

COLOURS = (LIGHT.glute, LIGHT.hamstring, "#009E73", "#CC79A7", LIGHT.ink, "#E69F00", "#56B4E9")  # Okabe-Ito
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
SIZE_IN = (5.6, 4.6)
STATED = np.linspace(0.05, 0.95, 19)
SHOWN_MS = 100.0
FEWEST = 5  # lifts in a bin that is shown
Z_90 = 1.645


def coverage_plot(frames: Mapping[str, pd.DataFrame]) -> Figure:
    """Return a plot of how many truths lie in the central interval, against what it states."""
    figure, axes = _square("stated probability of the central interval, %", "truths inside, %")
    for k, (label, frame) in enumerate(frames.items()):
        at = frame["quantile"].dropna().to_numpy()
        inside = [np.mean(np.abs(2.0 * at - 1.0) <= share) for share in STATED]
        axes.plot(
            100.0 * STATED,
            100.0 * np.array(inside),
            color=COLOURS[k],
            marker=MARKERS[k],
            markersize=4,
            linewidth=1.2,
            label=f"{label} (n = {at.size})",
        )
    axes.legend(loc="upper left", frameon=False, fontsize=8)
    return figure


def reliability_plot(frames: Mapping[str, pd.DataFrame]) -> Figure:
    """Return a plot of how often the glute was earlier, against the stated probability that it was."""
    figure, axes = _square("stated probability that the glute is earlier, %", "lifts in which it was, %")
    for k, (label, frame) in enumerate(frames.items()):
        known = frame.dropna(subset=["p_glute_earlier"])
        p, happened = known["p_glute_earlier"].to_numpy(), known["glute_earlier"].to_numpy()
        bins = np.minimum((p * BINS).astype(np.intp), BINS - 1)
        n = np.bincount(bins, minlength=BINS)
        shown = n >= FEWEST
        stated, seen = (np.bincount(bins, x, BINS)[shown] / n[shown] for x in (p, happened))
        low, high = _wilson(seen, n[shown])
        axes.errorbar(
            100.0 * (stated + 0.004 * (k - 1)),
            100.0 * seen,
            yerr=100.0 * np.clip([seen - low, high - seen], 0.0, None),
            color=COLOURS[k],
            marker=MARKERS[k],
            markersize=4,
            linewidth=1.2,
            elinewidth=0.8,
            label=f"{label} (n = {p.size})",
        )
    axes.legend(loc="upper left", frameon=False, fontsize=8)
    return figure


def error_plot(frame: pd.DataFrame, methods: Sequence[str]) -> Figure:
    """Return a plot of the share of onsets within each distance of the reading, a line a method."""
    figure, axes = _axes("distance from the reading, ms", "onsets within it, %")
    for k, name in enumerate(methods):
        errors_ms = np.sort(1e3 * capped_s(frame[frame["method"] == name]).to_numpy())
        share = 100.0 * np.arange(1, errors_ms.size + 1) / errors_ms.size
        axes.step(errors_ms, share, where="post", color=COLOURS[k], linewidth=2.0 if k == 0 else 1.2, label=name)
    axes.set_xlim(0.0, SHOWN_MS)
    axes.set_ylim(0.0, 100.0)
    axes.legend(loc="lower right", frameon=False, fontsize=8)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a plot as SVG, the same bytes for the same figures."""
    import matplotlib as mpl

    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "emgorder", "svg.fonttype": "path"}):
        figure.savefig(path, metadata={"Date": None, "Creator": None})


def _square(xlabel: str, ylabel: str) -> tuple[Figure, Axes]:
    figure, axes = _axes(xlabel, ylabel)
    axes.plot([0.0, 100.0], [0.0, 100.0], color=LIGHT.muted, linewidth=0.8, linestyle="--")
    axes.set_xlim(0.0, 100.0)
    axes.set_ylim(0.0, 100.0)
    return figure, axes


def _axes(xlabel: str, ylabel: str) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_IN, layout="constrained", facecolor=LIGHT.card)
    axes = figure.add_subplot(facecolor=LIGHT.card)
    axes.grid(color=LIGHT.rule, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.set_xlabel(xlabel, color=LIGHT.ink)
    axes.set_ylabel(ylabel, color=LIGHT.ink)
    axes.tick_params(colors=LIGHT.muted)
    return figure, axes


def _wilson(share: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the 90 % interval of a share of `n` (Wilson 1927, 10.1080/01621459.1927.10502953)."""
    centre = (share + Z_90**2 / (2 * n)) / (1 + Z_90**2 / n)
    reach = Z_90 / (1 + Z_90**2 / n) * np.sqrt(share * (1 - share) / n + Z_90**2 / (4 * n**2))
    return centre - reach, centre + reach
