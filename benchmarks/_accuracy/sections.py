"""The sections of the result page: what was asked, how, and the tables that answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
from _table import markdown

from _accuracy import order, scores
from _accuracy.scores import CAP_S
from _accuracy.sessions import ROPE_S
from _accuracy.tables import (
    BIAS,
    COVER_50,
    COVER_90,
    LOG_SCORE,
    MAE,
    MEDIAN,
    WIDTH,
    WITHHELD,
    Column,
    Measure,
    by_level,
    level_table,
    method_table,
    share_of,
)
from emgorder.onset.registry import DEFAULT_METHOD

__all__ = [
    "HOW_TO_READ",
    "MAE_OF_MEDIAN",
    "ORDER_RIGHT",
    "gap_section",
    "order_section",
    "picture_section",
    "readings_section",
    "session_section",
    "simulated_section",
]

FAR_S = ROPE_S  # a time further off than this would give a wrong order of what counts as together

HOW_TO_READ = f"""\
Every method is shown the same: the same causal band-pass, the same rest before the burst, the same handling of lost
samples. `posterior` is this package's default, `hmm` its half without the network; `analyse` is the whole analysis with
the default, or with the method that is named. All others are published methods, as implemented in this package's
registry, in NeuroKit2 or in BioSPPy; the best of them in each column is **bold**.

MAE is the mean absolute error with each error counted as {1e3 * CAP_S:.0f} ms at most; a time that is withheld counts
as {1e3 * CAP_S:.0f} ms. Bias is positive where the time is late. ± is one standard error (bursts of one recording, and
pairs that share a burst, are not taken as independent). The log score is the mean of ln of the density (1/s) at the
truth: higher is better; intervals and log scores are of the times that were given. Methods without a density have a
dash.

