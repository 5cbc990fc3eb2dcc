"""What the steps of a test share: where they lead, and the buttons that most of them have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from emgorder.guided import texts as t
from emgorder.guided.part import Part
from emgorder.guided.screens import Button

__all__ = [
    "AGAIN_BUTTON",
    "BACK_BUTTON",
    "NEXT_BUTTON",
    "NOTE_BUTTON",
    "SKIP_BUTTON",
    "SOUND_BUTTON",
    "START_BUTTON",
    "STOP_BUTTON",
    "UNDO_BUTTON",
    "Move",
    "columns_of",
    "leaving",
]

Move: TypeAlias = Literal["next", "back", "stop", "home", "again", "cued"]
"""``again`` and ``cued`` ask for another recording, the latter with a cue to the glute."""

NEXT_BUTTON = Button("next", t.NEXT, "primary", "space")
BACK_BUTTON = Button("back", t.BACK, "quiet", "b")
NOTE_BUTTON = Button("note", t.NOTE, "quiet", "n")
STOP_BUTTON = Button("stop", t.STOP_KEEP, "danger", "q")
START_BUTTON = Button("start", t.START, "primary", "space")
SKIP_BUTTON = Button("skip", t.SKIP)
AGAIN_BUTTON = Button("repeat", t.AGAIN, "quiet", "r")
UNDO_BUTTON = Button("undo", t.UNDO, "quiet", "u")
SOUND_BUTTON = Button("sound", t.SOUND_TEST)

_WAYS: Mapping[str, Move] = {"next": "next", "skip": "next", "back": "back", "stop": "stop"}


def leaving(do: str) -> Move | None:
    """Return where a button leads that leaves a step, None for one that does something in it.

    Examples
    --------
    >>> leaving("skip"), leaving("start")
    ('next', None)
    """
    return _WAYS.get(do)


def columns_of(part: Part, labels: Sequence[str]) -> list[int]:
    """Return the columns of the channels called so, in this order."""
    known = [channel.label for channel in part.engine.channels]
    return [known.index(label) for label in labels]
