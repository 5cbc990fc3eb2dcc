"""Where the lifts are: from cues and events where there are any, else from the activity of either muscle."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from emgorder.analysis.settings import Settings
from emgorder.model import FloatArray, Lift, Side
from emgorder.onset.bursts import find_bursts

__all__ = [
    "event_sides",
    "lifts_from_activity",
    "lifts_from_events",
    "other_span",
    "split_trial_type",
    "standing_events",
    "taken_back",
]

REST_BEFORE_S = 2.0  # baseline shown to the onset detectors before a cue or a group of bursts
CYCLIC_BEFORE_S = 0.6  # the same in gait, where the muscles rest for less than a cycle
AFTER_CUE_S = 3.5  # reaction, lift and hold: the latest glute onsets in the literature are 0.6 s after the hamstring's
AFTER_START_S = 2.0  # the same, counted from the first burst
LIFT_EVENTS = ("lift", "cue")
_OTHER_S = {
    "tap": 1.0,
    "contact": 5.0,
    "mvc": 6.0,
    "submax": 6.0,
    "practice": 6.0,
    "baseline": 0.0,
}  # assumed length of unsized events
_EFFORTS = ("contact", "mvc", "submax")
SAME_MOMENT_S = 0.02  # an ``undo`` event names the lift or the effort that it takes back by its moment
MARKER_REACH_S = 4.0  # a lift marker this soon after a cue belongs to that cue


def split_trial_type(trial_type: str) -> tuple[str, Side]:
    """Split an event name such as ``lift/R`` into its kind and its side.

    Examples
    --------
    >>> split_trial_type("cue/L"), split_trial_type("tap")
    (('cue', 'L'), ('tap', ''))
    """
    kind, _, rest = trial_type.strip().partition("/")
    side = rest.strip().upper()[:1]
    return kind.strip().lower(), "R" if side == "R" else "L" if side == "L" else ""


def event_sides(events: pd.DataFrame) -> frozenset[Side]:
    """Return the sides that lift and cue events name."""
    named = (split_trial_type(str(t)) for t in events["trial_type"])
    return frozenset(side for kind, side in named if kind in LIFT_EVENTS)


def lifts_from_events(events: pd.DataFrame, duration_s: float) -> list[Lift]:
    """Return a lift for each cue, and for each lift event that no cue announces.

    Parameters
    ----------
    events : DataFrame
        ``onset``, ``duration`` (s) and ``trial_type``.
    duration_s : float
        Length of the recording: windows end there.
    """
    rows = sorted(
        (float(onset), max(0.0, float(length)) if math.isfinite(length) else 0.0, *split_trial_type(str(name)))
        for onset, length, name in zip(events["onset"], events["duration"], events["trial_type"], strict=True)
        if 0.0 <= onset < duration_s
    )
    cues = [r for r in rows if r[2] == "cue"]
    markers = [r for r in rows if r[2] == "lift" and not any(0 <= r[0] - c[0] < MARKER_REACH_S for c in cues)]
    starts = sorted(cues + markers)
    lifts: list[Lift] = []
    for i, (onset_s, length_s, kind, side) in enumerate(starts):
        next_s = starts[i + 1][0] if i + 1 < len(starts) else math.inf
        previous_s = starts[i - 1][0] if i else -math.inf
        lifts.append(
            Lift(
                number=i + 1,
                side=side,
                start_s=max(0.0, onset_s - REST_BEFORE_S, previous_s + 0.5),
                stop_s=min(duration_s, onset_s + max(length_s, AFTER_CUE_S), next_s),
                cue_s=onset_s if kind == "cue" else math.nan,
                source="event",
            )
        )
    return lifts


def taken_back(events: pd.DataFrame) -> list[tuple[float, str]]:
    """Return the moments of the lifts that were taken back, s, each with the reason that was given.

    Examples
    --------
    >>> taken_back(pd.DataFrame({"onset": [4.0], "duration": [0.0], "trial_type": ["undo/R"]}))
    [(4.0, 'taken back')]
    """
    said = events["description"] if "description" in events else pd.Series("", index=events.index)
    return [
        (float(onset), str(text).strip() if isinstance(text, str) and text.strip() else "taken back")
        for onset, name, text in zip(events["onset"], events["trial_type"], said, strict=True)
        if split_trial_type(str(name))[0] == "undo"
    ]


def standing_events(events: pd.DataFrame) -> pd.DataFrame:
    """Return the events without the efforts of a muscle that were taken back at their moment: broken off, for example.

    Examples
    --------
    >>> names = ["mvc/BF_R", "mvc/GMAX_R", "undo/GMAX_R"]
    >>> list(standing_events(pd.DataFrame({"onset": [1.0, 9.0, 9.0], "trial_type": names}))["trial_type"])
    ['mvc/BF_R', 'undo/GMAX_R']
    """
    names = [str(name).strip().partition("/") for name in events["trial_type"]]
    rows = [(float(onset), kind.lower(), what) for onset, (kind, _, what) in zip(events["onset"], names, strict=True)]
    undone = [(onset_s, what) for onset_s, kind, what in rows if kind == "undo"]
    stands = [
        kind not in _EFFORTS
        or not any(what == about and abs(onset_s - moment_s) < SAME_MOMENT_S for moment_s, about in undone)
        for onset_s, kind, what in rows
    ]
    return events.iloc[[row for row, counts in enumerate(stands) if counts]]


def lifts_from_activity(
    signals: FloatArray,
    sampling_frequency: float,
    settings: Settings,
    *,
    side: Side = "",
    events: pd.DataFrame | None = None,
) -> list[Lift]:
    """Return a lift for each group of bursts with rest before it.

    Parameters
    ----------
    signals : ndarray, shape (n_samples, n_muscles)
        Conditioned signals of the compared muscles.
    sampling_frequency : float
        Hz.
    settings : Settings
        ``rest_s`` separates groups.
    side : {"R", "L", ""}
        Side of the lifts.
    events : DataFrame, optional
        Bursts during taps, contact checks, MVC and practice never count.
    """
    duration_s = signals.shape[0] / sampling_frequency
    spans = sorted(
        (b.start_s, b.stop_s) for k in range(signals.shape[1]) for b in find_bursts(signals[:, k], sampling_frequency)
    )
    groups = _merge(spans, settings.rest_s)
    taken = _other_events(events) if events is not None else []
    groups = [g for g in groups if not any(a < g[1] and g[0] < b for a, b in taken)]
    before_s = REST_BEFORE_S if settings.task == "lift" else CYCLIC_BEFORE_S
    lifts: list[Lift] = []
    for i, (first_s, last_s) in enumerate(groups):
        previous_s = groups[i - 1][1] if i else 0.0
        next_s = groups[i + 1][0] if i + 1 < len(groups) else duration_s
        lifts.append(
            Lift(
                number=i + 1,
                side=side,
                start_s=max(first_s - before_s, min(previous_s, first_s), 0.0),
                stop_s=min(max(first_s + AFTER_START_S, min(last_s, first_s + AFTER_CUE_S)), next_s, duration_s),
            )
        )
    return lifts


def _merge(spans: Sequence[tuple[float, float]], rest_s: float) -> list[tuple[float, float]]:
    groups: list[tuple[float, float]] = []
    for start, stop in spans:
        if groups and start - groups[-1][1] < rest_s:
            groups[-1] = (groups[-1][0], max(groups[-1][1], stop))
        else:
            groups.append((start, stop))
    return groups


def _other_events(events: pd.DataFrame) -> list[tuple[float, float]]:
    spans = []
    for onset, length, name in zip(events["onset"], events["duration"], events["trial_type"], strict=True):
        if span := other_span(float(onset), float(length), str(name)):
            spans.append(span)
    return spans


def other_span(onset_s: float, length_s: float, trial_type: str) -> tuple[float, float] | None:
    """Return from when to when a tap, a contact check, an MVC or practice makes activity that is no lift.

    Examples
    --------
    >>> other_span(6.0, 0.0, "tap"), other_span(6.0, 0.0, "cue/R")
    ((5.8, 7.0), None)
    """
    kind, _ = split_trial_type(trial_type)
    if kind not in _OTHER_S:
        return None
    return onset_s - 0.2, onset_s + (length_s if math.isfinite(length_s) and length_s > 0 else _OTHER_S[kind])