Simulations know the *true* onset, the first excitation; readers mark the first *visible* activity, which in a slow rise
out of noise is later. The two kinds of truth are kept apart below."""

FACTORS = (
    ("snr_dB", "signal-to-noise ratio", 1.0, " dB"),
    ("ramp_s", "ramp", 1e3, " ms"),
    ("shape", "shape of the ramp", 1.0, ""),
    ("rate_Hz", "sampling frequency", 1.0, " Hz"),
)
INTERVALS = (MAE, MEDIAN, BIAS, COVER_90, COVER_50, WIDTH, LOG_SCORE, WITHHELD)


def simulated_section(frame: pd.DataFrame) -> str:
    """Return the tables of simulated bursts: quiet rests, the mixed set, each factor of the grid, each disturbance."""
    quiet, mixed, grid, disturbed = (frame[frame["part"] == part] for part in ("quiet", "mixed", "grid", "disturbed"))
    parts = [
        "## Simulated bursts: the true onset",
        f"### Quiet rest\n\n3-20 dB, smooth ramps of 0-200 ms in four shapes, three kinds of carrier, 1 kHz, a rest of "
        f"constant strength: what onset detectors are usually tested on; n = {_n(quiet)}.",
        method_table(quiet, INTERVALS),
        f"### Mixed set\n\nEverything drawn at random: 3-20 dB, ramps of 0-200 ms, {_n_levels(grid, 'shape')} shapes, "
        f"three kinds of carrier, 200-2000 Hz, wandering rests, strays, and each of seven disturbances (mains, heart "
        f"beats, movement, drift, coarse steps, lost packets, a tense rest) in a quarter of the bursts; "
        f"n = {_n(mixed)}.",
        method_table(mixed, INTERVALS),
        f"### Grid\n\nEach cell of {' x '.join(name for _, name, _, _ in FACTORS)}, without disturbances; "
        f"n = {_n(grid)}. Each factor with all others balanced:",
    ]
    for factor, name, scale, unit in FACTORS:
        table = method_table(grid, [MAE, *by_level(grid, factor, scale=scale, unit=unit)])
        parts.append(_folded(f"MAE (ms) by {name}", table))
    parts += [
        "### One disturbance at a time\n\n6-20 dB, ramps of 0-200 ms, 1 kHz; the same bursts each time, "
        f"n = {_n(disturbed) // _n_levels(disturbed, 'setting')} each. MAE, ms:",
        method_table(disturbed, by_level(disturbed, "setting")),
    ]
    ours = (grid["method"] == DEFAULT_METHOD, disturbed["method"] == DEFAULT_METHOD)
    parts += [
        f"### `{DEFAULT_METHOD}` in detail\n\nThe grid by each factor, then one disturbance at a time:",
        level_table(grid[ours[0]], FACTORS, INTERVALS),
        level_table(disturbed[ours[1]], [("setting", "disturbance", 1.0, "")], INTERVALS),
        "Strength against ramp: MAE, ms / bias, ms / truths in the 90 % interval, %; "
        f"n = {_n(grid) // (_n_levels(grid, 'snr_dB') * _n_levels(grid, 'ramp_s'))} a cell:",
        _cells(grid[ours[0]]),
    ]
    return "\n\n".join(parts)


def gap_section(frame: pd.DataFrame) -> str:
    """Return the table of bursts with lost samples at and near the onset."""
    columns: list[Column] = []
    for place in frame["setting"].drop_duplicates():
        columns += [
            Column(f"{place}: withheld, %", _within(place, scores.withheld), scale=100.0),
            Column(f"{place}: > {1e3 * FAR_S:.0f} ms off, %", _within(place, _far), scale=100.0, best="low"),
            Column(f"{place}: outside 90 % interval, %", _within(place, _missed), scale=100.0),
        ]
    n = _n(frame) // _n_levels(frame, "setting")
    return "\n\n".join(
        [
            f"### Lost samples\n\nA gap of 50 ms in bursts of 10-20 dB with ramps of 0-100 ms, n = {n} for each place. "
            "All times that are given are stated without doubt by methods without an interval; those with one err "
            "with confidence where the truth is outside it. Shares of all bursts.",
            method_table(frame, columns, order_by=1),
        ]
    )


def readings_section(frame: pd.DataFrame, no_folds: str) -> str:
    """Return the tables of hand-read bursts; `no_folds` says why there are none out of fold."""
    head = (
        "## Hand-read bursts: the visible onset\n\n"
        "Bursts of public recordings whose onset two people read by eye, blind to any method, and agreed on within "
        "15 ms. The thresholds of the published methods and the constants of the default one were chosen with these "
        "bursts in view: the figures compare methods, they are not those of unseen data. "
    )
    if not len(frame):
        return head + "Not run: `EMGORDER_DATA` names no folder of recordings."
    unseen = "“Out of fold” is the default method with a network that was trained without the set it is asked about"
    parts = [head + (f"{unseen}: not run, {no_folds}." if no_folds else f"{unseen}.")]
    for window, rows in frame.groupby("window", sort=False):
        parts += [f"### Windows {window}, n = {_n(rows)}", method_table(rows, INTERVALS)]
    for window, rows in frame.groupby("window", sort=False):
        table = method_table(rows, [MAE, *by_level(rows, "source")])
        parts.append(_folded(f"MAE (ms) by source, windows {window}", table))
    for window, rows in frame[frame["method"] == DEFAULT_METHOD].groupby("window", sort=False):
        table = level_table(rows, [("source", "source", 1.0, "")], INTERVALS)
        parts += [f"`{DEFAULT_METHOD}`, windows {window}:", table]
    return "\n\n".join(parts)


ORDER_RIGHT = share_of("order right, %", "right", best="high", with_error=True)
ORDER_COLUMNS = (
    ORDER_RIGHT,
    MAE,
    BIAS,
    COVER_90,
    WIDTH,
    Column("Brier score", scores.brier, show=".3f", scale=1.0),
    Column("calibration error", scores.calibration_error, show=".3f", scale=1.0),
    Column("least possible", scores.least_calibration_error, show=".3f", scale=1.0),
    WITHHELD,
)
ORDER_PARTS = {
    order.EQUAL_QUIET: "Both muscles with the same strength (6-20 dB), ramp (0-200 ms) out of a rest of constant "
    "strength, in sessions of ten lifts. `analyse` sees the session, the others each lift alone.",
    order.UNEQUAL_QUIET: "The same with a glute of 6-15 dB and ramps of 50-200 ms, and a hamstring of 10-20 dB and "
    "0-100 ms.",
    order.EQUAL: "Both muscles with the same strength (6-20 dB), ramp (0-200 ms) out of like noise: errors cancel.",
    order.UNEQUAL: "Glute 6-15 dB with ramps of 50-200 ms, hamstring 10-20 dB with ramps of 0-100 ms, as under fat: "
    "what is seen late is the glute.",
    order.READ: "All pairs of hand-read bursts of one source (windows as given), one of them shifted so that the "
    "readings differ by 10-80 ms.",
}


def order_section(frame: pd.DataFrame) -> str:
    """Return the tables of single lifts."""
    parts = [
        "## Who fired first, in one lift\n\n"
        "The true difference (glute minus hamstring) is 10-80 ms, either muscle first. A lift in which a time is "
        "withheld counts as half right. Brier score and calibration error are of the probability that the glute is "
        "earlier; the error that a perfect forecaster would have with as many lifts stands beside it."
    ]
    for part, words in ORDER_PARTS.items():
        rows = frame[frame["part"] == part]
        if len(rows):
            parts += [f"### {part.capitalize()}, n = {_n(rows)}\n\n{words}", method_table(rows, ORDER_COLUMNS)]
    return "\n\n".join(parts)


PICTURES = {
    "accuracy_coverage.svg": "Central intervals of the default method: how many truths they hold against what they "
    "state. Above the diagonal the method is more careful than it needs to be.",
    "accuracy_order.svg": "Probability that the glute is earlier, and how often it was. Bars are 90 % "
    "intervals as if lifts were independent; pairs of readings share bursts, so theirs are too short.",
    "accuracy_errors.svg": "Hand-read bursts: onsets within a distance of the reading, for the default method and the "
    "published ones with the smallest mean error.",
}
MAE_OF_MEDIAN = MAE.of("median_error_s", "MAE of the median, ms")
SESSION_COLUMNS = (
    MAE,
    MAE_OF_MEDIAN,
    BIAS,
    COVER_90,
    WIDTH,
    share_of("right, %", "right", with_error=True),
    Column("wrong, %", lambda frame: float((frame["given"] - frame["right"]).mean()), scale=100.0),
    Column("cannot tell, %", lambda frame: float(1.0 - frame["given"].mean()), scale=100.0),
    Column(
        "right of those given, %",
        lambda frame: float(frame["right"].sum() / max(frame["given"].sum(), 1.0)),
        scale=100.0,
        best="high",
    ),
    share_of("turned round, %", "reversed"),
)


def session_section(frame: pd.DataFrame) -> str:
    """Return the tables of sessions."""
    parts = [
        "## Who fired first, over a session\n\n"
        "Simulated people in all published ways of doing the test, each with strengths, ramps, lift-to-lift spread, "
        "odd and missing lifts of their own; the truth is the person's mean difference. `analyse` is the package end "
        "to end; the other methods get the usual mean of the lifts' differences ± 1.645 standard errors, on the same "
        "lifts; how far their median is off, which odd lifts do not move, stands beside it. "
        f"All give a verdict where one order (with ± {1e3 * ROPE_S:.0f} ms as together) has 90 % and both "
        "muscles have a time in five lifts. A direction is wrong where the truth is together, and turned round where "
        "the truth is the other one."
    ]
    for n_lifts, rows in frame.groupby("n_lifts"):
        parts += [f"### {n_lifts} lifts, n = {_n(rows)} sessions", method_table(rows, SESSION_COLUMNS)]
    return "\n\n".join(parts)


def picture_section(names: Sequence[str]) -> str:
    """Return the pictures that go with the page."""
    return "\n\n".join(
        ["## Calibration", *(f"![{PICTURES[name]}](images/{name})\n\n{PICTURES[name]}" for name in names)]
    )


def _folded(title: str, table: str) -> str:
    """Return a table that a reader opens."""
    return f"<details><summary>{title}</summary>\n\n{table}\n\n</details>"


def _cells(frame: pd.DataFrame) -> str:
    """Return a table of strength against ramp."""
    ramps_s = sorted(frame["ramp_s"].unique())
    rows = [
        [f"{snr_dB:g} dB", *(_cell(line[line["ramp_s"] == ramp_s]) for ramp_s in ramps_s)]
        for snr_dB, line in frame.groupby("snr_dB")
    ]
    return markdown(["", *(f"ramp {1e3 * ramp_s:g} ms" for ramp_s in ramps_s)], rows)


def _cell(frame: pd.DataFrame) -> str:
    return " / ".join(column.text(frame) for column in (replace(MAE, error=None), BIAS, COVER_90))


def _within(place: str, measure: Measure) -> Measure:
    return lambda rows: measure(rows[rows["setting"] == place])


def _far(frame: pd.DataFrame) -> float:
    return float((frame["error_s"].abs() > FAR_S).mean())


def _missed(frame: pd.DataFrame) -> float:
    if frame["quantile"].isna().all():
        return float("nan")
    return float(((2.0 * frame["quantile"] - 1.0).abs() > 0.9).mean())


def _n(frame: pd.DataFrame) -> int:
    return int(frame["method"].value_counts().max()) if len(frame) else 0


def _n_levels(frame: pd.DataFrame, factor: str) -> int:
    return int(frame[factor].nunique())
