"""Results as events, so that other programs see them beside the signal."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from emgorder.arguments import require_kind, require_list
from emgorder.model import LiftResult, Recording

__all__ = ["with_onsets"]


def with_onsets(recording: Recording, lifts: Iterable[LiftResult]) -> Recording:
    """Return the recording with an event at each onset that was found, called ``onset/`` and the channel's label.

    An analysis pays no heed to such events; in BDF+ they are annotations.

    Parameters
    ----------
    recording : Recording
        What was analysed.
    lifts : iterable of LiftResult
        ``SessionResult.lift_results``. Lifts that do not count have no marks.

    Returns
    -------
    Recording
        With its events in order of time; marks that were there already are replaced.

    Examples
    --------
    >>> from emgorder import analyse, simulate_session
    >>> session = simulate_session(seed=1, n_lifts=1)
    >>> marked = with_onsets(session, analyse(session).lift_results)
    >>> sorted(name for name in marked.events["trial_type"] if name.startswith("onset/"))
    ['onset/BF_R', 'onset/GMAX_R']
    """
    require_kind(recording, Recording, key="recording", what="recording", remedy="give what was analysed")
    remedy = "give the lift_results of a result"
    lifts = require_list(lifts, LiftResult, key="lifts", what="lift", remedy=remedy)
    marks = [
        (muscle.onset.time_s, 0.0, f"onset/{muscle.channel}")
        for lift in lifts
        if lift.valid
        for muscle in lift.muscles
        if math.isfinite(muscle.onset.time_s)
    ]
    kept = recording.events[~recording.events["trial_type"].astype(str).str.startswith("onset/")]
    rows = pd.DataFrame(marks, columns=["onset", "duration", "trial_type"])
    events = pd.concat([kept, rows], ignore_index=True) if marks and len(kept) else (rows if marks else kept)
    events = events.sort_values("onset", kind="stable", ignore_index=True)
    return replace(recording, events=events)
