"""How a session was measured, and why two that were measured differently are not compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from emgorder.muscles import MUSCLES

__all__ = ["Conditions", "obstacles", "shared_key", "which_visit"]

_SHOWN = 60  # characters of a value that a reason quotes

_WHAT: Mapping[str, str] = MappingProxyType(
    {
        "hamstring": "the recorded hamstring",
        "posture": "the posture",
        "instruction": "the instruction",
        "device": "the device",
        "task": "the movement",
        "method": "the onset method",
        "feedback": "the feedback during the lifts",
    }
)
DIFFERS = "{what} differs ({first}, then {second})"
UNKNOWN = "{what} is not known {where}"
EARLIER, LATER, BOTH = "at the earlier visit", "at the later visit", "at either visit"
SHOWN, NOT_SHOWN = "shown after each lift", "not shown after each lift"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What has to be alike before two visits may be compared; empty: nobody noted it.

    Attributes
    ----------
    hamstring : str
        ``BF``, ``ST``; ``HAM`` says that the head was not noted.
    posture, instruction, device : str
        As the sidecar has them. Case, spacing and a last full stop do not matter, nor the order of several devices.
    task : str
        ``lift`` or ``cyclic``.
    method : str
        Of the onsets.
    feedback : bool
        Whether the order was shown after each lift, which changes the next one.
    """

    hamstring: str = ""
    posture: str = ""
    instruction: str = ""
    device: str = ""
    task: str = "lift"
    method: str = "posterior"
    feedback: bool = False


def obstacles(
    first: Conditions, second: Conditions, *, ignoring: Collection[str] = (), unknown_is_alike: bool = False
) -> list[str]:
    """Return why two sessions may not be compared, in words; nothing where they may.

    Parameters
    ----------
    first, second : Conditions
        Of the two.
    ignoring : collection of str
        Conditions that may differ, because they are what is compared.
    unknown_is_alike : bool
        Take what nobody noted for the same: for sessions of one day, whose electrodes have not been moved.

    Examples
    --------
    >>> obstacles(Conditions("BF", "prone", "Lift.", "board"), Conditions("BF", "supine", "", "board"))
    ['the posture differs (prone, then supine)', 'the instruction is not known at the later visit']
    """
    found = []
    before, after = _values(first), _values(second)
    for key, what in _WHAT.items():
        if key in ignoring:
            continue
        if not (before[key] and after[key]):
            if not unknown_is_alike:
                found.append(UNKNOWN.format(what=what, where=which_visit(bool(before[key]), bool(after[key]))))
        elif before[key] != after[key]:
            found.append(DIFFERS.format(what=what, first=_shown(first, key), second=_shown(second, key)))
    return found


def shared_key(conditions: Conditions) -> tuple[str, ...] | None:
    """Return what sessions that may be compared share; None where a condition is not known."""
    values = _values(conditions)
    return tuple(values.values()) if all(values.values()) else None


def which_visit(known_before: bool, known_after: bool) -> str:
    """Return at which of two visits something is missing, in words."""
    return LATER if known_before else EARLIER if known_after else BOTH


def _values(conditions: Conditions) -> dict[str, str]:
    """Return the conditions so that equal ones are equal as text; empty where one is not known."""
    devices = sorted({_plain(name) for name in conditions.device.split(",")} - {""})
    return {
        "hamstring": "" if conditions.hamstring == "HAM" else _plain(conditions.hamstring),
        "posture": _plain(conditions.posture),
        "instruction": _plain(conditions.instruction),
        "device": ", ".join(devices),
        "task": _plain(conditions.task),
        "method": _plain(conditions.method),
        "feedback": SHOWN if conditions.feedback else NOT_SHOWN,
    }


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")


def _shown(conditions: Conditions, key: str) -> str:
    value = getattr(conditions, key)
    if key == "feedback":
        return SHOWN if value else NOT_SHOWN
    if key == "hamstring" and value in MUSCLES:
        return MUSCLES[value].name
    text = " ".join(str(value)[: 4 * _SHOWN].split()).rstrip(".")
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
