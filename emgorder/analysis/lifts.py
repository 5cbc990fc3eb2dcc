"""One lift: its onsets, its order, and whether it counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from emgorder.analysis.channels import Pair
from emgorder.analysis.prepare import Prepared
from emgorder.analysis.segment import split_trial_type
from emgorder.analysis.settings import Settings
from emgorder.analysis.traces import make_trace
from emgorder.model import FloatArray, Lift, LiftOrder, LiftResult, MuscleLift, Onset, Recording
from emgorder.muscles import MUSCLES
from emgorder.order.amplitude import hold_end, measure, noise_corrected, rms_between
from emgorder.order.lift import order_of

__all__ = ["analyse_lift", "reject_restless"]

BASELINE_S = 0.5  # rest that is measured, ending BASELINE_GAP_S before the onset
BASELINE_GAP_S = 0.1
ACTIVE_S = 1.0  # window of RMS and SNR, shared by the muscles, from the first onset
RESTLESS_RATIO = 3.0  # baseline this many times the session's median counts as not quiet ...
RESTLESS_SNR_DB = 6.0  # ... where the burst stands out by less than this
PRE_ACTIVATION_S = 0.25  # a rise this long before the burst makes the onset a matter of definition
PRE_ACTIVATION_RATIO = 2.5  # 8 dB: beyond the +-4 dB that real baselines wander
CLIPPED_SHARE = 0.05  # share of samples at the rails around an onset that makes its shape unknown
MAX_LAG_S = 0.8  # onsets further apart are not one movement: the latest glutes in the literature follow by 0.7 s


def analyse_lift(
    recording: Recording, prepared: Prepared, lift: Lift, pair: Pair, onsets: Sequence[Onset], settings: Settings
) -> LiftResult:
    """Compare glute and hamstring in one lift, measure both, and say whether the lift counts.

    Parameters
    ----------
    recording : Recording
        On the time base of `prepared`.
    prepared : Prepared
        Conditioned signals that hold the columns of `pair`.
    lift : Lift
        Where to look.
    pair : Pair
        Columns to compare.
    onsets : sequence of Onset
        Their onsets in this lift.
    settings : Settings
        ROPE.

    Returns
    -------
    LiftResult
        Times count from the first sample of the recording. An invalid lift says why.
    """
    first_s = min((o.time_s for o in onsets[:2] if o.found), default=math.nan)
    compared = [prepared.signal(column) for column in (pair.glute, pair.hamstring)]
    moved_s = _movement_s(recording, lift, first_s)
    hold_stop_s = hold_end(compared, prepared.sampling_frequency, moved_s, lift.stop_s)
    muscles = tuple(
        _measure(recording, prepared, column, onset, lift, first_s, (moved_s, hold_stop_s))
        for column, onset in zip(pair.columns, onsets, strict=True)
    )
    order = order_of(onsets[0], onsets[1], clock=recording.clock, rope_s=settings.rope_s)
    reason = _why_invalid(recording, prepared, lift, pair, onsets[:2], order)
    return LiftResult(lift, muscles, order, valid=not reason, reason=reason, hold_stop_s=hold_stop_s)


def reject_restless(results: Sequence[LiftResult]) -> list[LiftResult]:
    """Mark the lifts whose baseline is far above what this session's baselines usually are."""
    usual = {
        label: float(np.nanmedian([m.baseline_rms for m in found]))
        for label in {m.channel for r in results for m in r.muscles[:2]}
        if (found := [m for r in results for m in r.muscles if m.channel == label and np.isfinite(m.baseline_rms)])
    }
    checked = []
    for result in results:
        restless = [
            m
            for m in result.muscles[:2]
            if m.baseline_rms > RESTLESS_RATIO * usual.get(m.channel, math.inf) and not m.snr_dB > RESTLESS_SNR_DB
        ]
        if result.valid and restless:
            reason = f"baseline not quiet: {_plain(restless[0].target_muscle)}"
            result = replace(result, valid=False, reason=reason)
        checked.append(result)
    return checked


