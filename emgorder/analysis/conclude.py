"""The final result of a whole recording, computed in one place for live, replay and batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from emgorder.analysis.activity import CROSSTALK_LEFT
from emgorder.analysis.channels import Pair, choose_pairs
from emgorder.analysis.lifts import analyse_lift, reject_restless
from emgorder.analysis.mvc import find_references
from emgorder.analysis.onsets import find_onsets
from emgorder.analysis.prepare import (
    MIN_RATE_Hz,
    Prepared,
    prepare,
    thin_held_samples,
    with_true_rates,
    without_crosstalk,
    without_infinite,
)
from emgorder.analysis.refusals import refusal_of, with_cause_of_shortage
from emgorder.analysis.result import SessionResult
from emgorder.analysis.segment import (
    REST_BEFORE_S,
    SAME_MOMENT_S,
    event_sides,
    lifts_from_activity,
    lifts_from_events,
    standing_events,
    taken_back,
)
from emgorder.analysis.settings import Settings
from emgorder.conditioning.filters import has_lowpass
from emgorder.conditioning.quality import assess
from emgorder.conditioning.shared import shared_waveform
from emgorder.errors import RecordingError
from emgorder.model import Finding, Lift, LiftResult, Recording, SideResult
from emgorder.order.session import pool_side

__all__ = ["Progress", "conclude"]

MOST_SHARED = 0.3  # correlation of two waveforms, beyond which a tenth of the power is the other muscle's

Progress = Callable[[float, str], None]  # share done (0 to 1), what is being done


def conclude(
    recording: Recording, settings: Settings, progress: Progress | None = None, mvc: Sequence[Recording] = ()
) -> SessionResult:
    """Analyse a whole recording.

    Parameters
    ----------
    recording : Recording
        Raw signals, events and clock agreement.
    settings : Settings
        What to do.
    progress : callable, optional
        Called with the share done and what is being done.
    mvc : sequence of Recording
        Full efforts that were recorded apart.

    Raises
    ------
    RecordingError
        There is nothing to analyse: too short, too slow, or no glute and hamstring pair.
    """
    from emgorder import __version__

    say = progress or _silent
    _check(recording)
    recording, infinite = without_infinite(recording)
    say(0.0, "conditioning")
    pairs = choose_pairs(recording, settings, event_sides(recording.events))
    columns = tuple(dict.fromkeys(c for pair in pairs for c in pair.columns))
    rated = with_true_rates(recording, columns)
    thinned, notes = thin_held_samples(rated, columns)
    prepared = prepare(thinned, columns, settings)
    say(0.2, "finding lifts")
    lifts, more_notes = _find_lifts(thinned, prepared, pairs, settings)
    if any(lift.source == "event" for _, lift in lifts):  # a side that nobody asked for a lift has no verdict to give
        asked = {pair for pair, _ in lifts}
        pairs = tuple(pair for pair in pairs if pair in asked)
    if settings.crosstalk == "auto":
        prepared = _clean(thinned, prepared, pairs, lifts)
    say(0.4, f"onsets of {len(lifts)} lifts")
    found = find_onsets(thinned, prepared, lifts, settings)
    say(0.8, "who fired first")
    results = _without_taken_back(
        reject_restless(
            [
                analyse_lift(thinned, prepared, lift, pair, onsets, settings)
                for (pair, lift), onsets in zip(lifts, found, strict=True)
            ]
        ),
        recording,
    )
    references = find_references(thinned, prepared, settings, [without_infinite(effort)[0] for effort in mvc])
    conditioning = _conditioning(prepared, settings) | {
        CROSSTALK_LEFT: _crosstalk_left(thinned, prepared, pairs, results)
    }
    del prepared  # the checks look at the raw signals; with it they would need five times the data, without four
    say(0.9, "checking quality")
    quality = _quality(rated, columns, results)
    sides = tuple(_pool(recording, pair, results, quality, settings) for pair in pairs)
    say(1.0, "done")
    return SessionResult(
        lift_results=tuple(results),
        sides=sides,
        quality=quality,
        settings=settings,
        name=recording.name,
        duration_s=recording.duration_s,
        sampling_frequency=recording.sampling_frequency,
        channels=recording.channels,
        conditioning=conditioning,
        meta=dict(recording.meta),
        notes=(*recording.notes, *infinite, *notes, *more_notes),
        version=__version__,
        software=_software(),
        references=references,
    )


def _silent(share: float, what: str) -> None:
    """Say nothing."""


def _check(recording: Recording) -> None:
    if recording.n_samples == 0:
        raise RecordingError(f"{recording.name or 'the recording'} has no samples: is the file complete?")
    if recording.sampling_frequency < MIN_RATE_Hz:
        raise RecordingError(
            f"{recording.sampling_frequency:g} Hz is too slow for EMG onsets: record at 200 Hz or more, "
            "or give the right sampling_frequency"
        )


def _find_lifts(
    recording: Recording, prepared: Prepared, pairs: Sequence[Pair], settings: Settings
) -> tuple[list[tuple[Pair, Lift]], tuple[str, ...]]:
    from_events = lifts_from_events(recording.events, prepared.data.shape[0] / prepared.sampling_frequency)
    by_side = {pair.side: pair for pair in pairs}
    if from_events:
        known = [(by_side.get(x.side) or (pairs[0] if len(pairs) == 1 else None), x) for x in from_events]
        lost = sum(pair is None for pair, _ in known)
        notes = (f"{lost} lift events name a side without channels: left out",) if lost else ()
        return [(pair, lift) for pair, lift in known if pair is not None], notes
    found: list[tuple[Pair, Lift]] = []
    for pair in pairs:
        signals = np.column_stack([prepared.signal(pair.glute), prepared.signal(pair.hamstring)])
        lifts = lifts_from_activity(
            signals, prepared.sampling_frequency, settings, side=pair.side, events=recording.events
        )
        found += [(pair, lift) for lift in lifts]
    found.sort(key=lambda item: item[1].start_s)
    return [(pair, replace(lift, number=i + 1)) for i, (pair, lift) in enumerate(found)], ()


def _without_taken_back(results: Sequence[LiftResult], recording: Recording) -> list[LiftResult]:
    """Mark the lifts that whoever led the test took back: they keep their row and do not count."""
    undone = taken_back(recording.events)
    checked = []
    for result in results:
        lift = result.lift
        moment_s = lift.cue_s if math.isfinite(lift.cue_s) else lift.start_s + REST_BEFORE_S
        reasons = [reason for onset_s, reason in undone if abs(onset_s - moment_s) < SAME_MOMENT_S]
        checked.append(replace(result, valid=False, reason=reasons[0]) if reasons else result)
    return checked


def _clean(
    recording: Recording, prepared: Prepared, pairs: Sequence[Pair], lifts: Sequence[tuple[Pair, Lift]]
) -> Prepared:
    for pair in pairs:
        names = (recording.channels[pair.glute].label, recording.channels[pair.hamstring].label)
        mine = [lift for p, lift in lifts if p is pair]
        prepared = without_crosstalk(prepared, (pair.glute, pair.hamstring), mine, names)
    return prepared


def _crosstalk_left(
    recording: Recording, prepared: Prepared, pairs: Sequence[Pair], results: Sequence[LiftResult]
) -> list[str]:
    """Return the labels of channels whose waveforms are still alike while their muscles are active."""
    labels: list[str] = []
    for pair in pairs:
        both = [recording.channels[c].label for c in (pair.glute, pair.hamstring)]
        mine = [r for r in results if r.valid and [m.channel for m in r.muscles[:2]] == both]
        windows = [(min(m.onset.time_s for m in r.muscles[:2]), r.hold_stop_s) for r in mine]
        signals = prepared.signal(pair.glute), prepared.signal(pair.hamstring)
        if shared_waveform(*signals, prepared.sampling_frequency, windows) > MOST_SHARED:
            labels += both
    return labels


def _quality(recording: Recording, columns: Sequence[int], results: Sequence[LiftResult]) -> tuple[Finding, ...]:
    labels = {column: recording.channels[column].label for column in columns}
    first_s = [min((m.onset.time_s for m in r.muscles[:2] if m.onset.found), default=math.nan) for r in results]
    known = [(r, s) for r, s in zip(results, first_s, strict=True) if math.isfinite(s)]
    return assess(
        replace(recording, events=standing_events(recording.events)),
        rest_s=[(r.lift.start_s, s - 0.1) for r, s in known if s - 0.1 > r.lift.start_s],
        active_s={
            column: [
                (s, min(s + 1.0, r.lift.stop_s))
                for r, s in known
                if r.lift.stop_s > s and any(m.channel == label for m in r.muscles)
            ]
            for column, label in labels.items()
        },
        columns=columns,
    )


def _pool(
    recording: Recording,
    pair: Pair,
    results: Sequence[LiftResult],
    quality: Sequence[Finding],
    settings: Settings,
) -> SideResult:
    labels = {recording.channels[c].label for c in (pair.glute, pair.hamstring)}
    mine = [r for r in results if {m.channel for m in r.muscles[:2]} == labels and r.lift.side in (pair.side, "")]
    side = pool_side(
        mine,
        side=pair.side,
        rope_s=settings.rope_s,
        sync=recording.clock,
        glute=recording.channels[pair.glute].target_muscle,
        hamstring=recording.channels[pair.hamstring].target_muscle,
        refusal=refusal_of(recording, pair, quality),
    )
    return with_cause_of_shortage(side, mine, quality)


def _software() -> dict[str, str]:
    import platform

    import scipy

    return {"Python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__}


def _conditioning(prepared: Prepared, settings: Settings) -> dict[str, Any]:
    bounded = has_lowpass(prepared.sampling_frequency, settings.lowpass_Hz)
    return {
        "filter": f"causal 2nd-order Butterworth {'band' if bounded else 'high'}-pass",
        "highpass_Hz": settings.highpass_Hz,
        "lowpass_Hz": settings.lowpass_Hz if bounded else None,
        "notch_Hz": prepared.notch_Hz,
        "crosstalk": list(prepared.crosstalk),
        "sampling_frequency": prepared.sampling_frequency,
    }
