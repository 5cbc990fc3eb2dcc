"""How a session was measured, as its result and its sidecar tell."""

from __future__ import annotations

from emgorder.analysis.result import SessionResult
from emgorder.model import SideResult
from emgorder.order.conditions import Conditions
from emgorder.sidecar_keys import DEVICE, INSTRUCTION, POSTURE, first_said

__all__ = ["conditions_of"]


def conditions_of(result: SessionResult, side: SideResult) -> Conditions:
    """Return the conditions of one side of a session; what the sidecar does not tell is empty.

    Examples
    --------
    >>> import emgorder as eo
    >>> result = eo.analyse(eo.simulate_session(seed=1, n_lifts=2))
    >>> conditions_of(result, result.sides[0]).posture
    'knee straight, hip neutral'
    """
    meta = result.meta
    return Conditions(
        hamstring=side.hamstring,
        posture=first_said(meta, POSTURE),
        instruction=first_said(meta, INSTRUCTION),
        device=" ".join(text for key in DEVICE if (text := first_said(meta, (key,)))),
        task=result.settings.task,
        method=result.settings.method,
        feedback=meta.get("feedback") == "training",
    )