def _measure(
    recording: Recording,
    prepared: Prepared,
    column: int,
    onset: Onset,
    lift: Lift,
    first_s: float,
    held_s: tuple[float, float],
) -> MuscleLift:
    channel = recording.channels[column]
    signal, fs = prepared.signal(column), prepared.sampling_frequency
    baseline = active = math.nan
    if onset.found:
        rest_stop_s = onset.time_s - BASELINE_GAP_S
        baseline = rms_between(signal, fs, max(lift.start_s, rest_stop_s - BASELINE_S), rest_stop_s)
        active = rms_between(signal, fs, first_s, first_s + ACTIVE_S)
    added = noise_corrected(active, baseline)
    snr_dB = 20.0 * math.log10(added / baseline) if baseline > 0 and added > 0 else math.nan
    amplitude = measure(signal, fs, *held_s, baseline_rms=baseline)
    centre_s = first_s if math.isfinite(first_s) else 0.5 * (lift.start_s + lift.stop_s)
    return MuscleLift(
        channel.label,
        channel.target_muscle,
        channel.unit,
        onset,
        baseline,
        active,
        snr_dB,
        make_trace(signal, fs, centre_s),
        activity_rms=amplitude.rms,
        activity_arv=amplitude.arv,
        activity_peak_rms=amplitude.peak_rms,
    )


def _movement_s(recording: Recording, lift: Lift, first_s: float) -> float:
    """Return when the leg began to move where a ``movement`` event tells it, else the first onset."""
    if not math.isfinite(first_s):
        return math.nan
    onsets_s = recording.events["onset"].to_numpy(dtype=np.float64)
    inside = np.flatnonzero((onsets_s >= lift.start_s) & (onsets_s < lift.stop_s))
    for row in inside.tolist():
        kind, side = split_trial_type(str(recording.events["trial_type"].iat[row]))
        if kind == "movement" and side in ("", lift.side):
            return float(onsets_s[row])
    return first_s


def _why_invalid(
    recording: Recording, prepared: Prepared, lift: Lift, pair: Pair, onsets: Sequence[Onset], order: LiftOrder
) -> str:
    columns = (pair.glute, pair.hamstring)
    for column, onset in zip(columns, onsets, strict=True):
        if not onset.found:
            return f"{_plain(recording.channels[column].target_muscle)}: {onset.reason}"
    if any(onset.time_s < lift.cue_s for onset in onsets):
        return "moved before the tone"
    if abs(order.difference_s) > MAX_LAG_S:
        return f"onsets {abs(order.difference_s):.1f} s apart: not one movement"
    for column, onset in zip(columns, onsets, strict=True):
        plain = _plain(recording.channels[column].target_muscle)
        if _clipped(recording.data[:, column], prepared.rails_of(column), prepared.sampling_frequency, onset.time_s):
            return f"{plain}: clipped at the onset"
        if _pre_activated(prepared.signal(column), prepared.sampling_frequency, lift.start_s, onset.time_s):
            return f"{plain}: slow rise before the burst (pre-activation)"
    return ""


def _clipped(raw: FloatArray, rails: tuple[float, float], fs: float, onset_s: float) -> bool:
    around = raw[max(0, int((onset_s - 0.05) * fs)) : int((onset_s + 0.15) * fs)]
    lowest, highest = rails
    at_rail = (around >= highest) | (around <= lowest)
    return bool(around.size and at_rail.mean() > CLIPPED_SHARE)


def _pre_activated(signal: FloatArray, fs: float, start_s: float, onset_s: float) -> bool:
    rise_from_s = onset_s - 0.05 - PRE_ACTIVATION_S
    block = int(PRE_ACTIVATION_S * fs)
    rest = signal[int(start_s * fs) : max(0, int(rise_from_s * fs))]
    n_blocks = rest.size // block if block else 0
    if not n_blocks:
        return False
    blocks = rest[rest.size - n_blocks * block :].reshape(n_blocks, block) ** 2
    blocks = blocks[~np.isnan(blocks).all(axis=1)]  # a gap tells nothing of rest
    if not len(blocks):
        return False
    power = np.nanmean(blocks, axis=1)
    rise = rms_between(signal, fs, rise_from_s, onset_s - 0.05)
    return bool(rise > PRE_ACTIVATION_RATIO * math.sqrt(float(np.median(power))))


def _plain(code: str) -> str:
    return MUSCLES[code].plain if code in MUSCLES else code
