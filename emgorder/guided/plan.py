"""What is to be done in a test: who, which sides, how many lifts; each value checked before anything begins."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from emgorder.errors import SettingsError
from emgorder.guided import texts as t
from emgorder.model import Side
from emgorder.report.display import display_text

__all__ = ["LiftPlan", "new_pseudonym", "read_plan"]

_WORDS = ("heron", "otter", "maple", "river", "amber", "cedar", "finch", "lilac", "willow", "plover", "birch", "linnet")
_MOST_PAIN = 7
"""From here on the test is not done; *judged*: severe pain on the usual scale of 0 to 10."""

REST_S = 10.0
FOREPERIOD_S = (2.0, 4.0)
QUIET_S = 2.0
SET_SIZE, SET_PAUSE_S = 5, 60.0
"""Defaults of the protocol: 2 x 5 lifts as in Bruno & Bagust 2007, 10 s and 2 s of verified quiet before each tone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftPlan:
    """What is to be done.

    Attributes
    ----------
    pseudonym : str
        On files and reports.
    side : {"R", "L"}
        Tested first.
    both : bool
        Whether the other side is tested too.
    hamstring : {"BF", "ST"}
        Head under the electrodes.
    pain : int or None
        0 to 10, if it was asked.
    mode : {"assessment", "training"}
        Whether the order of each lift is shown when the set is over, or at once.
    n_lifts, n_practice : int
        A side.
    """

    pseudonym: str
    side: Literal["R", "L"] = "R"
    both: bool = True
    hamstring: Literal["BF", "ST"] = "BF"
    pain: int | None = None
    mode: Literal["assessment", "training"] = "assessment"
    n_lifts: int = 10
    n_practice: int = 3

    @property
    def other(self) -> Literal["R", "L"]:
        """The side that is tested second."""
        return "L" if self.side == "R" else "R"

    def labels(self, side: Side) -> tuple[str, str]:
        """Return the labels of a side's glute and hamstring."""
        return f"GMAX_{side}", f"{self.hamstring}_{side}"

    def meta(self, *, cued: bool = False) -> dict[str, Any]:
        """Return what the sidecar of a recording says of it; `cued`: with a cue to the glute."""
        return {
            "pseudonym": self.pseudonym,
            "TaskName": "prone leg lift",
            "Instructions": (t.CUED_INSTRUCTION if cued else t.LIFT_INSTRUCTION) + ".",
            "posture": "prone, knee straight, hip neutral",
            "EMGPlacementScheme": "SENIAM",
            "EMGReference": "ankle",
            "feedback": self.mode,
            **({} if self.pain is None else {"pain": self.pain}),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)


def new_pseudonym() -> str:
    """Return a word and a number that say nothing about anybody."""
    return f"{secrets.choice(_WORDS)}-{secrets.randbelow(90) + 10}"


def read_plan(values: Mapping[str, Any]) -> LiftPlan:
    """Return the plan that the values of a form ask for.

    Raises
    ------
    SettingsError
        A value cannot be; the message says which and why, or that this person should not be tested now.

    Examples
    --------
    >>> read_plan({"pseudonym": "heron-12", "side": "L", "pain": "2", "n_lifts": 8, "fit": True}).labels("L")
    ('GMAX_L', 'BF_L')
    """
    if not _flag(values.get("fit", False)):
        raise SettingsError(f"{t.SCREEN_STOP} {t.SCREEN_REMEDY}", key=t.SCREEN)
    pseudonym = display_text(values.get("pseudonym", ""), 40).strip() or new_pseudonym()
    pain = _pain(values.get("pain"))
    if pain is not None and pain >= _MOST_PAIN:
        raise SettingsError(f"{t.PAIN_STOP.format(pain=pain)} {t.SCREEN_REMEDY}", key=t.PAIN)
    return LiftPlan(
        pseudonym=pseudonym,
        side=_choice(values, "side", ("R", "L"), t.FIRST_SIDE),
        both=_flag(values.get("both", True)),
        hamstring=_choice(values, "hamstring", ("BF", "ST"), t.HEAD),
        pain=pain,
        mode=_choice(values, "mode", ("assessment", "training"), t.MODE),
        n_lifts=_whole(values.get("n_lifts", 10), t.COUNT, 1, 50),
    )


def _choice(values: Mapping[str, Any], key: str, allowed: tuple[str, ...], label: str) -> Any:
    value = values.get(key, allowed[0])
    if value not in allowed:
        raise SettingsError(f"{display_text(value)!r} is not one of {', '.join(allowed)}", key=label)
    return value


def _flag(value: Any) -> bool:
    return value is True or str(value).lower() in ("true", "yes", "on", "1", "y")


def _whole(value: Any, label: str, low: int, high: int) -> int:
    try:
        number = int(str(value).strip())
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise SettingsError(f"{display_text(value)!r}: give a whole number from {low} to {high}", key=label)
    return number


def _pain(value: Any) -> int | None:
    return None if value is None or not str(value).strip() else _whole(value, t.PAIN, 0, 10)
