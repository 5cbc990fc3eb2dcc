"""Two sessions of one person against each other: another instruction, or another visit."""

from __future__ import annotations

from emgorder.analysis.conditions import conditions_of
from emgorder.analysis.given import require_result
from emgorder.analysis.result import SessionResult
from emgorder.errors import SettingsError
from emgorder.model import Side, SideResult
from emgorder.order.conditions import obstacles
from emgorder.order.contrast import Contrast, contrast
from emgorder.sidecar_keys import PERSON

__all__ = ["compare_sessions"]


def compare_sessions(first: SessionResult, second: SessionResult, side: Side = "R") -> Contrast:
    """Return how the typical onset difference of a leg changed from one session to another of the same person.

    For the cue-response test: the session with the glute cue first, the neutral one second. A negative difference then
    says that the glute came earlier, relative to the hamstring, with the cue.

    Parameters
    ----------
    first, second : SessionResult
        Their difference is first minus second. The instruction may differ: that may be what is compared.
    side : {"R", "L", ""}
        Leg, empty where the sessions do not say which.

    Returns
    -------
    Contrast
        Without an interval, and with the reason, where the two cannot be compared: another hamstring, posture, device,
        movement, onset method or feedback, another person, or a side without probabilities. Visits on different days
        are compared by the follow-up, which also refuses what nobody noted.

    Raises
    ------
    SettingsError
        One of the sessions has no lifts of this side.

    Examples
    --------
    >>> import emgorder as eo
    >>> neutral = eo.analyse(eo.simulate_session(seed=1, n_lifts=6))
    >>> round(eo.compare_sessions(neutral, neutral).p_positive, 3)
    0.5
    """
    require_result(first, key="first")
    require_result(second, key="second")
    of_first, of_second = _side(first, side), _side(second, side)
    if reason := _why_not(first, second, of_first, of_second):
        return Contrast(rope_s=max(of_first.rope_s, of_second.rope_s), reason=reason)
    return contrast(of_first, of_second)


def _side(result: SessionResult, side: Side) -> SideResult:
    for found in result.sides:
        if found.side == side:
            return found
    there = ", ".join(repr(s.side) for s in result.sides) or "none"
    raise SettingsError(f"{result.name or 'a session'} has no side {side!r}, there is {there}", key="side")


def _why_not(first: SessionResult, second: SessionResult, of_first: SideResult, of_second: SideResult) -> str:
    who = [next((str(r.meta[key]) for key in PERSON if r.meta.get(key)), "") for r in (first, second)]
    if all(who) and who[0] != who[1]:
        return f"another person ({who[0]:.40} and {who[1]:.40}): compare sessions of one"
    how = conditions_of(first, of_first), conditions_of(second, of_second)
    return "; ".join(obstacles(*how, ignoring=("instruction",), unknown_is_alike=True))
