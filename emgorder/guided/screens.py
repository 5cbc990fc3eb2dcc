"""What a guided test shows: one screen at a time, in words and plain values, for any terminal or page.

A screen is whole: whoever connects late, or again, needs nothing but the last one. Times are seconds of the test's
clock (:class:`Screen` carries ``now_s``), or of the signal where it is about samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, TypeAlias

from emgorder.model import FloatArray, Side

__all__ = [
    "Button",
    "Card",
    "Check",
    "Choice",
    "Field",
    "Light",
    "OnsetMark",
    "PastTest",
    "RailStep",
    "Ring",
    "Screen",
    "SideView",
    "State",
    "StepName",
    "Tone",
    "Traces",
    "plain",
]

StepName: TypeAlias = Literal[
    "home",
    "new",
    "place",
    "connect",
    "contact",
    "rest",
    "mvc",
    "practice",
    "lifts",
    "other",
    "report",
    "exercises",
    "follow",
]
State: TypeAlias = Literal["ok", "attention", "stop", "info", "wait"]
"""Shown by shape and word, never by colour alone: ✓, !, ✕, i, …"""


@dataclass(frozen=True, slots=True)
class RailStep:
    """A step in the rail: ``id``, words, and whether it is done, now or to come."""

    id: StepName
    label: str
    status: Literal["done", "now", "todo"]


@dataclass(frozen=True, slots=True)
class Button:
    """Something to do. ``key`` is the key that does it too: ``space`` is the primary one, ``r``, ``q``, ``b``, ..."""

    do: str
    label: str
    role: Literal["primary", "quiet", "danger"] = "quiet"
    key: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values of a field, with its words."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """Something to fill in; ``many`` chooses several of ``choices`` (its value is a tuple of str)."""

    name: str
    label: str
    kind: Literal["text", "longtext", "choice", "many", "number", "flag"]
    value: Any = ""
    choices: tuple[Choice, ...] = ()
    help: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """Something that was looked at: how it is, in words, and what to do next."""

    state: State
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Light:
    """How a sensor does: name, state, link, what to say of it; battery in percent, loss as a share."""

    sensor: str
    title: str
    state: State
    text: str
    battery: int | None = None
    loss: float = 0.0


@dataclass(frozen=True, slots=True)
class Ring:
    """What a ring shows while it fills from ``start_s`` (test's clock) for ``length_s``; NaN length: it waits."""

    phase: Literal["settle", "foreperiod", "lift", "hold", "lower", "rest", "work"]
    label: str
    start_s: float = math.nan
    length_s: float = math.nan
    count: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One lift: its line (``Lift 4/10 · hamstring first · 62 ms``), and whether it counts.

    ``difference_ms`` with ``low_ms`` and ``high_ms`` are NaN while it is kept back (assessment) or unknown.
    """

    id: int
    side: Side
    line: str
    state: State
    counted: bool
    undone: bool = False
    difference_ms: float = math.nan
    low_ms: float = math.nan
    high_ms: float = math.nan


@dataclass(frozen=True, slots=True)
class OnsetMark:
    """A found onset to draw in the traces: strip, seconds of the signal, 90 % interval."""

    label: str
    time_s: float
    low_s: float
    high_s: float


@dataclass(frozen=True, slots=True)
class SideView:
    """The verdict of a side: label (``RIGHT``), headline, sentences, verdict's name, and a dot chart as SVG.

    ``possible`` is False where the data cannot carry a verdict whatever the lifts say.
    """

    label: str
    headline: str
    details: tuple[str, ...]
    verdict: str
    chart: str = ""
    possible: bool = True


@dataclass(frozen=True, slots=True)
class PastTest:
    """A test in the folder of sessions: id, pseudonym, when, verdicts in words, and what can be done with it."""

    id: str
    pseudonym: str
    when: str
    lines: tuple[str, ...]
    state: Literal["finished", "unfinished", "unreadable"]
    actions: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """Everything that is shown at a moment.

    Attributes
    ----------
    step : str
        Which of the steps this is.
    title, instruction : str
        Name of the step, and the one instruction in large letters.
    header : str
        Status line: side, mode, pseudonym.
    lines : tuple of str
        Further words, in normal size.
    details : tuple of str
        Words that fold out.
    picture : tuple of str
        Channel labels whose placement is to be drawn (``GMAX_R``, ``BF_R``).
    steps : tuple of RailStep
        The rail.
    traces : bool
        Whether the strips are shown.
    ring : Ring or None
        During lifts and timed steps.
    checks, faults : tuple of Check
        What was looked at, and what is wrong now (shown on every step until it is right again).
    lights : tuple of Light
        One a sensor.
    fields : tuple of Field
        To fill in; values go with the next command.
    buttons : tuple of Button
        The first with the role primary is the large one.
    cards : tuple of Card
        Lifts so far.
    onsets : tuple of OnsetMark
        To draw in the strips.
    sides : tuple of SideView
        Verdicts.
    past : tuple of PastTest
        Earlier tests.
    files : tuple of str
        What was written, and where.
    report : str
        Id of the test whose report can be opened, empty where there is none.
    simulated, replayed : bool
        Whether this is no real person, or no live one: always shown.
    now_s, speed : float
        The test's clock when this was made, and how fast it runs.
    number : int
        Counts screens; a later one replaces all before it.
    turn : int
        Counts the buttons that were taken: what is pressed goes with the turn that it was seen in, so that two pages
        that press at once are one press.
    """

    step: StepName
    title: str
    instruction: str = ""
    header: str = ""
    lines: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    picture: tuple[str, ...] = ()
    steps: tuple[RailStep, ...] = ()
    traces: bool = False
    ring: Ring | None = None
    checks: tuple[Check, ...] = ()
    faults: tuple[Check, ...] = ()
    lights: tuple[Light, ...] = ()
    fields: tuple[Field, ...] = ()
    buttons: tuple[Button, ...] = ()
    cards: tuple[Card, ...] = ()
    onsets: tuple[OnsetMark, ...] = ()
    sides: tuple[SideView, ...] = ()
    past: tuple[PastTest, ...] = ()
    files: tuple[str, ...] = ()
    report: str = ""
    simulated: bool = False
    replayed: bool = False
    now_s: float = 0.0
    speed: float = 1.0
    number: int = 0
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Tone:
    """A sound for now: one for "lift", two lower ones for "relax", a click to tap by, and a test of the volume."""

    kind: Literal["lift", "relax", "tap", "test"]
    t_s: float


@dataclass(frozen=True, eq=False, slots=True)
class Traces:
    """New columns of the strips: minimum, maximum and envelope in each step of ``step_s``, NaN where samples are lost.

    Arrays have the shape (n_steps, n_channels); ``start_s`` is of the signal; µV, or a.u. ``rest`` and ``most`` are
    what each strip is scaled by: its level at rest, and that of the largest lift so far.
    """

    labels: tuple[str, ...]
    start_s: float
    step_s: float
    low: FloatArray
    high: FloatArray
    envelope: FloatArray
    unit: tuple[str, ...]
    rest: tuple[float, ...]
    most: tuple[float, ...]


def plain(value: Any) -> Any:
    """Return nouns of this module as JSON can hold them; NaN becomes None.

    Examples
    --------
    >>> plain(Ring("lift", "Lift"))
    {'phase': 'lift', 'label': 'Lift', 'start_s': None, 'length_s': None, 'count': ''}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return plain(value.tolist()) if hasattr(value, "tolist") else value
