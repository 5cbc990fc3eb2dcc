"""Tidy tables of a session's result."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields

import pandas as pd

from emgorder.model import LiftResult, Posterior, Side, SideResult
from emgorder.order.activity import ActivityRatio, MuscleActivity
from emgorder.order.pairwise import OrderMatrix
from emgorder.order.reference import MvcReference

__all__ = [
    "activity_ratio_table",
    "activity_table",
    "lifts_table",
    "order_table",
    "orders_table",
    "pairwise_table",
    "summary_table",
]

_LIFTS = (
    "lift", "side", "target_muscle", "channel", "onset_s", "visible_s", "onset_low_s", "onset_high_s", "p_burst",
    "offset_s", "baseline_rms_uV", "snr_dB", "rms_uV", "unit", "onset_method", "valid", "reason",
    "hold_stop_s", "activity_rms_uV", "activity_arv_uV", "activity_peak_rms_uV", "percent_mvc",
)  # fmt: skip
_ORDER = (
    "lift", "side", "onset_difference_ms", "ci_low_ms", "ci_high_ms", "sd_ms", "p_glute_first", "p_together",
    "p_hamstring_first", "p_glute_earlier", "cue_s", "valid", "reason",
)  # fmt: skip
_SUMMARY = (
    "side", "verdict", "leaning", "p_glute_first", "p_together", "p_hamstring_first", "p_glute_earlier",
    "onset_difference_ms", "ci_low_ms", "ci_high_ms", "sd_ms", "n_lifts", "n_valid", "n_glute_first", "n_together",
    "n_hamstring_first", "between_lift_sd_ms", "more_lifts", "rope_ms", "sync_method", "sync_offset_ms", "sync_sd_ms",
    "glute", "hamstring", "reason",
)  # fmt: skip
_PAIRWISE = (
    "side", "first", "second", "n_lifts", "difference_ms", "ci_low_ms", "ci_high_ms", "p_first_earlier",
    "p_first_first", "p_together", "p_second_first",
)  # fmt: skip
_ORDERS = ("side", "order", "probability")
_ACTIVITY = (
    "side", "channel", "target_muscle", "percent_mvc", "low", "high", "n_lifts", "n_trials", "reason", "remark",
    "percent_reference",
)  # fmt: skip
_EARLIER_THAN = " < "


def lifts_table(
    results: Iterable[LiftResult], activities: Iterable[MuscleActivity] = (), references: Iterable[MvcReference] = ()
) -> pd.DataFrame:
    """Return a row per lift and muscle; amplitudes are µV, or the channel's own unit where ``unit`` is ``a.u.``.

    ``percent_mvc`` is NaN for lifts that do not count and where nothing can be compared.
    """
    comparable = {a.channel for a in activities if a.known}
    full = {r.channel: r.rms for r in references if r.channel in comparable}
    rows = [
        {
            "lift": r.lift.number,
            "side": r.lift.side,
            "target_muscle": m.target_muscle,
            "channel": m.channel,
            "onset_s": m.onset.time_s,
            "visible_s": m.onset.visible_s,
            "onset_low_s": m.onset.low_s,
            "onset_high_s": m.onset.high_s,
            "p_burst": m.onset.probability,
            "offset_s": m.onset.offset_s,
            "baseline_rms_uV": m.baseline_rms * (1e6 if m.unit == "V" else 1.0),
            "snr_dB": m.snr_dB,
            "rms_uV": m.rms * (1e6 if m.unit == "V" else 1.0),
            "unit": "uV" if m.unit == "V" else "a.u.",
            "onset_method": m.onset.method,
            "valid": r.valid,
            "reason": r.reason,
            "hold_stop_s": r.hold_stop_s,
            "activity_rms_uV": m.activity_rms * (1e6 if m.unit == "V" else 1.0),
            "activity_arv_uV": m.activity_arv * (1e6 if m.unit == "V" else 1.0),
            "activity_peak_rms_uV": m.activity_peak_rms * (1e6 if m.unit == "V" else 1.0),
            "percent_mvc": 100.0 * m.activity_rms / full.get(m.channel, math.nan) if r.valid else math.nan,
        }
        for r in results
        for m in r.muscles
    ]
    return pd.DataFrame(rows, columns=list(_LIFTS))


def order_table(results: Iterable[LiftResult]) -> pd.DataFrame:
    """Return a row per lift; ``onset_difference_ms`` is glute minus hamstring: positive means hamstring first."""
    rows = [
        {
            "lift": r.lift.number,
            "side": r.lift.side,
            "onset_difference_ms": r.order.difference_s * 1e3,
            "ci_low_ms": r.order.low_s * 1e3,
            "ci_high_ms": r.order.high_s * 1e3,
            "sd_ms": _sd_ms(r.order.posterior),
            "p_glute_first": r.order.p_glute_first,
            "p_together": r.order.p_together,
            "p_hamstring_first": r.order.p_hamstring_first,
            "p_glute_earlier": r.order.p_glute_earlier,
            "cue_s": r.lift.cue_s,
            "valid": r.valid,
            "reason": r.reason,
        }
        for r in results
    ]
    return pd.DataFrame(rows, columns=list(_ORDER))


def _sd_ms(posterior: Posterior | None) -> float:
    return math.nan if posterior is None else 1e3 * posterior.sd_s


def summary_table(sides: Iterable[SideResult]) -> pd.DataFrame:
    """Return a row per side."""
    rows = [
        {
            "side": s.side,
            "verdict": s.verdict,
            "leaning": s.leaning,
            "p_glute_first": s.p_glute_first,
            "p_together": s.p_together,
            "p_hamstring_first": s.p_hamstring_first,
            "p_glute_earlier": s.p_glute_earlier,
            "onset_difference_ms": s.difference_s * 1e3,
            "ci_low_ms": s.low_s * 1e3,
            "ci_high_ms": s.high_s * 1e3,
            "sd_ms": _sd_ms(s.posterior),
            "n_lifts": s.n_lifts,
            "n_valid": s.n_valid,
            "n_glute_first": s.n_glute_first,
            "n_together": s.n_together,
            "n_hamstring_first": s.n_hamstring_first,
            "between_lift_sd_ms": s.between_lift_sd_s * 1e3,
            "more_lifts": s.more_lifts,
            "rope_ms": s.rope_s * 1e3,
            "sync_method": s.sync.method,
            "sync_offset_ms": s.sync.offset_s * 1e3,
            "sync_sd_ms": s.sync.sd_s * 1e3,
            "glute": s.glute,
            "hamstring": s.hamstring,
            "reason": s.reason,
        }
        for s in sides
    ]
    return pd.DataFrame(rows, columns=list(_SUMMARY))


def pairwise_table(matrices: Mapping[Side, OrderMatrix]) -> pd.DataFrame:
    """Return a row per side and pair; ``difference_ms`` is first minus second: negative means the first was earlier."""
    rows = [
        {
            "side": side,
            "first": m.channels[i],
            "second": m.channels[j],
            "n_lifts": int(m.n_lifts[i, j]),
            "difference_ms": m.difference_s[i, j] * 1e3,
            "ci_low_ms": m.low_s[i, j] * 1e3,
            "ci_high_ms": m.high_s[i, j] * 1e3,
            "p_first_earlier": m.p_earlier[i, j],
            "p_first_first": m.p_first[i, j],
            "p_together": m.p_together[i, j],
            "p_second_first": m.p_first[j, i],
        }
        for side, m in matrices.items()
        for i, j in itertools.combinations(range(len(m.channels)), 2)
    ]
    return pd.DataFrame(rows, columns=list(_PAIRWISE))


def orders_table(matrices: Mapping[Side, OrderMatrix]) -> pd.DataFrame:
    """Return a row per side and whole order, the likeliest first; ``order`` reads ``BF_R < ES_R < GMAX_R``."""
    rows = [
        {"side": side, "order": _EARLIER_THAN.join(order), "probability": share}
        for side, m in matrices.items()
        for order, share in m.orders
    ]
    return pd.DataFrame(rows, columns=list(_ORDERS))


def activity_table(activities: Iterable[MuscleActivity]) -> pd.DataFrame:
    """Return a row per side and muscle: % of its full effort with a 90 % interval, or the reason why there is none."""
    return pd.DataFrame([{name: getattr(a, name) for name in _ACTIVITY} for a in activities], columns=list(_ACTIVITY))


def activity_ratio_table(ratios: Iterable[ActivityRatio]) -> pd.DataFrame:
    """Return a row per ratio of two shares of full efforts, of the channels ``first`` and ``second``."""
    names = [f.name for f in fields(ActivityRatio)]
    return pd.DataFrame([{name: getattr(r, name) for name in names} for r in ratios], columns=names)
