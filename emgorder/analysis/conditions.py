"""How a session was measured, as its result and its sidecar tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emgorder.analysis.result import SessionResult
from emgorder.model import SideResult
from emgorder.order.conditions import Conditions
from emgorder.sidecar_keys import DEVICE, INSTRUCTION, POSTURE

__all__ = ["conditions_of"]

_TEXT_LIMIT = 1600  # characters of what a sidecar says


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
        posture=_first(meta, POSTURE),
        instruction=_first(meta, INSTRUCTION),
        device=" ".join(text for key in DEVICE if (text := _text(meta.get(key)))),
        task=result.settings.task,
        method=result.settings.method,
        feedback=meta.get("feedback") == "training",
    )


def _first(meta: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((text for key in keys if (text := _text(meta.get(key)))), "")


def _text(value: object) -> str:
    return "" if value is None else str(value)[:_TEXT_LIMIT].strip()
